import Testing

@testable import Records

@Suite struct KeyTests {
  @Test(arguments: Key.allCases) func `every key is found by its name`(key: Key) {
    let name = UnsafeRawBufferPointer(
      start: key.name.utf8Start, count: key.name.utf8CodeUnitCount)
    #expect(Key(name) == key)
  }

  @Test func `fields have room for every key`() {
    #expect(Key.allCases.map(\.rawValue) == Array(Fields().values.indices))
  }
}
