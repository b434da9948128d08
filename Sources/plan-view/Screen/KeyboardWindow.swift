/// Which keys a keyboard of so many columns shows: whole octaves, from a C up.
struct KeyboardWindow: Hashable {
  /// A multiple of 12.
  private(set) var lowest = 48
  private(set) var octaves = 3
  /// Columns of a semitone.
  private(set) var width = 2

  var pitches: Range<Int> { lowest..<lowest + 12 * octaves }
  var columns: Int { 12 * octaves * width }

  /// The octave that chords are shown in, and their bass: its own, where there is room.
  var chordOctave: Int { octaves > 3 ? lowest + 12 : lowest }
  var bassOctave: Int { lowest }

  /// The first column of a pitch.
  func column(of pitch: Int) -> Int { (pitch - lowest) * width }

  /// Takes up the columns that there are, and moves by octaves where more of the notes are in sight
  /// then; else it stays, for a keyboard that moves is hard to read.
  mutating func fit(columns: Int, pitches: [Int]) {
    width = columns >= 144 ? 3 : 2
    let octaves = min(max(columns / (12 * width), 1), 7)
    if octaves != self.octaves {
      self.octaves = octaves
      lowest = octaves > 3 ? 36 : 48
    }
    var fewest = beyond(lowest, pitches)
    // The nearest ones first: it moves no further than it has to.
    let others = stride(from: 0, through: 132 - 12 * octaves, by: 12).sorted {
      abs($0 - lowest) < abs($1 - lowest)
    }
    for other in others where beyond(other, pitches) < fewest {
      fewest = beyond(other, pitches)
      lowest = other
    }
  }

  /// How many notes would be out of sight.
  private func beyond(_ lowest: Int, _ pitches: [Int]) -> Int {
    pitches.count { !(lowest..<lowest + 12 * octaves).contains($0) }
  }

  /// Whether a key is a black one.
  static func isBlack(_ pitch: Int) -> Bool { [1, 3, 6, 8, 10].contains(pitch % 12) }
}
