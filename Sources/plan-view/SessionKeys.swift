import Chords
import Keys
import Music
import Records

/// The key of the music so far, and the keys in which committed chords are written.
struct SessionKeys: Sendable {
  private var finder: KeyFinder?
  /// The key when a committed chord became known, by the frame in which the chord begins. What a
  /// viewer has read does not change with the key.
  private var committed: [Frame: MusicalKey?] = [:]

  /// More committed chords than a view shows.
  static let limit = 512

  /// The key of the music; nil while too little is known.
  var current: MusicalKey? { finder?.key }

  /// The key in which a committed chord is written, by the frame in which the chord begins.
  func key(ofChordFrom frame: Frame) -> MusicalKey? { committed[frame] ?? current }

  /// Begins anew with a stream.
  mutating func begin(framesPerBeat: Int) {
    self = SessionKeys()
    finder = KeyFinder(framesPerBeat: framesPerBeat)
  }

  /// Hears a frame that is over.
  mutating func hear(
    _ melody: (pitch: Pitch, isOnset: Bool)?, _ chord: PlannedChord?, place: Int, beatLength: Int
  ) {
    let symbol = chord.flatMap { try? ChordSymbol($0.symbol) }?.chord
    finder?.hear(
      KeyFinder.Moment(
        place: place, beatLength: beatLength,
        note: melody.map { PitchClass(semitonesAboveC: Int($0.pitch.rawValue)) },
        isOnset: melody?.isOnset ?? false,
        chord: symbol.map { ($0.root.pitchClass, $0.quality.kind) }))
  }

  /// Notes the key of the chords that a plan commits. `last` is the last chord that has begun to
  /// sound: if it goes on, or begins again, it keeps its key.
  mutating func commit(_ plan: Plan, after last: PlannedChord?) {
    for chord in plan.chords where chord.from < plan.commit && committed[chord.from] == nil {
      let goesOn = last.map {
        $0.to >= chord.from && ChordSymbol.areSame($0.symbol, chord.symbol)
      }
      committed[chord.from] = .some(goesOn == true ? key(ofChordFrom: last!.from) : current)
    }
    guard committed.count > Self.limit else { return }
    let frames = committed.keys.sorted()
    for frame in frames.prefix(Self.limit / 2) { committed[frame] = nil }
  }
}
