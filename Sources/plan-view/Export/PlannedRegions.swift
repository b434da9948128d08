import Chords
import Music

/// How a planned chord compares with the one that came of it.
enum Agreement: String, CaseIterable {
  case agrees
  /// A chord of another kind, or another bass, on the same root.
  case sameRoot
  case other

  init(planned: String, played: String) {
    if planned == played {
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

/// Neighbouring frames for which the same chord was planned at about the same time: an area of a row,
/// with a column for each frame, and how many frames ahead it was planned downwards.
struct PlannedRegion: Hashable {
  var symbol: String
  var agreement: Agreement
  /// The index of the first column.
  var first: Int
  /// Frames ahead, for each column.
  var columns: [Range<Int>]

  var last: Int { first + columns.count - 1 }
}

/// The regions of a row's frames, of which `lastFrame` is the last that began.
func plannedRegions(
  of frames: [Frame], in histories: [Frame: FrameHistory], lastFrame: Frame
) -> [PlannedRegion] {
  var regions: [PlannedRegion] = []
  /// The indices of those that reach the column before.
  var open: [Int] = []
  for (column, frame) in frames.enumerated() {
    var reached: [Int] = []
    for area in histories[frame]?.areas(at: frame, lastFrame: lastFrame) ?? [] {
      let going = open.firstIndex { index in
        regions[index].symbol == area.symbol && regions[index].agreement == area.agreement
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

extension FrameHistory {
  fileprivate struct Area {
    var symbol: String
    var agreement: Agreement
    /// In frames.
    var ahead: Range<Int>
  }

  /// What was planned for this frame, the latest first. An opinion holds until the next one.
  fileprivate func areas(at frame: Frame, lastFrame: Frame) -> [Area] {
    guard let outcome else { return [] }
    var nearest = max(0, lastFrame.distance(to: frame))
    var areas: [Area] = []
    for opinion in opinions.reversed() {
      let farthest = opinion.tick.distance(to: frame) + 1
      defer { nearest = max(nearest, farthest) }
      guard let symbol = opinion.symbol, nearest < farthest else { continue }
      areas.append(
        Area(
          symbol: symbol, agreement: Agreement(planned: symbol, played: outcome),
          ahead: nearest..<farthest))
    }
    return areas
  }
}
