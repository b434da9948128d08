import CommandSupport
import JSONText
import Music
import Records
import StreamChecking

/// Checks one stream, and prints what it finds.
struct CheckSession: ~Copyable {
  private var input: CheckedInput
  private let isJSON: Bool
  private let output = Output()

  init(_ input: consuming CheckedInput, isJSON: Bool) {
    self.input = input
    self.isJSON = isJSON
  }

  /// Returns whether the stream has no breach.
  mutating func run() throws(Failure) -> Bool {
    var check = StreamCheck()
    var lines = LineSplitter(longest: Limits.line)
    while let block = try input.next() {
      for line in lines.feed(block) { try write(check.receive(line)) }
    }
    if let last = lines.finish() { try write(check.receive(last)) }
    try write(check.finish())
    try write(check.summary)
    return check.summary.breaches == 0
  }

  private func write(_ breaches: [Breach]) throws(Failure) {
    for breach in breaches {
      if isJSON {
        try write(breach.json(input.name).description)
      } else {
        try write("\(input.name):\(breach.line): \(breach.rule): \(breach.message)".printable())
      }
    }
  }

  private func write(_ summary: StreamSummary) throws(Failure) {
    try write(isJSON ? summary.json(input.name).description : summary.text(input.name).printable())
  }

  private func write(_ line: String) throws(Failure) {
    try output.write(line: Array((line + "\n").utf8))
  }
}

extension Breach {
  fileprivate func json(_ name: String) -> JSON {
    [
      "file": .text(name), "line": .integer(line), "rule": .text(rule.rawValue),
      "message": .text(message),
    ]
  }
}

extension StreamSummary {
  /// The number of microseconds from the first record to the last.
  private var duration: Int64 {
    times.map { ($0.upperBound - $0.lowerBound).rawValue } ?? 0
  }

  /// The types that occur, the most frequent first.
  private var counts: [(name: String, count: Int)] {
    types.map { (name: $0.key, count: $0.value) }.sorted {
      ($1.count, $0.name) < ($0.count, $1.name)
    }
  }

  /// One line: `take.jsonl: 3 records in 0.25 s: 2 tick, 1 header; 0 ticks without a plan; 0
  /// breaches`
  fileprivate func text(_ name: String) -> String {
    let seconds = Double(duration / 10_000) / 100
    let types = counts.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
    return "\(name): \(counted(records, "record")) in \(seconds) s"
      + (types.isEmpty ? "" : ": \(types)")
      + "; \(counted(missed, "missed tick")); \(counted(breaches, "breach", "breaches"))"
  }

  private func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    "\(count) \(count == 1 ? one : many ?? one + "s")"
  }

  fileprivate func json(_ name: String) -> JSON {
    [
      "file": .text(name), "lines": .integer(lines), "records": .integer(records),
      "duration_us": .integer(Int(duration)),
      "types": .object(counts.map { ($0.name, .integer($0.count)) }),
      "missed": .integer(missed), "breaches": .integer(breaches),
    ]
  }
}
