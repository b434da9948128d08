import Chords
import Music

/// Draws the session as four lines of text:
///
/// ```
/// 3:2  ○●○○  120 beats/min  4/4  saints.mid
/// you   C5 E5
/// now   ■ Am7
/// next  ■ D7 3:3  ■ G 4:1  □ Em 4:3  □ C 5:1
/// ```
struct ChordScreen {
  var glyphs: Glyphs
  /// Whether bold and faint text support the glyphs.
  var isStyled = false

  /// How a piece of text looks.
  private enum Look: String {
    case plain = ""
    case strong = "1"
    case faint = "2"
  }

  private struct Piece {
    var text: String
    var look = Look.plain
  }

  private var text: DisplayText { DisplayText(isASCII: glyphs.isASCII) }

  /// The lines, each of at most `columns` columns.
  func lines(_ scene: Scene, columns: Int) -> [String] {
    [head(scene.state), played(scene), now(scene), next(scene)].map { fit($0, columns: columns) }
  }

  private func head(_ state: SessionState) -> [Piece] {
    guard let timeline = state.timeline else { return [Piece(text: "waiting for a stream")] }
    let frame = state.frame ?? Frame(0)
    let meter = timeline.meter(at: frame)
    let place = state.frame.map(state.beat) ?? "-:-"
    let tempo = decimal(timeline.beatsPerMinute(at: frame), places: 1)
    var pieces = [Piece(text: place, look: .strong)]
    if let beat = state.frame.flatMap(state.beatNumber), meter.beatCount <= 16 {
      let dots = (0..<meter.beatCount).map { $0 == beat ? glyphs.beat : glyphs.otherBeat }
      pieces.append(Piece(text: dots.joined()))
    }
    pieces += [Piece(text: "\(tempo) beats/min"), Piece(text: meter.text)]
    if let source = state.header?.source, !source.isEmpty {
      pieces.append(Piece(text: text.shown(source, columns: 40)))
    }
    if state.hasEnded { pieces.append(Piece(text: "ended")) }
    return pieces
  }

  private func played(_ scene: Scene) -> [Piece] {
    let names = scene.state.sounding.pitches.map { scene.name(of: $0, text) }
    return [Piece(text: "you ")]
      + [Piece(text: names.isEmpty ? glyphs.nothing : names.joined(separator: " "))]
  }

  private func now(_ scene: Scene) -> [Piece] {
    let label = Piece(text: "now ")
    guard let now = scene.state.chordNow else { return [label, Piece(text: glyphs.nothing)] }
    let name = scene.name(of: now, text)
    return [label, Piece(text: sign(now) + " " + name, look: .strong)]
  }

  private func next(_ scene: Scene) -> [Piece] {
    let chords = scene.state.chordsNext.prefix(scene.options.next ?? .max).map { next in
      let name = scene.name(of: next, text)
      return Piece(
        text: "\(sign(next)) \(name) \(scene.state.place(of: next.chord.from))",
        look: next.isCommitted ? .plain : .faint)
    }
    return [Piece(text: "next")] + (chords.isEmpty ? [Piece(text: glyphs.nothing)] : chords)
  }

  private func sign(_ chord: SessionState.ShownChord) -> String {
    chord.isCommitted ? glyphs.committed : glyphs.tentative
  }

  /// Joins the pieces that fit whole. The first two are cut instead where they are too long: a line
  /// that wrapped would spoil the drawing in place.
  private func fit(_ pieces: [Piece], columns: Int) -> String {
    var line = ""
    var left = columns
    for (index, piece) in pieces.enumerated() {
      let gap = index == 0 ? 0 : 2
      guard index < 2 && left > gap || gap + columnCount(piece.text) <= left else { break }
      let shown = text.shown(piece.text, columns: left - gap)
      line += String(repeating: " ", count: gap) + dressed(shown, piece.look)
      left -= gap + columnCount(shown)
    }
    return line
  }

  private func dressed(_ text: String, _ look: Look) -> String {
    isStyled && look != .plain ? "\u{1B}[\(look.rawValue)m\(text)\u{1B}[0m" : text
  }
}
