import MidiFile
import Music
import Records

/// Chooses the events of a file that are played.
struct TrackChoice {
  /// In order of ticks. At least one begins a note.
  let events: [TimedEvent]
  /// Which part was taken for the melody, and how to choose another one, in a line. Nil if an
  /// option chose, or if the file has no other part.
  let remark: String?

  /// - Parameters:
  ///   - track: nil for the melody's; with a channel, nil for all tracks.
  ///   - channel: nil for the melody's; with a track, nil for all channels except the drums.
  init(_ file: MidiFile, track: TrackSelector?, channel: Channel?) throws(TuneError) {
    if track == nil, channel == nil {
      let parts = Part.parts(of: file)
      guard let melody = parts.melody(ticksPerQuarter: file.ticksPerQuarter) else {
        throw .noMelody(parts)
      }
      events = Self.events(of: [file.tracks[melody.track - 1]]) { $0 == melody.channel }
      remark = melody.remark(among: parts)
      return
    }
    let tracks = if let track { [try Self.track(track, of: file)] } else { file.tracks }
    events = Self.events(of: tracks) { channel == nil ? $0 != .drums : $0 == channel }
    remark = nil
    guard events.contains(where: \.beginsNote) else { throw .noNotes(on: channel, of: tracks) }
  }

  /// The messages on some channels of tracks, in order of ticks.
  private static func events(
    of tracks: [[TimedEvent]], on isWanted: (Channel) -> Bool
  ) -> [TimedEvent] {
    let chosen = tracks.joined().filter { $0.event.message.map { isWanted($0.channel) } ?? false }
    return chosen.enumerated().sorted {
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
}

extension [Part] {
  /// The part that is taken for the melody; nil if there are only drums, or no parts.
  func melody(ticksPerQuarter: Int) -> Part? {
    let melodic = filter { $0.channel != .drums }
    return melodic.isEmpty
      ? nil : MelodyFinder(melodic, ticksPerQuarter: ticksPerQuarter).melody
  }
}

extension Part {
  /// `plays track 3, "Solo"; --track plays another, --list-tracks FILE lists them`, or nil if there
  /// is no other part but drums.
  fileprivate func remark(among parts: [Part]) -> String? {
    let melodic = parts.filter { $0.channel != .drums }
    guard melodic.count > 1 else { return nil }
    let sharesTrack = melodic.contains { $0.track == track && $0.channel != channel }
    let isOnlyTrack = melodic.allSatisfy { $0.track == track }
    var place: [String] = []
    if sharesTrack { place.append("channel \(channel.rawValue)") }
    if !isOnlyTrack { place.append("track \(track)" + (quotedName.map { ", \($0)" } ?? "")) }
    return "plays \(place.joined(separator: " of ")); \(isOnlyTrack ? "--channel" : "--track") "
      + "plays another, --list-tracks FILE lists them"
  }

  /// Names come from strangers, and may be as long as a file.
  private var quotedName: String? {
    let longest = 40
    return name.map { name in
      "\"\(name.prefix(longest).printable())\(name.count > longest ? "..." : "")\""
    }
  }
}

extension TimedEvent {
  fileprivate var beginsNote: Bool {
    if case .message(.noteOn) = event { true } else { false }
  }
}

extension TuneError {
  /// A file has no notes.
  static let noNotes = TuneError.badData("expected notes, found none")

  /// - Parameter parts: of a whole file.
  fileprivate static func noMelody(_ parts: [Part]) -> TuneError {
    parts.isEmpty
      ? .noNotes : .badData("expected a melody, found drums alone; --channel 10 plays them")
  }

  /// - Parameters:
  ///   - channel: nil for all except the drums.
  ///   - tracks: among which an option chose.
  fileprivate static func noNotes(
    on channel: Channel?, of tracks: [[TimedEvent]]
  ) -> TuneError {
    if let channel { return .usage("no notes on channel \(channel.rawValue)") }
    return tracks.joined().contains(where: \.beginsNote)
      ? .usage("only drums on the track; --channel 10 plays them")
      : .usage("no notes on the track")
  }
}
