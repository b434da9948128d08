import Music

/// Finds the part of a file that has the melody.
///
/// The score of a part is a sum of features, each times its weight; the best score wins, of equal
/// ones the first. `Training/README.md` says how the weights were found, and how often they are
/// right.
struct MelodyFinder {
  /// What distinguishes a melody. Shares are 0 to 1; what is counted is scaled to about that.
  private enum Feature: CaseIterable {
    case melodyName, leadName, backingName, accompanimentName
    case soloProgram, backingProgram, bassProgram
    case lineShare, oneVoiceShare, active, sparse
    case highest, low
    case steps, leap, sameNotes, pitchCount
    case velocity, rhythmicRepetition

    var weight: Double {
      switch self {
      case .melodyName: 2.5
      case .leadName: 2.6
      case .backingName: -0.7
      case .accompanimentName: -0.5
      case .soloProgram: 0.9
      case .backingProgram: -1.1
      case .bassProgram: -0.9
      case .lineShare: 2.0
      case .oneVoiceShare: 3.4
      case .active: 1.6
      case .sparse: -1.7
      case .highest: 3.3
      case .low: -2.7
      case .steps: 2.2
      case .leap: -1.8
      case .sameNotes: -1.6
      case .pitchCount: 1.3
      case .velocity: 1.4
      case .rhythmicRepetition: -1.0
      }
    }
  }

  private let parts: [Part]
  private let shapes: [PartShape]
  /// The highest pitch of any part in each beat in which one plays.
  private var tops: [Int: Pitch] = [:]
  /// The mean of the parts' velocities.
  private let velocity: Double

  /// - Parameter parts: at least one, none of them drums.
  init(_ parts: [Part], ticksPerQuarter: Int) {
    self.parts = parts
    shapes = parts.map { PartShape($0.notes, ticksPerQuarter: ticksPerQuarter) }
    velocity = shapes.reduce(0) { $0 + $1.velocity } / Double(parts.count)
    for shape in shapes { tops.merge(shape.tops, uniquingKeysWith: max) }
  }

  /// The part with the best score.
  var melody: Part {
    let scores = parts.indices.map(score)
    // `max` would return the last of equal ones.
    return parts[scores.firstIndex(of: scores.max()!)!]
  }

  private func score(_ index: Int) -> Double {
    Feature.allCases.reduce(0) { $0 + $1.weight * value($1, of: index) }
  }

  private func value(_ feature: Feature, of index: Int) -> Double {
    let (part, shape) = (parts[index], shapes[index])
    switch feature {
    case .melodyName: return flag(part.suggests(.melody))
    case .leadName: return flag(part.suggests(.lead))
    case .backingName: return flag(part.suggests(.backing))
    case .accompanimentName: return flag(part.suggests(.accompaniment))
    case .soloProgram: return flag([.reed, .pipe, .synthLead].contains(part.family))
    case .backingProgram: return flag([.strings, .ensemble, .synthPad].contains(part.family))
    case .bassProgram: return flag(part.family == .bass)
    case .lineShare: return shape.lineShare
    case .oneVoiceShare: return shape.oneVoiceShare
    case .active: return Double(shape.tops.count) / Double(tops.count)
    case .sparse: return max(0.6 - shape.density, 0)
    case .highest:
      return Double(shape.tops.count { $0.value == tops[$0.key] }) / Double(tops.count)
    case .low: return min(max(57 - Double(shape.median.rawValue), 0) / 12, 2)
    case .steps: return shape.shareOfIntervals(1...2)
    case .leap: return shape.leap / 4
    case .sameNotes: return shape.shareOfIntervals(0...0)
    case .pitchCount: return Double(min(shape.pitchCount, 20)) / 20
    case .velocity: return min(max((shape.velocity - velocity) / 20, -1), 1)
    case .rhythmicRepetition: return shape.rhythmicRepetition
    }
  }

  private func flag(_ isTrue: Bool) -> Double { isTrue ? 1 : 0 }
}

extension Part {
  fileprivate func suggests(_ hint: NameHint) -> Bool { name.map(hint.isFound(in:)) ?? false }
}
