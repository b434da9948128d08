/// The tempi of a tune, and the times that follow from them. A tempo may change between frames.
struct TuneTempi: Hashable, Sendable {
  /// A tempo that holds from a position on.
  struct Change: Hashable, Sendable {
    /// In frames, with fractions.
    var position: Double
    var microsecondsPerFrame: Double
    /// The same in quarter notes a minute, as records have it.
    var beatsPerMinute: Double
    /// Microseconds from position 0.
    fileprivate(set) var time = 0.0
  }

  /// In order of positions, no two at one; the first, at 0, also holds before it.
  private(set) var changes: [Change]

  /// - Parameter changes: in order of positions; the first also holds before it. Of several at one
  ///   position the last holds.
  init(_ changes: [Change]) {
    self.changes = []
    for change in changes {
      var change = change
      let nearest = change.position.rounded()
      // Sums of fractions of a frame are not exact.
      if abs(change.position - nearest) < 1e-6 { change.position = nearest }
      change.position = self.changes.isEmpty ? 0 : max(change.position, 0)
      change.time = time(at: change.position)
      if self.changes.last?.position == change.position { self.changes.removeLast() }
      self.changes.append(change)
    }
  }

  /// The tempo at the beginning, in quarter notes a minute.
  var first: Double { tempo(ofFrame: 0) }

  /// Microseconds from position 0 to a position, which is in frames.
  func time(at position: Double) -> Double {
    guard !changes.isEmpty else { return 0 }
    let change = changes[index(at: position)]
    return change.time + (position - change.position) * change.microsecondsPerFrame
  }

  /// The tempo that gives a frame the length that it has, in quarter notes a minute.
  func tempo(ofFrame frame: Int) -> Double {
    guard hasChange(within: frame..<frame + 1) else {
      return changes[index(at: Double(frame))].beatsPerMinute
    }
    let length = time(at: Double(frame) + 1) - time(at: Double(frame))
    let exact = 60_000_000 / length / Double(Tune.framesPerBeat)
    // With six decimals a frame is wrong by less than 8 microseconds, even at 1 beat a minute.
    return (exact * 1_000_000).rounded() / 1_000_000
  }

  /// The tempi of the frames at which they may change, in quarter notes a minute.
  func tempi(ofFramesBefore end: Int) -> [Int: Double] {
    var tempi: [Int: Double] = [:]
    for change in changes {
      let frame = Int(change.position.rounded(.down))
      for frame in frame...frame + 1 where frame < end && tempi[frame] == nil {
        tempi[frame] = tempo(ofFrame: frame)
      }
    }
    return tempi
  }

  /// The tempi within a range of frames, counted from its beginning.
  func slice(_ range: Range<Int>) -> TuneTempi {
    let (begin, end) = (Double(range.lowerBound), Double(range.upperBound))
    let later = changes.dropFirst(index(at: begin) + 1).prefix { $0.position < end }
    return TuneTempi(
      ([changes[index(at: begin)]] + later).map { change in
        var change = change
        change.position = max(change.position - begin, 0)
        return change
      })
  }

  /// Whether the tempo changes after the beginning of a range of frames and before its end.
  func hasChange(within range: Range<Int>) -> Bool {
    let next = index(at: Double(range.lowerBound)) + 1
    return next < changes.count && changes[next].position < Double(range.upperBound)
  }

  /// The index of the change in force at a position.
  private func index(at position: Double) -> Int {
    var (low, high) = (0, changes.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if changes[middle].position <= position { low = middle } else { high = middle }
    }
    return low
  }
}
