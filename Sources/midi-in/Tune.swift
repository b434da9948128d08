import MidiFile
import Music
import Records

/// What is to be played, in frames from its first downbeat.
struct Tune: Hashable, Sendable {
  static let framesPerBeat = 4

  var notes: [PlacedNote]
  /// Controllers, programs, bends and markers, in order.
  var others: [PlacedEvent]
  /// In order; the first is at frame 0. In beats a minute.
  var tempi: [Change<Double>]
  /// In order; the first is at frame 0.
  var meters: [Change<Meter>]
  /// Whole bars, in frames.
  var length: Int

  /// The part from one frame to just before another, both of them bar lines or bars' ends.
  ///
  /// Notes that began before `firstNote` are left out, those that last beyond the end are cut off.
  /// - Parameter chasing: whether the controllers, programs and bends in force at the beginning are
  ///   set there.
  func slice(_ range: Range<Int>, firstNote: Int? = nil, chasing: Bool) -> Tune {
    let first = firstNote ?? range.lowerBound
    let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
    var slice = self
    slice.notes = notes.filter { first..<range.upperBound ~= $0.frame }.map { note in
      var note = note
      let early = max(low - note.on, 0)
      note.on += early - low
      note.off = min(note.off + early, high) - low
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

  /// The controllers, programs and bends in force at a position, placed there.
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

/// A note in frames; fractions are kept.
struct PlacedNote: Hashable, Sendable {
  var on: Double
  var off: Double
  var note: Note

  /// The frame nearest to its beginning: who plays a little early means the next one.
  var frame: Int { Int(on.rounded()) }
  /// The first frame that it does not sound in any more.
  var end: Int { max(Int(off.rounded()), frame + 1) }
}

/// Something at a place in frames.
struct PlacedEvent: Hashable, Sendable {
  var position: Double
  var event: Event
}

extension Array {
  /// The changes within a range, counted from its beginning, with what is in force there first.
  fileprivate func slice<Value>(_ range: Range<Int>) -> [Change<Value>]
  where Element == Change<Value> {
    let later = filter { $0.frame > range.lowerBound && $0.frame < range.upperBound }
    return [Change(frame: 0, value: value(at: range.lowerBound))]
      + later.map { Change(frame: $0.frame - range.lowerBound, value: $0.value) }
  }
}

/// Why a file gives no tune.
enum TuneError: Error, Hashable {
  /// The file is not what it should be.
  case badData(String)
  /// It does not have what the options ask for.
  case usage(String)
}
