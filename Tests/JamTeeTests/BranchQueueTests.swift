import Records
import TestSupport
import Testing

@testable import jam_tee

/// Lines of 40 bytes each, and what a queue gives, drawn as text.
///
/// `h` is a header, `0` to `9` are ticks at that time, `a` to `d` are settings at times 1 to 4, `e`
/// is an `end` at time 9, `?` a line that is no record. A `stat` of the queue is drawn as `(3@7)`:
/// three lines dropped, at time 7.
private enum Drawing {
  static let length = 40

  static func line(_ symbol: Character) -> [UInt8] {
    let text =
      switch symbol {
      case "h": #"{"t":0,"type":"header","version":1}"#
      case "e": #"{"t":9,"type":"end","reason":""}"#
      case "?": "?"
      case "a"..."d":
        #"{"t":\#(symbol.asciiValue! - 96),"type":"settings"}"#
      default: #"{"t":\#(symbol),"type":"tick","frame":\#(symbol)}"#
      }
    return Array(text.utf8)
      + Array(repeating: UInt8(ascii: " "), count: length - text.utf8.count - 1)
      + [UInt8(ascii: "\n")]
  }

  static func symbols(_ bytes: [UInt8]) -> String {
    bytes.split(separator: UInt8(ascii: "\n")).map { line in
      let found = "h0123456789abcde?".first { Self.line($0).dropLast() == line[...] }
      if let found { return String(found) }
      guard let record = try? Record(parsing: Array(line)), case .stat(let counters) = record.event,
        counters.count == 1, counters[0].name == "dropped"
      else { return "<\(String(decoding: line, as: UTF8.self))>" }
      return "(\(Int(counters[0].value))@\(record.time.rawValue))"
    }.joined()
  }
}

/// What a queue with room for a number of lines gives. A space takes all, a point takes one batch,
/// and any other character adds a line.
private func trace(_ input: String, room: Int) -> (given: String, dropped: Int, left: Int) {
  var queue = BranchQueue(capacity: room * Drawing.length)
  var given = ""
  for symbol in input {
    switch symbol {
    case ".": given += queue.next().map { Drawing.symbols($0.bytes) } ?? "-"
    case " ":
      while let batch = queue.next() { given += Drawing.symbols(batch.bytes) }
      given += " "
    default: queue.append(Drawing.line(symbol))
    }
  }
  return (given, queue.dropped, queue.lineCount)
}

