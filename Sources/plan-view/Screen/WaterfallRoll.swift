import Chords
import Music
import Records
import Timeline

// The roll and the keyboard: time goes up in half rows, pitch goes from left to right.
extension Waterfall {
  /// How many half rows a frame takes.
  private func scale(_ layout: Layout) -> Double { Double(2 * layout.roll.count) / span }

  /// The position, rounded down to a half row, so that the whole roll moves in one step.
  func rollPosition(_ layout: Layout) -> Double? {
    position.map { ($0 * scale(layout)).rounded(.down) / scale(layout) }
  }

  private var left: Int { Self.margin }
  private var right: Int { Self.margin + window.columns }

  /// The half row of a place in frames, counted from the keyboard up.
  private func height(_ frames: Double, _ layout: Layout, _ position: Double) -> Int {
    Int(((frames - position) * scale(layout)).rounded(.down))
  }

  /// The terminal's row of a half row, and whether it is that row's upper half.
  private func row(_ height: Int, _ layout: Layout) -> (row: Int, isUpper: Bool) {
    (layout.keyboard.lowerBound - 1 - height / 2, !height.isMultiple(of: 2))
  }

  func drawLanes(_ grid: inout CellGrid, _ layout: Layout) {
    for pitch in window.pitches {
      let column = left + window.column(of: pitch)
      let rows = [layout.roll, layout.past]
      if KeyboardWindow.isBlack(pitch) {
        for rows in rows { grid.fill(rows, column..<column + window.width, ground: .lane) }
      } else if pitch % 12 == 0 {
        for row in rows.joined() { grid.put(roll.upright, row, column, .beatLine) }
      }
    }
  }

  // MARK: Bars and beats

  func drawLines(_ grid: inout CellGrid, _ layout: Layout, _ position: Double) {
    guard let timeline = state.timeline else { return }
    for number in Int(position.rounded(.up))...Int((position + span).rounded(.up)) {
      let bar = timeline.barPosition(of: Frame(number))
      let height = height(Double(number), layout, position)
      guard 0..<2 * layout.roll.count ~= height else { continue }
      let (row, isUpper) = row(height, layout)
      if bar.place == 0 {
        line(&grid, row, isUpper ? roll.barLine.middle : roll.barLine.foot, .barLine)
        let label = " \(bar.number + 1) "
        grid.write(label, row, right - label.count, .faint)
      } else if timeline.beginsBeat(in: Frame(number)) {
        for pitch in window.pitches {
          grid.put(roll.beatLine, row, left + window.column(of: pitch), .beatLine)
        }
      }
    }
    guard let commit = state.plan?.commit else { return }
    let height = height(Double(commit.rawValue), layout, position)
    guard 0..<2 * layout.roll.count ~= height else { return }
    let (row, isUpper) = row(height, layout)
    line(&grid, row, isUpper ? roll.boundary.middle : roll.boundary.foot, .boundary)
    let label = isASCII ? " committed v " : " committed ▾ "
    grid.write(label, row, right - label.count - 6, .boundary)
  }

  private func line(_ grid: inout CellGrid, _ row: Int, _ sign: Unicode.Scalar, _ role: Role) {
    for column in left..<right { grid.put(sign, row, column, role) }
  }

  // MARK: The plan

  func drawPlan(_ grid: inout CellGrid, _ layout: Layout, _ position: Double) {
    for note in state.plan?.melody ?? [] {
      block(
        &grid, layout, position, pitches: [Int(note.pitch.rawValue) + options.transposition],
        from: Double(note.from.rawValue), to: Double(note.to.rawValue), .predicted)
    }
    guard let frame else { return }
    let commit = state.plan.map { Double($0.commit.rawValue) } ?? position
    let chords = state.chords(after: frame).reversed() + [state.chord(at: frame)].compactMap(\.self)
    for shown in chords {
      let chord = shown.chord
      let from = Double(chord.from.rawValue)
      let to = Double(chord.to.rawValue)
      // The end of a committed chord may still change.
      let committed = shown.isCommitted ? min(to, max(from, commit)) : from
      let pitches = pitches(chord)
      block(&grid, layout, position, pitches: pitches, from: from, to: to, .tentative)
      if committed > from {
        let end = committed < to ? committed + 1 / scale(layout) : to
        block(&grid, layout, position, pitches: pitches, from: from, to: end, .committed)
      }
      let height = max(0, height(from, layout, position))
      guard height < 2 * layout.roll.count else { continue }
      label(&grid, row(height, layout).row, shown)
    }
  }

  /// The chord's tones in one octave, and its bass below where there is room.
  func pitches(_ chord: PlannedChord) -> [Int] {
    guard let symbol = try? ChordSymbol(chord.symbol) else { return [] }
    let moved = symbol.transposed(by: options.transposition)
    let bass = chord.bass.map {
      PitchClass(semitonesAboveC: Int($0) + options.transposition)
    }
    var pitches = moved.pitchClasses.pitchClasses.map { window.chordOctave + Int($0.rawValue) }
    if let bass = bass ?? moved.bass, moved.chord != nil {
      pitches.append(window.bassOctave + Int(bass.rawValue))
    }
    return pitches
  }

