/// Which keys the waterfall's keyboard shows: whole octaves, from a C up.
struct KeyboardWindow: Hashable {
  /// The lowest pitch, a multiple of 12.
  private(set) var lowest = 48
  private(set) var octaves = 3
  /// The columns that a semitone takes.
  private(set) var width = 2

  var pitches: Range<Int> { lowest..<lowest + 12 * octaves }
  var columns: Int { 12 * octaves * width }

  /// The octaves that chords and their bass notes are drawn in. The bass has an octave of its own
  /// where there is room.
  var chordOctave: Int { octaves > 3 ? lowest + 12 : lowest }
  var bassOctave: Int { lowest }

  /// The first column of a pitch.
  func column(of pitch: Int) -> Int { (pitch - lowest) * width }

  /// Fits the keyboard to the columns. It moves by octaves only if that brings more of the notes
  /// into sight, because a keyboard that moves is hard to read.
  mutating func fit(columns: Int, pitches: [Int]) {
    width = columns >= 144 ? 3 : 2
    let octaves = min(max(columns / (12 * width), 1), 7)
    if octaves != self.octaves {
      self.octaves = octaves
      lowest = octaves > 3 ? 36 : 48
    }
    var fewest = beyond(lowest, pitches)
    // The nearest octaves first, so that it moves no further than it has to.
    let others = stride(from: 0, through: 132 - 12 * octaves, by: 12).sorted {
      abs($0 - lowest) < abs($1 - lowest)
    }
    for other in others where beyond(other, pitches) < fewest {
      fewest = beyond(other, pitches)
      lowest = other
    }
  }

  /// How many of the notes are out of sight.
  private func beyond(_ lowest: Int, _ pitches: [Int]) -> Int {
    pitches.count { !(lowest..<lowest + 12 * octaves).contains($0) }
  }

  /// Whether the key of a pitch is black.
  static func isBlack(_ pitch: Int) -> Bool { [1, 3, 6, 8, 10].contains(pitch % 12) }
}
