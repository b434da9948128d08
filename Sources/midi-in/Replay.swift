import CommandSupport
import Music
import RealTime
import Records

/// Plays a recorded stream. Its lines stay as they are, except for times and tempi at another
/// speed.
enum Replay {
  /// Passes the records on until the input ends or the tool has to stop.
  static func play(
    _ input: inout InputBytes, on player: inout TunePlayer, speed: Double
  ) throws(Failure) {
    var reader = RecordReader()
    while let block = try input.next() {
      if block.isEmpty { reader.finish() } else { reader.feed(block) }
      do {
        while let line = try reader.next() {
          let retimed = RetimedLine(line, speed: speed)
          guard try play(retimed, on: &player) else { return try player.breakOff(reason: .stopped) }
        }
      } catch let error as RecordError {
        // The notes so far must not sound on.
        try player.breakOff(reason: "error")
        throw .badData(input.name, error)
      } catch {
        throw error as! Failure
      }
      if block.isEmpty {
        guard !reader.hasEnd, reader.lineCount > 0 else { return }
        return remarkBreakOff("midi-in", input: input.name, line: reader.lineCount)
      }
    }
    try player.breakOff(reason: .stopped)
  }

  private static func play(_ line: RetimedLine, on player: inout TunePlayer) throws(Failure) -> Bool
  {
    if case .header = line.record.event, let epoch = player.begin(headerTime: line.record.time) {
      return try player.play(line.record, line: line.bytes(with: epoch))
    }
    return try player.play(line.record, line: line.bytes)
  }
}

extension String {
  /// The reason in the `end` record after a signal.
  static let stopped = "interrupted"
}

/// A line of a recording, with its time and tempo at another speed.
struct RetimedLine {
  private(set) var record: Record
  private(set) var bytes: [UInt8]

  init(_ line: Line, speed: Double) {
    record = line.record
    bytes = line.bytes
    guard speed != 1 else { return }
    let time = (Double(record.time.rawValue) / speed).rounded()
    record.time = Microseconds(Int64(min(time, Double(Limits.time.upperBound))))
    var edits = [("t", SettingValue.number(Double(record.time.rawValue)))]
    switch record.event {
    case .header(var header):
      header.tempo = (header.tempo * speed).clamped(to: Limits.tempo)
      record.event = .header(header)
      edits.append(("tempo", .number(header.tempo)))
    case .tempo(let frame, let tempo):
      let tempo = (tempo * speed).clamped(to: Limits.tempo)
      record.event = .tempo(frame: frame, beatsPerMinute: tempo)
      edits.append(("value", .number(tempo)))
    default:
      break
    }
    bytes = edited(edits)
  }

  /// The line of the header with a new epoch.
  func bytes(with epoch: Epoch) -> [UInt8] {
    guard case .header(var header) = record.event else { return bytes }
    header.setEpoch(epoch)
    var line = self
    line.record.event = .header(header)
    guard header.epoch != nil else { return RecordPrinter().line(line.record) }
    return line.edited([
      ("epoch_us", .number(Double(epoch.monotonic.rawValue))), ("wall", .text(epoch.wall)),
    ])
  }

  private func edited(_ edits: [(name: String, value: SettingValue)]) -> [UInt8] {
    var bytes = bytes
    for edit in edits { bytes.setField(edit.name, to: edit.value) }
    // A line that is too long now is printed anew, without unknown fields.
    return bytes.count <= Limits.line ? bytes : RecordPrinter().line(record)
  }
}

extension Double {
  func clamped(to range: ClosedRange<Double>) -> Double {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
