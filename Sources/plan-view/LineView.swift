import Records

/// A line for each chord that begins to sound, for logs and screen readers:
///
/// ```
/// 3:1  Am7  then D7, G  perhaps Em, C
/// ```
///
/// What is promised stands after "then", what may still change after "perhaps". Tempo, meter and
/// markers have lines of their own.
struct LineView: View {
  let text: DisplayText
  /// Columns that a line may take; nil for as many as it needs.
  let width: Int?
  var options: ViewOptions
  private var state = ViewState()
  /// The chord of the last line.
  private var announced: String?
  /// A frame has begun whose chord was not looked at: its plan may be still to come.
  private var isDue = false

  init(text: DisplayText, width: Int?, options: ViewOptions = ViewOptions()) {
    self.text = text
    self.width = width
    self.options = options
  }

  mutating func receive(_ record: Record) -> String {
    var lines: [String] = []
    switch record.event {
    case .tick: lines = announcement()
    case .marker, .tempo, .meter, .end: lines = announcement()
    case .set(let name, let value): options.receive(name: name, value: value)
    default: break
    }
    state.receive(record)
    switch record.event {
    case .header(let header): lines.append(opening(header))
    case .tick: isDue = true
    case .plan(let plan) where plan.frame == state.frame: lines += announcement()
    case .tempo(let frame, let tempo):
      lines.append("\(state.place(of: frame))  \(decimal(tempo, places: 1)) beats/min")
    case .meter(let frame, let meter): lines.append("\(state.place(of: frame))  \(meter.text)")
    case .marker(let marker): lines.append("\(place)  \"\(text.shown(marker, columns: 200))\"")
    default: break
    }
    return written(lines)
  }

  mutating func finish() -> String { written(announcement()) }

  private var place: String { state.frame.map(state.place) ?? "-:-" }

  private func opening(_ header: Header) -> String {
    let source = header.source.isEmpty ? [] : [text.shown(header.source, columns: 200)]
    let tempo = decimal(header.tempo, places: 1)
    return (["\(tempo) beats/min", header.meter.text] + source).joined(separator: "  ")
  }

  /// The line of the frame that began last, if its chord is another than before.
  private mutating func announcement() -> [String] {
    guard isDue else { return [] }
    isDue = false
    guard let now = state.chordNow, now.chord.symbol != announced else { return [] }
    announced = now.chord.symbol
    let naming = options.naming(state, text: text)
    var parts = [place, naming.name(now.chord.symbol)]
    var last = now.chord.symbol
    for (word, isCommitted) in [("then", true), ("perhaps", false)] {
      var names: [String] = []
      for next in state.chordsNext.prefix(options.next ?? .max)
      where next.isCommitted == isCommitted && next.chord.symbol != last {
        last = next.chord.symbol
        names.append(naming.name(next.chord.symbol))
      }
      if !names.isEmpty { parts.append("\(word) \(names.joined(separator: ", "))") }
    }
    return [parts.joined(separator: "  ")]
  }

  private func written(_ lines: [String]) -> String {
    lines.map { line in
      (width.map { text.shown(line, columns: $0) } ?? line) + "\n"
    }.joined()
  }
}
