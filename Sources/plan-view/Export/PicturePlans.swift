import Music

/// Draws what had been planned for the frames of a row.
extension PicturePainter {
  func regions(of frames: [Frame]) -> [PlannedRegion] {
    guard let lastFrame = history.lastFrame else { return [] }
    return plannedRegions(of: frames, in: history.plans, lastFrame: lastFrame)
  }

  mutating func paint(_ regions: [PlannedRegion], _ frames: [Frame]) {
    for agreement in Agreement.allCases {
      for region in regions where region.agreement == agreement {
        svg.add(
          "path", ["class": agreement.rawValue, "d": outline(of: region)],
          title: title(of: region, frames))
      }
    }
  }

  mutating func paintNames(of regions: [PlannedRegion]) {
    for region in regions where region.agreement != .agrees { paintName(of: region) }
  }

  private func title(of region: PlannedRegion, _ frames: [Frame]) -> String {
    let ahead = region.columns.reduce(region.columns[0]) {
      min($0.lowerBound, $1.lowerBound)..<max($0.upperBound, $1.upperBound)
    }
    return "\(text.chord(region.symbol)) for \(place(of: frames[region.first])), "
      + "\(beats(region.columns.count)) beats; "
      + "\(beats(ahead.lowerBound)) to \(beats(ahead.upperBound - 1)) beats ahead"
  }

  /// The path along the upper edges of the columns, and back along the lower ones.
  private func outline(of region: PlannedRegion) -> String {
    var path = ""
    var height: Int?
    func step(to ahead: Int, column: Int) {
      guard ahead != height else { return }
      let x = coordinate(layout.x(column: Double(column)))
      path += path.isEmpty ? "M\(x)" : "H\(x)V"
      path += (height == nil ? " " : "") + coordinate(layout.y(framesAhead: ahead))
      height = ahead
    }
    for (index, column) in region.columns.enumerated() {
      step(to: column.lowerBound, column: region.first + index)
    }
    for (index, column) in region.columns.enumerated().reversed() {
      step(to: column.upperBound, column: region.first + index + 1)
    }
    return path + "H\(coordinate(layout.x(column: Double(region.first))))Z"
  }

  /// Draws a line that tells how far ahead each frame was committed.
  mutating func paintCommitments(_ frames: [Frame]) {
    var path = ""
    var height: Int?
    for (column, frame) in frames.enumerated() {
      let commitment = history.plans[frame]?.commitment
      let ahead = commitment.map { $0.tick.distance(to: frame) + 1 }
      let x = coordinate(layout.x(column: Double(column)))
      if let height, height != ahead { path += "H\(x)" }
      if let ahead, ahead != height {
        path += (height == nil ? "M\(x) " : "V") + coordinate(layout.y(framesAhead: ahead))
      }
      height = ahead
    }
    guard !path.isEmpty else { return }
    if height != nil { path += "H\(coordinate(layout.x(column: Double(frames.count))))" }
    svg.add("path", ["class": "commit", "d": path], title: "Committed above this line.")
  }

  /// Writes the chord's name in the middle of the region's roomiest place, if there is room for it.
  private mutating func paintName(of region: PlannedRegion) {
    let name = text.chord(region.symbol)
    let width = PictureStyle.width(of: name, size: 9) + 3
    let columns = Int((width / layout.frameWidth).rounded(.up))
    guard columns <= region.columns.count else { return }
    var best: (x: Double, y: Double, room: Double)?
    for first in 0...region.columns.count - columns {
      let parts = region.columns[first..<first + columns]
      let upper = layout.y(framesAhead: parts.map(\.lowerBound).max()!)
      let room = layout.y(framesAhead: parts.map(\.upperBound).min()!) - upper
      guard room > best?.room ?? 9.5 else { continue }
      let middle = Double(region.first + first) + Double(columns) / 2
      best = (layout.x(column: middle), upper + room / 2 + 3.2, room)
    }
    guard let best else { return }
    svg.add(
      "text", ["class": "plan", "x": coordinate(best.x), "y": coordinate(best.y)], text: name)
  }
}
