import MidiFile
import Music

/// Chooses the events of a file that are played.
struct TrackChoice {
  /// A track whose name contains one of these has the melody.
  static let melodyNames = ["melody", "lead", "vocal"]

  /// In order of ticks.
  let events: [TimedEvent]

  /// - Parameters:
  ///   - track: nil for the melody's track; with a channel, nil for all tracks.
  ///   - channel: nil for all channels except the drums.
  init(_ file: MidiFile, track: TrackSelector?, channel: Channel?) throws(TuneError) {
    let tracks: [[TimedEvent]]
    if let track {
      tracks = [try Self.track(track, of: file)]
    } else if channel != nil {
      tracks = file.tracks
    } else {
      tracks = [Self.melodyTrack(of: file)]
    }
    let wanted: (Channel) -> Bool
    if let channel {
      wanted = { $0 == channel }
    } else if file.format == .singleTrack {
      // All instruments share one track, and each has its channel.
      let first = tracks.joined().compactMap(\.melodicNote?.channel).min()
      wanted = { $0 == first }
    } else {
      wanted = { $0 != .drums }
    }
    let chosen = tracks.joined().filter { $0.event.message.map { wanted($0.channel) } ?? false }
    events = chosen.enumerated().sorted {
      ($0.element.tick, $0.offset) < ($1.element.tick, $1.offset)
    }.map(\.element)
  }

  private static func track(
    _ selector: TrackSelector, of file: MidiFile
  ) throws(TuneError) -> [TimedEvent] {
    switch selector {
    case .number(let number):
      guard file.tracks.indices.contains(number - 1) else {
        throw .usage("no track \(number): the file has \(file.tracks.count)")
      }
      return file.tracks[number - 1]
    case .name(let name):
      let wanted = name.lowercased()
      let found =
        file.tracks.first { $0.name?.lowercased() == wanted }
        ?? file.tracks.first { $0.name?.lowercased().contains(wanted) ?? false }
      guard let found else {
        let names = file.tracks.compactMap(\.name).map { "\"\($0)\"" }.joined(separator: ", ")
        throw .usage(
          "no track named \"\(name)\": the file has " + (names.isEmpty ? "no names" : names))
      }
      return found
    }
  }

  /// The first track with notes whose name says that it has the melody, or else the first with notes.
  private static func melodyTrack(of file: MidiFile) -> [TimedEvent] {
    let played = file.tracks.filter { track in track.contains { $0.melodicNote != nil } }
    let named = played.first { track in
      let name = track.name?.lowercased() ?? ""
      return melodyNames.contains { name.contains($0) }
    }
    return named ?? played.first ?? []
  }
}

extension [TimedEvent] {
  /// The name of the track.
  fileprivate var name: String? {
    for timed in self {
      if case .trackName(let name) = timed.event { return name }
    }
    return nil
  }
}

extension TimedEvent {
  /// The note of a note-on, unless it is on the drums' channel.
  fileprivate var melodicNote: Note? {
    if case .message(.noteOn(let note)) = event, note.channel != .drums { note } else { nil }
  }
}