  private func label(_ grid: inout CellGrid, _ row: Int, _ shown: SessionState.ShownChord) {
    let role: Role = shown.isCommitted ? .committed : .tentative
    for column in 0..<left { grid.put(" ", row, column, .plain) }
    let name = text.shown(scene.name(of: shown, text), columns: left - 1)
    grid.write(name, row, left - 1 - columnCount(name), role, isBold: true)
  }

  /// Draws pitches from one place to another. Half a row stays free at the end, so that the next
  /// note of the same pitch stands apart.
  private func block(
    _ grid: inout CellGrid, _ layout: Layout, _ position: Double, pitches: [Int], from: Double,
    to: Double, _ role: Role
  ) {
    let limit = 2 * layout.roll.count
    let bottom = height(from, layout, position)
    let low = max(0, bottom)
    let top = min(limit, max(height(to, layout, position) - 1, bottom + 1))
    guard low < top else { return }
    for row in low / 2...(top - 1) / 2 {
      let isLower = low <= 2 * row && 2 * row < top
      let isUpper = low <= 2 * row + 1 && 2 * row + 1 < top
      let sign = sign(role, isUpper: isUpper, isLower: isLower)
      for pitch in pitches { key(&grid, layout.keyboard.lowerBound - 1 - row, pitch, sign, role) }
    }
  }

  private func sign(_ role: Role, isUpper: Bool, isLower: Bool) -> Unicode.Scalar {
    switch role {
    case .committed:
      isUpper && isLower
        ? roll.committed.full : isUpper ? roll.committed.upper : roll.committed.lower
    case .tentative: roll.tentative
    case .predicted: roll.predicted
    default: roll.person
    }
  }

  /// Fills the columns of a pitch in a row. A pitch out of sight is marked at the edge.
  private func key(
    _ grid: inout CellGrid, _ row: Int, _ pitch: Int, _ sign: Unicode.Scalar, _ role: Role
  ) {
    guard window.pitches.contains(pitch) else {
      let isLow = pitch < window.lowest
      grid.put(isLow ? roll.below : roll.above, row, isLow ? left : right - 1, role)
      return
    }
    let column = left + window.column(of: pitch)
    for place in column..<column + window.width { grid.put(sign, row, place, role) }
  }

  // MARK: The notes played last

  func drawPast(_ grid: inout CellGrid, _ layout: Layout, _ position: Double) {
    for note in state.recent.notes {
      let pitch = Int(note.pitch.rawValue) + options.transposition
      for (index, row) in layout.past.enumerated() {
        // A row shows the notes that sounded within its time.
        let newest = position - Double(2 * index) / scale(layout)
        let oldest = position - Double(2 * index + 2) / scale(layout)
        guard note.from < newest, note.to ?? position > oldest else { continue }
        key(&grid, row, pitch, roll.person, .person)
      }
    }
  }

  // MARK: The keyboard

  func drawKeyboard(_ grid: inout CellGrid, _ layout: Layout) {
    let (upper, lower) = (layout.keyboard.lowerBound, layout.keyboard.lowerBound + 1)
    grid.fill(layout.keyboard, left..<right, ground: .whiteKey)
    for pitch in window.pitches {
      let column = left + window.column(of: pitch)
      if KeyboardWindow.isBlack(pitch) {
        for place in column..<column + window.width {
          grid[upper, place] = Cell(scalar: roll.blackKey, role: .blackKey, ground: .blackKey)
        }
        // Below a black key two white keys meet.
        grid.put(roll.upright, lower, column + window.width / 2, .blackKey)
      } else if [0, 5].contains(pitch % 12) {
        grid.put(roll.upright, upper, column, .blackKey)
        grid.put(roll.upright, lower, column, .blackKey)
        if pitch % 12 == 0 { grid.write("C\(pitch / 12 - 1)", lower, column + 1, .blackKey) }
      }
    }
    light(&grid, upper, lower)
  }

  /// Marks the keys that sound: the agent's, and over them the person's.
  private func light(_ grid: inout CellGrid, _ upper: Int, _ lower: Int) {
    let now = frame.flatMap { state.chord(at: $0) }
    for pitch in now.map({ pitches($0.chord) }) ?? [] where now?.isCommitted ?? false {
      press(&grid, upper, lower, pitch, roll.committed.full, .committed)
    }
    for pitch in state.sounding.pitches {
      press(
        &grid, upper, lower, Int(pitch.rawValue) + options.transposition, roll.person, .person)
    }
  }

  private func press(
    _ grid: inout CellGrid, _ upper: Int, _ lower: Int, _ pitch: Int, _ sign: Unicode.Scalar,
    _ role: Role
  ) {
    guard window.pitches.contains(pitch) else { return key(&grid, upper, pitch, sign, role) }
    let column = left + window.column(of: pitch)
    let rows = KeyboardWindow.isBlack(pitch) ? [upper] : [upper, lower]
    for row in rows {
      for place in column..<column + window.width {
        grid[row, place] = Cell(scalar: sign, role: role, ground: .blackKey)
      }
    }
  }
}
