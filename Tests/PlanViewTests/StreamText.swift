import Records

@testable import plan_view

/// The records of a session, one JSON object a line, times left out: views have no clock.
func records(_ lines: String) throws -> [Record] {
  try lines.split(separator: "\n").map { line in
    try Record(parsing: #"{"t":0,"# + line.dropFirst())
  }
}

let header =
  #"{"type":"header","format":"jam","version":1,"tempo":120,"meter":"4/4","frames_per_beat":4,"#
  + #""producer":"test","source":"tune.mid"}"#

func tick(_ frame: Int) -> String { #"{"type":"tick","frame":\#(frame)}"# }

/// A plan that answers the tick of a frame; the chords follow one another without gaps: `(from,
/// symbol)`, the last until `until`.
func plan(
  _ frame: Int, commit: Int, until: Int, _ chords: [(Int, String)],
  melody: [(Int, Int, Int)] = []
) -> String {
  let ends = chords.dropFirst().map(\.0) + [until]
  let planned = zip(chords, ends).map { chord, end in
    #"{"from":\#(chord.0),"to":\#(end),"chord":"\#(chord.1)"}"#
  }
  let notes = melody.map { #"{"from":\#($0.0),"to":\#($0.1),"note":\#($0.2)}"# }
  return #"{"type":"plan","frame":\#(frame),"rev":1,"commit":\#(commit),"until":\#(until),"#
    + #""chords":[\#(planned.joined(separator: ","))],"#
    + #""melody":[\#(notes.joined(separator: ","))]}"#
}

func noteOn(_ note: Int, channel: Int = 1) -> String {
  #"{"type":"note_on","ch":\#(channel),"note":\#(note),"vel":80}"#
}

func noteOff(_ note: Int, channel: Int = 1) -> String {
  #"{"type":"note_off","ch":\#(channel),"note":\#(note),"vel":0}"#
}

/// The scene after a stream.
func scene(_ lines: [String], _ options: ViewOptions = ViewOptions()) throws -> Scene {
  var scene = Scene(options: options)
  for record in try records(lines.joined(separator: "\n")) { scene.receive(record) }
  return scene
}

/// A view and the scene that it draws, as `ViewSession` has them.
struct Viewer<Shown: View> {
  var view: Shown
  var scene: Scene

  init(_ view: Shown, _ options: ViewOptions = ViewOptions()) {
    self.view = view
    scene = Scene(options: options)
  }

  mutating func receive(_ record: Record) -> String { view.receive(record, into: &scene) }
  mutating func draw() -> String { view.draw(scene, at: .zero) }
  mutating func finish() -> String { view.finish(scene) }
}

/// The lines that a view writes for a stream, without drawings.
func written(_ view: some View, _ lines: [String]) throws -> [String] {
  var viewer = Viewer(view)
  var text = ""
  for record in try records(lines.joined(separator: "\n")) { text += viewer.receive(record) }
  text += viewer.finish()
  return text.split(separator: "\n").map(String.init)
}