@Suite struct BranchQueueTests {
  /// Pieces of 64 KiB, as the line cutter gives them.
  @Test("a line without end takes no more room than there is, and is counted in pieces")
  func endlessLinesAreBounded() {
    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: LineCutter.longest)
    var queue = BranchQueue(capacity: 4 * piece.count)
    for _ in 0..<50 { queue.append(piece) }
    // The first piece is kept as a header would be.
    #expect(queue.dropped == 45)
    var left = 0
    while let batch = queue.next() { left += batch.lineCount == 0 ? 0 : batch.bytes.count }
    #expect(left == 5 * piece.count)
  }

  struct Case: CustomTestStringConvertible {
    var input: String
    var given: String
    var dropped = 0
    var left = 0
    var testDescription: String { input }
  }

  @Test(
    "drops the oldest lines and puts a stat in their place",
    arguments: [
      // A branch that keeps up gets all lines.
      Case(input: "h 0 1 2 e ", given: "h 0 1 2 e "),
      Case(input: "h01 2e ", given: "h01 2e "),
      Case(input: ".h..", given: "-h-"),
      // The oldest lines are dropped, and a stat takes their place.
      Case(input: "h 0123 45 ", given: "h (1@0)123 45 ", dropped: 1),
      Case(input: "h 01234567 8 ", given: "h (5@4)567 8 ", dropped: 5),
      Case(input: "h 0123 4567 ", given: "h (1@0)123 (1@4)567 ", dropped: 2),
      // Lines dropped before and after a batch was taken are counted apart.
      Case(input: "h 0123.4. 5 ", given: "h (1@0)(1@1)234 5 ", dropped: 2),
      // The header is kept for a late reader, and the stat comes after it.
      Case(input: "h012345 ", given: "h(3@2)345 ", dropped: 3),
      Case(input: "h0123.456 ", given: "h(4@3)456 ", dropped: 4),
      // The end is kept, even if more lines than there is room for follow it.
      Case(input: "h 0123e ", given: "h (2@1)23e ", dropped: 2),
      Case(input: "h 0e9999 ", given: "h (1@0)e(1@9)999 ", dropped: 2),
      Case(input: "h0e9999 ", given: "h(1@0)e(1@9)999 ", dropped: 2),
      // The latest settings are kept in their place. Earlier ones join the gaps around them.
      Case(input: "h 0a2345 ", given: "h (1@0)a(1@2)345 ", dropped: 2),
      Case(input: "h 0ab345 ", given: "h (2@1)b345 ", dropped: 2),
      Case(input: "h 0a1b3c567 ", given: "h (5@3)c567 ", dropped: 5),
      Case(input: "h a123b ", given: "h a(1@1)23b ", dropped: 1),
      Case(input: "ha0123 ", given: "ha(1@0)123 ", dropped: 1),
      // Only one end is kept: memory stays bounded.
      Case(input: "h eeeeee ", given: "h e(2@9)eee ", dropped: 2),
      // A line that is no record has no time of its own.
      Case(input: "h 0?1234 ", given: "h (3@1)234 ", dropped: 3),
      Case(input: "h 1?234 ", given: "h (2@1)234 ", dropped: 2),
      Case(input: "h ?123 ", given: "h (1@0)123 ", dropped: 1),
      // Lines that nobody takes are left.
      Case(input: "h 012", given: "h ", left: 3),
      Case(input: "h01234.", given: "h", dropped: 2, left: 3),
      Case(input: "h01234", given: "", dropped: 2, left: 4),
    ]) func dropsTheOldest(wanted: Case)
  {
    let found = trace(wanted.input, room: 3)
    #expect(found.given == wanted.given)
    #expect(found.dropped == wanted.dropped)
    #expect(found.left == wanted.left)
  }

  @Test("keeps the newest line, however long it is")
  func theNewestLineStaysHoweverLongItIs() {
    var queue = BranchQueue(capacity: 4)
    queue.append(Drawing.line("h"))
    queue.append(Drawing.line("1"))
    queue.append(Drawing.line("2"))
    #expect(queue.next()?.bytes == Drawing.line("h"))
    #expect(queue.next().map { Drawing.symbols($0.bytes) } == "(1@1)")
    #expect(queue.next()?.bytes == Drawing.line("2"))
    #expect(queue.next() == nil)
  }

  /// A pipe takes 4,096 bytes whole or not at all, so nobody gets part of a line.
  @Test(
    "gives whole lines, as many as one write never tears",
    arguments: [
      ([40, 40], [80]), ([4096], [4096]), ([4000, 96, 1], [4096, 1]), ([4000, 97], [4000, 97]),
      ([1, 5000, 2], [1, 5000, 2]), ([4095, 4097], [4095, 4097]),
    ]) func givesWholeLinesInBatches(lengths: [Int], wanted: [Int])
  {
    var queue = BranchQueue(capacity: 1 << 20)
    queue.append(
      lengths.flatMap { Array(repeating: UInt8(ascii: "x"), count: $0 - 1) + [UInt8(ascii: "\n")] })
    var found: [Int] = []
    while let batch = queue.next() { found.append(batch.bytes.count) }
    #expect(found == wanted)
  }

  @Test("counts an unfinished last line")
  func anUnfinishedLastLineCounts() {
    var queue = BranchQueue(capacity: 100)
    queue.append(Array("a\nb".utf8))
    #expect(queue.lineCount == 2)
    #expect(queue.next() == BranchQueue.Batch(bytes: Array("a\n".utf8), lineCount: 1))
    #expect(queue.next() == BranchQueue.Batch(bytes: Array("b".utf8), lineCount: 1))
    #expect(queue.isEmpty)
  }

  /// Times also stay in order, and memory is bounded.
  @Test("gives or counts as dropped every line that was added", arguments: 0..<20)
  func accountsForEveryLine(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let room = Int.random(in: 1...2000, using: &random)
    var queue = BranchQueue(capacity: room)
    var (added, given): ([String], [String]) = ([], [])
    var counted = 0
    for number in 0..<2000 {
      let isMore = Int.random(in: 0..<(number % 400 < 200 ? 2 : 8), using: &random) != 0
      if isMore, number < 1999 {
        let pad = String(repeating: "x", count: .random(in: 0...60, using: &random))
        let type = number == 1500 ? #""end","reason":"\#(pad)""# : #""marker","text":"\#(pad)""#
        added.append(#"{"t":\#(number),"type":\#(type)}"#)
        queue.append(Array((added.last! + "\n").utf8))
      } else if let batch = queue.next() {
        given += String(decoding: batch.bytes, as: UTF8.self).split(separator: "\n").map(
          String.init)
        counted += batch.lineCount
      }
    }
    counted += queue.lineCount
    while let batch = queue.next() {
      given += String(decoding: batch.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
    let stats = given.filter { $0.contains("dropped") }
    let lines = given.filter { !$0.contains("dropped") }
    #expect(lines.count == counted && counted + queue.dropped == added.count)
    #expect(stats.count > 0 || queue.dropped == 0)
    #expect(lines.first == added.first && lines.last == added.last)
    #expect(lines.contains { $0.contains("end") } == added.contains { $0.contains("end") })
    let order = Dictionary(uniqueKeysWithValues: zip(added, added.indices))
    let places = lines.compactMap { order[$0] }
    #expect(places.count == lines.count && places == places.sorted())
    let times = try given.map { try Record(parsing: $0).time }
    #expect(times == times.sorted())
  }
}
