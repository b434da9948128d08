/// What of the waterfall stays from one drawing to the next: which keys and how many frames it shows.
struct WaterfallFrame {
  private var window = KeyboardWindow()
  private var span = 0.0

  /// Notes that began longer ago don't keep keys in sight.
  private static let recentFrames = 64.0

  mutating func drawn(
    _ state: ViewState, _ options: ViewOptions, at position: Double?, isASCII: Bool,
    columns: Int, rows: Int
  ) -> CellGrid {
    let now = position ?? 0
    let played = state.recent.notes.filter { $0.to ?? now > now - Self.recentFrames }
    let pitches = (played.map(\.pitch) + (state.plan?.melody ?? []).map(\.pitch))
      .map { Int($0.rawValue) + options.transposition }
    window.fit(columns: columns - Waterfall.margin, pitches: pitches)
    span = max(span, reach(state))
    return Waterfall(
      options: options, state: state, position: position, isASCII: isASCII, window: window,
      span: span
    ).drawn(columns: columns, rows: rows)
  }

  /// How far ahead is planned, in whole beats: a bar of four at least, sixteen beats at most.
  private func reach(_ state: ViewState) -> Double {
    let beat = state.timeline?.framesPerBeat ?? 4
    let planned = state.plan.map { $0.until.rawValue - $0.frame.rawValue } ?? 0
    return Double(min(max((planned + beat - 1) / beat, 4), 16) * beat)
  }
}
