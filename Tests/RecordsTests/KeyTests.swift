import Testing

@testable import Records

@Suite struct KeyTests {
  @Test("finds every key by its name", arguments: Key.allCases) func everyKeyIsFound(key: Key) {
    let name = UnsafeRawBufferPointer(
      start: key.name.utf8Start, count: key.name.utf8CodeUnitCount)
    #expect(Key(name) == key)
  }

  @Test("has room for every key")
  func fieldsHaveRoom() {
    #expect(Key.allCases.map(\.rawValue) == Array(Fields().values.indices))
  }
}
