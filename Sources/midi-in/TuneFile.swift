import MidiFile

/// A MIDI file as players read it: what breaks the standard is put right, and what lies hours
/// behind the music is left out.
struct TuneFile {
  /// In quarter notes: an hour at 120 a minute. No music rests for so long, so what comes then is a
  /// mistake, and the ticks up to it would fill a disk.
  static let longestRest = 7_200

  private(set) var file: MidiFile
  /// What was odd, one line for all; nil if nothing was.
  private(set) var remark: String?

  /// - Parameter isStrict: whether a file in which something is odd is refused.
  init(_ bytes: [UInt8], isStrict: Bool) throws {
    let reading = try MidiFileReading(bytes, isStrict: isStrict)
    file = reading.file
    var odd = reading.oddities.map(\.description)
    if let end = file.tickOfLongRest(quarterNotes: Self.longestRest) {
      let rest =
        "expected rests of at most \(Self.longestRest) beats, found a longer one at tick \(end)"
      if isStrict { throw TuneError.badData(rest) }
      for index in file.tracks.indices { file.tracks[index].removeAll { $0.tick > end } }
      odd.append("\(rest), what comes then is left out")
    }
    remark = Self.line(odd)
  }

  /// Joins the first descriptions, and says how many there are more.
  private static func line(_ odd: [String], most: Int = 4) -> String? {
    guard !odd.isEmpty else { return nil }
    let more = odd.count > most ? ["and \(odd.count - most) more"] : []
    return "odd, but played: " + (odd.prefix(most) + more).joined(separator: "; ")
  }
}

extension MidiFile {
  /// The last tick before a rest of more than some quarter notes: no note of any track begins or
  /// ends in it, and another one or some other message comes after it.
  fileprivate func tickOfLongRest(quarterNotes: Int) -> Int? {
    let messages = tracks.joined().filter { $0.event.message != nil }
    var ticks = messages.filter(\.event.isNote).map(\.tick).sorted()
    // A note without an end lasts up to the last message.
    ticks += [messages.map(\.tick).max() ?? 0]
    let rests = zip(ticks, ticks.dropFirst())
    return rests.first { $1 - $0 > quarterNotes * ticksPerQuarter }?.0
  }
}

extension MidiEvent {
  fileprivate var isNote: Bool {
    switch self {
    case .message(.noteOn), .message(.noteOff): true
    default: false
    }
  }
}
