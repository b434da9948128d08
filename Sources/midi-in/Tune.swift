import MidiFile
import Music
import Records

/// A tune to be played. Its positions are in frames from its first bar line.
struct Tune: Hashable, Sendable {
  static let framesPerBeat = 4

  var notes: [PlacedNote]
  /// Controllers, programs, bends and markers, in order.
  var others: [PlacedEvent]
  var tempi: TuneTempi
  /// In order; the first is at frame 0.
  var meters: [Change<Meter>]
  /// In frames: a whole number of bars.
  var length: Int

  /// The part of the tune in a range of frames, which begins and ends with a bar line.
  ///
  /// Notes that begin before `firstNote` are left out, and notes that last beyond the end are cut
  /// off. A note that begins a little before the bar line begins there, and ends where it did.
  /// - Parameter chasing: whether the controllers, programs and bends in force at the beginning are
  ///   set there.
  func slice(_ range: Range<Int>, firstNote: Int? = nil, chasing: Bool) -> Tune {
    let first = firstNote ?? range.lowerBound
    let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
    var slice = self
    slice.notes = notes.filter { first..<range.upperBound ~= $0.frame && $0.off > low }.map {
      note in
      var note = note
      note.on = max(note.on, low) - low
      note.off = min(note.off, high) - low
      return note
    }
    slice.others = others.filter { low <= $0.position && $0.position < high }
    if chasing { slice.others.insert(contentsOf: settings(before: low), at: 0) }
    for index in slice.others.indices { slice.others[index].position -= low }
    slice.tempi = tempi.slice(range)
    slice.meters = meters.slice(range)
    slice.length = range.count
    return slice
  }

  /// The controllers, programs and bends in force at a position, as events at that position.
  private func settings(before position: Double) -> [PlacedEvent] {
    var latest: [(parameter: ChannelParameter, event: PlacedEvent)] = []
    for other in others where other.position < position {
      guard let parameter = other.event.message?.parameter else { continue }
      latest.removeAll { $0.parameter == parameter }
      latest.append((parameter, PlacedEvent(position: position, event: other.event)))
    }
    return latest.map(\.event)
  }
}

/// A note whose beginning and end are in frames, with fractions.
struct PlacedNote: Hashable, Sendable {
  var on: Double
  var off: Double
  var note: Note

  /// The frame nearest to its beginning: a note that comes a little early belongs to the next
  /// frame.
  var frame: Int { Int(on.rounded()) }
  /// The first frame in which it does not sound any more.
  var end: Int { max(Int(off.rounded()), frame + 1) }
}

/// An event and its position in frames.
struct PlacedEvent: Hashable, Sendable {
  var position: Double
  var event: Event
}

extension Array {
  /// The changes within a range, counted from its beginning. The first is the value in force there.
  fileprivate func slice<Value>(_ range: Range<Int>) -> [Change<Value>]
  where Element == Change<Value> {
    let later = filter { $0.frame > range.lowerBound && $0.frame < range.upperBound }
    return [Change(frame: 0, value: value(at: range.lowerBound))]
      + later.map { Change(frame: $0.frame - range.lowerBound, value: $0.value) }
  }
}

/// Why no tune can be made from a file.
enum TuneError: Error, Hashable {
  /// The file is wrong.
  case badData(String)
  /// The file does not have what the options ask for.
  case usage(String)
}
