/// What the waterfall keeps from one drawing to the next: which keys it shows, and how many frames.
struct WaterfallFrame {
  private var window = KeyboardWindow()
  private var span = 0.0

  /// Notes that ended longer ago do not keep their keys in sight.
  private static let recentFrames = 64.0

  /// The drawing at a position in frames, which is nil before the first tick.
  mutating func drawn(
    _ scene: Scene, at position: Double?, isASCII: Bool, columns: Int, rows: Int
  ) -> CellGrid {
    let state = scene.state
    let now = position ?? 0
    let played = state.recent.notes.filter { $0.to ?? now > now - Self.recentFrames }
    let pitches = (played.map(\.pitch) + (state.plan?.melody ?? []).map(\.pitch))
      .map { Int($0.rawValue) + scene.options.transposition }
    window.fit(columns: columns - Waterfall.margin, pitches: pitches)
    span = max(span, reach(state))
    return Waterfall(scene, at: position, isASCII: isASCII, window: window, span: span)
      .drawn(columns: columns, rows: rows)
  }

  /// How many frames the plan reaches ahead, in whole beats: at least 4 beats, at most 16.
  private func reach(_ state: SessionState) -> Double {
    let beat = state.timeline?.framesPerBeat ?? 4
    let planned = state.plan.map { $0.until.rawValue - $0.frame.rawValue } ?? 0
    return Double(min(max((planned + beat - 1) / beat, 4), 16) * beat)
  }
}
