import Chords
import Music

/// How a planned chord compares with the chord that was played in its place.
enum Agreement: String, CaseIterable {
  case agrees
  /// A chord on the same root, with another quality or another bass.
  case sameRoot
  case other

  init(planned: String, played: String) {
    if ChordSymbol.areSame(planned, played) {
      self = .agrees
    } else if let planned = try? ChordSymbol(planned).root,
      let played = try? ChordSymbol(played).root, planned == played
    {
      self = .sameRoot
    } else {
      self = .other
    }
  }
}

/// An area below a row's chords: neighbouring frames for which the same chord was planned at about
/// the same time. It has a column for each frame, and reaches down as many frames as the chord was
/// planned ahead.
struct PlannedRegion: Hashable {
  var symbol: String
  var agreement: Agreement
  /// The first column's index in the row.
  var first: Int
  /// For each column, how many frames ahead the chord was planned.
  var columns: [Range<Int>]

  var last: Int { first + columns.count - 1 }
}

/// The regions of a row's frames. `lastFrame` is the last frame of the session that has begun.
func plannedRegions(
  of frames: [Frame], in plans: [Frame: FramePlans], lastFrame: Frame
) -> [PlannedRegion] {
  var regions: [PlannedRegion] = []
  /// The indices of the regions that reach the column before.
  var open: [Int] = []
  for (column, frame) in frames.enumerated() {
    var reached: [Int] = []
    for area in plans[frame]?.areas(at: frame, lastFrame: lastFrame) ?? [] {
      let going = open.firstIndex { index in
        ChordSymbol.areSame(regions[index].symbol, area.symbol)
          && regions[index].agreement == area.agreement
          && regions[index].columns.last!.overlaps(area.ahead)
      }
      if let going {
        regions[open[going]].columns.append(area.ahead)
        reached.append(open.remove(at: going))
      } else {
        reached.append(regions.count)
        regions.append(
          PlannedRegion(
            symbol: area.symbol, agreement: area.agreement, first: column, columns: [area.ahead]))
      }
    }
    open = reached
  }
  return regions
}

extension FramePlans {
  /// A chord that was planned for the frame, and when.
  fileprivate struct Area {
    var symbol: String
    var agreement: Agreement
    /// In frames before the frame began.
    var ahead: Range<Int>
  }

  /// What was planned for the frame, the latest first. A planned symbol holds until the next one.
  fileprivate func areas(at frame: Frame, lastFrame: Frame) -> [Area] {
    guard let outcome else { return [] }
    var nearest = max(0, lastFrame.distance(to: frame))
    var areas: [Area] = []
    for entry in planned.reversed() {
      let farthest = entry.tick.distance(to: frame) + 1
      defer { nearest = max(nearest, farthest) }
      guard let symbol = entry.symbol, nearest < farthest else { continue }
      areas.append(
        Area(
          symbol: symbol, agreement: Agreement(planned: symbol, played: outcome),
          ahead: nearest..<farthest))
    }
    return areas
  }
}
