import MidiFile
import Music

/// The notes of one track on one channel.
struct Part: Hashable, Sendable {
  /// The number of the track, counted from 1.
  let track: Int
  let channel: Channel
  /// The name of the track; nil if it has none.
  let name: String?
  /// The program with which most of the notes begin, 0 to 127; nil if the track sets none.
  let program: UInt8?
  /// In order of their beginnings; at least one.
  let notes: [FileNote]
}

extension Part {
  /// The parts of a file, in order of tracks, then of channels.
  static func parts(of file: MidiFile) -> [Part] {
    zip(1..., file.tracks).flatMap { number, track in
      let byChannel = Dictionary(grouping: track) { $0.event.message?.channel }
      return byChannel.compactMap { channel, events in
        channel.flatMap { Part(track: number, channel: $0, name: track.name, events) }
      }.sorted { $0.channel < $1.channel }
    }
  }

  /// Nil if the events have no notes.
  /// - Parameter events: those of the track on the channel.
  private init?(track: Int, channel: Channel, name: String?, _ events: [TimedEvent]) {
    notes = [FileNote](events)
    guard !notes.isEmpty else { return nil }
    self.track = track
    self.channel = channel
    self.name = name
    program = Self.program(of: events)
  }

  private static func program(of events: [TimedEvent]) -> UInt8? {
    var current: UInt8?
    var counts = [Int](repeating: 0, count: 128)
    for timed in events {
      switch timed.event {
      case .message(.program(_, let program)): current = program
      case .message(.noteOn): if let current { counts[Int(current)] += 1 }
      default: break
      }
    }
    guard let most = counts.max(), most > 0 else { return nil }
    return counts.firstIndex(of: most).map { UInt8($0) }
  }
}

extension [TimedEvent] {
  /// The name of the track; nil if it has none, or one of spaces alone.
  var name: String? {
    for timed in self {
      if case .trackName(let name) = timed.event {
        return name.allSatisfy(\.isWhitespace) ? nil : name
      }
    }
    return nil
  }
}
