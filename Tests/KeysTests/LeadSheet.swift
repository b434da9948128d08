import Chords
import Foundation

@testable import Keys

/// A melody with chords, as a line of a corpus has it.
struct LeadSheet: Decodable {
  struct Note: Decodable {
    var onset, duration: Double
    var pitch: Int

    init(from decoder: any Decoder) throws {
      var fields = try decoder.unkeyedContainer()
      onset = try fields.decode(Double.self)
      duration = try fields.decode(Double.self)
      pitch = try fields.decode(Int.self)
    }

    init(_ onset: Double, _ duration: Double, _ pitch: Int) {
      (self.onset, self.duration, self.pitch) = (onset, duration, pitch)
    }
  }

  struct TimedChord: Decodable {
    var onset, duration: Double
    var symbol: ChordSymbol

    init(from decoder: any Decoder) throws {
      var fields = try decoder.unkeyedContainer()
      onset = try fields.decode(Double.self)
      duration = try fields.decode(Double.self)
      symbol = try ChordSymbol(fields.decode(String.self))
    }

    init(_ onset: Double, _ duration: Double, _ symbol: String) throws {
      (self.onset, self.duration, self.symbol) = (onset, duration, try ChordSymbol(symbol))
    }
  }

  var meter = "4/4"
  var key: String?
  var melody: [Note]
  var chords: [TimedChord] = []

  /// The length of a bar and of the meter's beat, in frames.
  var bar: Int { 16 * numbers[0] / numbers[1] }
  var beat: Int { numbers[1] >= 8 && numbers[0].isMultiple(of: 3) ? 6 : 4 }
  private var numbers: [Int] { meter.split(separator: "/").map { Int($0)! } }

  /// The first frame of the bar in which the melody begins.
  var firstBar: Int { melody.map { Self.frame($0.onset) }.min()! / bar * bar }

  private static func frame(_ beats: Double) -> Int { Int((4 * beats + 0.5).rounded(.down)) }

  /// What sounds in each frame, four a beat. A note ends where the next one begins.
  func moments(frames: Int) -> [KeyFinder.Moment] {
    var moments = (0..<frames).map { frame in
      KeyFinder.Moment(
        place: frame % bar, beatLength: beat, note: nil, isOnset: false, chord: nil)
    }
    for note in melody.sorted(by: { ($0.onset, $0.pitch) < ($1.onset, $1.pitch) }) {
      let begin = Self.frame(note.onset)
      let end = max(begin + 1, Self.frame(note.onset + note.duration))
      for frame in begin..<max(begin, frames) {
        moments[frame].note = frame < end ? PitchClass(semitonesAboveC: note.pitch) : nil
        moments[frame].isOnset = frame == begin
      }
    }
    for chord in chords {
      guard let sounding = chord.symbol.chord else { continue }
      let end = min(frames, Self.frame(chord.onset + chord.duration))
      for frame in Self.frame(chord.onset)..<max(Self.frame(chord.onset), end) {
        moments[frame].chord = (sounding.root.pitchClass, sounding.quality.kind)
      }
    }
    return moments
  }

  /// The key that is found after each of the first frames.
  func keys(frames: Int) -> [MusicalKey?] {
    var finder = KeyFinder(framesPerBeat: 4)
    return moments(frames: frames).map { moment in
      finder.hear(moment)
      return finder.key
    }
  }

  /// The key of the sheet, if the whole of it bears it out: the last chord is on the tonic, third
  /// and mode agree, and no other key signature has more than 1.07 times as many of its notes.
  var trustedKey: MusicalKey? {
    let words = (key ?? "").split(separator: " ").map(String.init)
    let isMinor = ["dorian", "phrygian", "aeolian"].contains(words.dropFirst().first)
    let sounding = chords.filter { $0.symbol.chord != nil }
    guard let name = words.first, let key = MusicalKey(isMinor ? name + "m" : name),
      let last = sounding.max(by: { $0.onset < $1.onset })?.symbol.chord,
      last.root.pitchClass == key.tonic.pitchClass
    else { return nil }
    var weights = [Double](repeating: 0, count: 12)
    for note in melody { weights[note.pitch % 12] += note.duration }
    for chord in sounding {
      let upper = ChordSymbol.chord(chord.symbol.chord!.root, chord.symbol.chord!.quality)
      for tone in upper.pitchClasses.pitchClasses {
        weights[Int(tone.rawValue)] += chord.duration / 4
      }
    }
    func weight(_ tonic: PitchClass, _ scale: [Int]) -> Double {
      scale.reduce(0) { $0 + weights[(Int(tonic.rawValue) + $1) % 12] }
    }
    let isMoreMinor = weight(key.tonic.pitchClass, [3]) > weight(key.tonic.pitchClass, [4])
    let isLastMinor = [.minor, .minorSeventh].contains(last.quality.kind)
    let hasNoThird = last.quality.kind == .suspended
    guard (key.isMinor || hasNoThird ? isMoreMinor : isLastMinor) == key.isMinor else { return nil }
    let fits = (0..<12).map {
      weight(PitchClass(semitonesAboveC: $0), [0, 2, 4, 5, 7, 9, 11])
    }
    return fits[Int(key.relativeMajor.rawValue)] * 1.07 >= fits.max()! ? key : nil
  }
}
