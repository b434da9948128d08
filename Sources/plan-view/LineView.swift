import Chords
import Records

/// Writes a line for each chord that begins to sound, for logs and screen readers:
///
/// ```
/// 3:1  Am7  then D7, G  perhaps Em, C
/// ```
///
/// Committed chords stand after "then", tentative ones after "perhaps". Changes of tempo and meter
/// and markers have lines of their own.
struct LineView: View {
  let text: DisplayText
  /// The longest line, in columns; nil where lines are never cut.
  let width: Int?
  /// The chord of the last line.
  private var announced: String?
  /// Whether a frame has begun whose chord is not announced yet, because its plan may still come.
  private var isDue = false

  init(text: DisplayText, width: Int?) {
    self.text = text
    self.width = width
  }

  mutating func willReceive(_ record: Record, _ scene: Scene) -> String {
    switch record.event {
    case .tick, .marker, .tempo, .meter, .end: written(announcement(scene))
    default: ""
    }
  }

  mutating func didReceive(_ record: Record, _ scene: Scene) -> String {
    let state = scene.state
    switch record.event {
    case .header(let header): return written(opening(header))
    case .tick: isDue = true
    case .plan(let plan) where plan.frame == state.frame: return written(announcement(scene))
    case .tempo(let frame, let tempo):
      let beats = tempo / (state.timeline?.meter(at: frame).meanBeat ?? 1)
      return written("\(state.place(of: frame))  \(decimal(beats, places: 1)) beats/min")
    case .meter(let frame, let meter):
      return written("\(state.place(of: frame))  \(meter.text)")
    case .marker(let marker):
      return written("\(place(state))  \"\(text.shown(marker, columns: 200))\"")
    default: break
    }
    return ""
  }

  mutating func finish(_ scene: Scene) -> String { written(announcement(scene)) }

  private func place(_ state: SessionState) -> String { state.frame.map(state.place) ?? "-:-" }

  private func opening(_ header: Header) -> String {
    let source = header.source.isEmpty ? [] : [text.shown(header.source, columns: 200)]
    let tempo = decimal(header.tempo / header.meter.meanBeat, places: 1)
    return (["\(tempo) beats/min", header.meter.text] + source).joined(separator: "  ")
  }

  /// The line of the frame that began last; nil where its chord is the one before.
  private mutating func announcement(_ scene: Scene) -> String? {
    guard isDue else { return nil }
    isDue = false
    let state = scene.state
    guard let now = state.chordNow, !ChordSymbol.areSame(now.chord.symbol, announced ?? "")
    else { return nil }
    announced = now.chord.symbol
    var parts = [place(state), scene.name(of: now, text)]
    var last = now.chord.symbol
    for (word, isCommitted) in [("then", true), ("perhaps", false)] {
      var names: [String] = []
      for next in state.chordsNext.prefix(scene.options.next ?? .max)
      where next.isCommitted == isCommitted && !ChordSymbol.areSame(next.chord.symbol, last) {
        last = next.chord.symbol
        names.append(scene.name(of: next, text))
      }
      if !names.isEmpty { parts.append("\(word) \(names.joined(separator: ", "))") }
    }
    return parts.joined(separator: "  ")
  }

  private func written(_ line: String?) -> String {
    guard let line else { return "" }
    return (width.map { text.shown(line, columns: $0) } ?? line) + "\n"
  }
}
