import Music

/// What the notes of a part look like: the features by which a melody differs from other parts.
struct PartShape {
  /// Of the notes that begin at one tick the highest, in order.
  private let line: [FileNote]
  /// The highest pitch in each beat (quarter note) in which the part plays. A long note counts for
  /// four beats.
  let tops: [Int: Pitch]
  /// The median pitch of the line.
  let median: Pitch
  /// The share of the notes that are in the line: 1 for one voice, 1/3 for triads.
  let lineShare: Double
  /// The time in which the part sounds, over the sum of its notes' lengths: 1 if no notes overlap.
  let oneVoiceShare: Double
  /// The mean velocity.
  let velocity: Double

  private let ticksPerQuarter: Int

  /// - Parameter notes: at least one, in order of their beginnings.
  init(_ notes: [FileNote], ticksPerQuarter: Int) {
    self.ticksPerQuarter = ticksPerQuarter
    line = Self.line(of: notes)
    tops = Self.tops(of: notes, ticksPerQuarter)
    median = line.map(\.note.pitch).sorted()[line.count / 2]
    lineShare = Double(line.count) / Double(notes.count)
    var (sounding, end) = (0, 0)
    for note in notes where note.off > end {
      sounding += note.off - max(note.on, end)
      end = note.off
    }
    oneVoiceShare = Double(sounding) / Double(notes.reduce(0) { $0 + $1.off - $1.on })
    let velocities = notes.reduce(0) { $0 + Int($1.note.velocity.rawValue) }
    velocity = Double(velocities) / Double(notes.count)
  }

  /// The notes of the line for each beat in which the part plays.
  var density: Double { Double(line.count) / Double(tops.count) }

  /// The number of different pitches in the line.
  var pitchCount: Int { Set(line.map(\.note.pitch)).count }

  /// The mean interval from one note of the line to the next, in semitones; an octave at most.
  var leap: Double {
    Double(intervals.reduce(0) { $0 + min($1, 12) }) / Double(max(intervals.count, 1))
  }

  /// The share of the line's intervals that are in a range of semitones.
  func shareOfIntervals(_ range: ClosedRange<Int>) -> Double {
    Double(intervals.count { range.contains($0) }) / Double(max(intervals.count, 1))
  }

  /// The share of the bars with notes, of four beats each, that have the rhythm of the bar before.
  var rhythmicRepetition: Double {
    let bars = Dictionary(grouping: line) { $0.on / (4 * ticksPerQuarter) }.mapValues { bar in
      // In 16th notes.
      bar.map { ($0.on % (4 * ticksPerQuarter) * 4 + ticksPerQuarter / 2) / ticksPerQuarter }
    }
    let repeated = bars.count { number, rhythm in bars[number - 1] == rhythm }
    return Double(repeated) / Double(bars.count)
  }

  private var intervals: [Int] {
    zip(line, line.dropFirst()).map {
      abs(Int($1.note.pitch.rawValue) - Int($0.note.pitch.rawValue))
    }
  }

  private static func line(of notes: [FileNote]) -> [FileNote] {
    var line: [FileNote] = []
    for note in notes {
      guard line.last?.on == note.on else {
        line.append(note)
        continue
      }
      if note.note.pitch > line[line.count - 1].note.pitch { line[line.count - 1] = note }
    }
    return line
  }

  private static func tops(of notes: [FileNote], _ ticksPerQuarter: Int) -> [Int: Pitch] {
    var tops: [Int: Pitch] = [:]
    for note in notes {
      let first = note.on / ticksPerQuarter
      for beat in first...min((note.off - 1) / ticksPerQuarter, first + 3) {
        tops[beat] = max(tops[beat] ?? note.note.pitch, note.note.pitch)
      }
    }
    return tops
  }
}
