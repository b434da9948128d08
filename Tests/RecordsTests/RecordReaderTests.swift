import Music
import Records
import TestSupport
import Testing

@Suite struct RecordReaderTests {
  static let header = #"{"t":0,"type":"header","format":"jam","version":1}"# + "\n"

  /// Feeds `input` in blocks of a size. Returns the lines, and the error if there is one.
  func read(
    _ input: String, blockSize: Int = .max, rules: StreamRules? = StreamRules()
  ) -> (lines: [Line], error: RecordError?) {
    var reader = RecordReader(rules: rules)
    var rest = Array(input.utf8)[...]
    var lines: [Line] = []
    do throws(RecordError) {
      while !rest.isEmpty {
        reader.feed(Array(rest.prefix(blockSize)))
        rest = rest.dropFirst(blockSize)
        while let line = try reader.next() { lines.append(line) }
      }
      reader.finish()
      while let line = try reader.next() { lines.append(line) }
    } catch {
      #expect(throws: error) { try reader.next() }
      return (lines, error)
    }
    return (lines, nil)
  }

  @Test("reads the same lines from blocks of any size", arguments: 1...70)
  func blocksOfAnySize(blockSize: Int) {
    let input =
      Self.header + #"{"t":5,"type":"tick","frame":0}"# + "\r\n"
      + #"  {"type":"lyric","t":6,"x":[1, 2]}"# + "\n" + #"{"t":6,"type":"tick","frame":1}"#
    let (lines, error) = read(input, blockSize: blockSize)
    #expect(error == nil)
    #expect(lines.map(\.number) == [1, 2, 3, 4])
    #expect(lines.flatMap(\.bytes) == Array((input + "\n").utf8))
    #expect(
      lines.map(\.record.event) == [
        .header(Header(producer: "", source: "")), .tick(Frame(0)), .unknown(type: "lyric"),
        .tick(Frame(1)),
      ])
  }

  @Test(
    "names the line of an error",
    arguments: [
      ("", 0, nil),
      (header, 1, nil),
      (#"{"t":0,"type":"tick","frame":0}"#, 0, "1: expected a header as the first record"),
      (
        header + header, 1,
        "2: second header: a stream has one, so recordings cannot be joined end to end"
      ),
      (
        header + #"{"t":9,"type":"tick","frame":0}"# + "\n" + #"{"t":8,"type":"x"}"#, 2,
        #"3: time goes back from 9 to 8 in "t""#
      ),
      (header + "\n" + header, 1, "2: expected a record, found a blank line"),
      (header + "  \n", 1, "2: expected a record, found a blank line"),
      (
        header + #"{"t":9,"type":"tick","fr"#, 1,
        "2: expected the rest of a string at column 25, found the end of the line"
      ),
      (header + "zz\n" + header, 1, #"2: expected a JSON object at column 1, found "z""#),
      (
        #"{"t":0,"type":"header","format":"jam","version":2}"#, 0,
        #"1: expected version 1 in "version", found 2"#
      ),
    ] as [(String, Int, String?)])
  func errorsNameTheirLine(input: String, count: Int, expected: String?) {
    let (lines, error) = read(input)
    #expect(lines.count == count)
    #expect(error.map { "\($0.line): \($0.message)" } == expected)
  }

  @Test("accepts any sequence of records without rules")
  func withoutRules() {
    let tick = #"{"t":9,"type":"tick","frame":0}"# + "\n"
    let (lines, error) = read(tick + Self.header + Self.header, rules: nil)
    #expect(lines.count == 3)
    #expect(error == nil)
  }

  @Test("keeps the header")
  func theHeaderIsKept() throws {
    var reader = RecordReader()
    #expect(reader.header == nil)
    reader.feed(Array(Self.header.utf8))
    _ = try reader.next()
    #expect(reader.header == Header(producer: "", source: ""))
  }

  /// A marker whose line has a number of bytes with its newline.
  func marker(bytes count: Int) -> String {
    let empty = #"{"t":0,"type":"marker","text":""}"#
    let text = String(repeating: "x", count: count - empty.utf8.count - 1)
    return #"{"t":0,"type":"marker","text":"\#(text)"}"#
  }

  @Test("refuses lines longer than 4,096 bytes", arguments: [1, 1000, 65_536])
  func linesAreLimited(blockSize: Int) {
    let longest = marker(bytes: 4096)
    for input in [Self.header + longest + "\n", Self.header + longest] {
      let (lines, error) = read(input, blockSize: blockSize)
      #expect(lines.count == 2)
      #expect(error == nil)
    }
    for input in [Self.header + marker(bytes: 4097) + "\n", Self.header + marker(bytes: 4097)] {
      let (lines, error) = read(input, blockSize: blockSize)
      #expect(lines.count == 1)
      #expect(error?.line == 2)
      #expect(error?.message == "line longer than 4096 bytes with its newline")
    }
  }

  @Test("refuses an endless line before its end")
  func anEndlessLineIsRefused() throws {
    var reader = RecordReader()
    for _ in 0..<4095 { reader.feed([UInt8(ascii: " ")]) }
    #expect(try reader.next() == nil)
    reader.feed([UInt8(ascii: " ")])
    #expect(throws: RecordError.self) { try reader.next() }
  }

  @Test("reads or refuses broken lines without a crash", arguments: 0..<10)
  func brokenLines(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let splinters = Array(#""\{}[]:,-.0eE+ntu"#.utf8) + [0, 10, 0x80, 0xC3, 0xED, 0xF4, 0xFF]
    for _ in 0..<2000 {
      var line = RecordPrinter().line(.random(using: &generator))
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let index = Int.random(in: 0..<line.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: line[index] = splinters.randomElement(using: &generator)!
        case 1: line.insert(splinters.randomElement(using: &generator)!, at: index)
        case 2: line.removeSubrange(index..<min(index + 1 + Int(generator.next() % 5), line.count))
        case 3: line[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        default: line.removeSubrange((index + 1)...)
        }
        if line.isEmpty { line = [10] }
      }
      // An accepted record can be printed and read again.
      guard let record = try? Record(parsing: line) else { continue }
      let printed = RecordPrinter().line(record)
      #expect(throws: Never.self, "seed \(seed): \(text(line))") {
        try Record(parsing: printed)
      }
    }
  }
}
