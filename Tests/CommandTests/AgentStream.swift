import Foundation
import Records
import TestSupport

/// Streams for jam-agent, and the command that runs it.
enum AgentStream {
  /// Short plans and no listening period, so that a debug build answers at once.
  static let command = "jam-agent --lookahead 1 --commit 1 --silence 0"

  static let header = """
    {"t":0,"type":"header","format":"jam","version":1,"tempo":120,"meter":"4/4",\
    "frames_per_beat":4,"producer":"test","source":"test"}
    """

  /// The last line of a stream that does not break off.
  static let end = #"{"t":9007199254740991,"type":"end","reason":"eof"}"#

  static func tick(_ frame: Int) -> String {
    #"{"t":\#(frame * 125_000),"type":"tick","frame":\#(frame)}"#
  }

  /// The lines of a stream with a melody of one note a beat.
  static func lines(frames: Int = 24) -> [String] {
    let tune = [60, 64, 67, 65, 62, 59]
    var lines = [header]
    for frame in 0..<frames {
      lines.append(tick(frame))
      let note = tune[frame / 4 % tune.count]
      if frame % 4 == 0 {
        lines.append(
          #"{"t":\#(frame * 125_000),"type":"note_on","ch":1,"note":\#(note),"vel":90}"#)
      } else if frame % 4 == 3 {
        lines.append(
          #"{"t":\#(frame * 125_000 + 90_000),"type":"note_off","ch":1,"note":\#(note),"vel":0}"#)
      }
    }
    return lines
  }

  static func data(_ lines: [String]) -> Data {
    Data(lines.map { $0 + "\n" }.joined().utf8)
  }

  /// The plans in lines of a stream.
  static func plans(_ lines: [String]) throws -> [Plan] {
    try records(lines).compactMap { if case .plan(let plan) = $0.event { plan } else { nil } }
  }

  /// The records in lines of a stream.
  static func records(_ lines: [String]) throws -> [Record] {
    var reader = RecordReader(rules: nil)
    reader.feed([UInt8](data(lines)))
    var records: [Record] = []
    while let line = try reader.next() { records.append(line.record) }
    return records
  }

  static func isPlan(_ line: String) -> Bool { line.contains(#""type":"plan""#) }
  static func areSettings(_ line: String) -> Bool { line.contains(#""type":"settings""#) }
}

extension ToolRunner.Outcome {
  /// The lines that the agent passed on from its input, without the end.
  var passedOn: [String] {
    lines.filter {
      !AgentStream.isPlan($0) && !AgentStream.areSettings($0) && $0 != AgentStream.end
    }
  }
  /// The plans that it added.
  var planLines: [String] { lines.filter(AgentStream.isPlan) }
}
