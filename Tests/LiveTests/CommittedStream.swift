import Foundation

/// A stream with a melody and another committed chord on each beat.
enum CommittedStream {
  static let chords = ["C", "Am7", "Dm7", "G7"]

  /// Its lines, the header first.
  /// - Parameters:
  ///   - ahead: how many frames ahead of the current one are committed.
  static func lines(beats: Int, tempo: Double, ahead: Int = 8) -> [String] {
    let frameLength = 15_000_000 / tempo
    var lines = [
      #"{"type":"header","t":0,"format":"jam","version":1,"tempo":\#(tempo),"meter":"4/4","#
        + #""frames_per_beat":4,"producer":"test","source":"test"}"#
    ]
    for frame in 0..<4 * beats {
      let at = #""t":\#(Int((Double(frame) * frameLength).rounded()))"#
      lines.append(#"{"type":"tick",\#(at),"frame":\#(frame)}"#)
      if frame % 2 == 0 {
        let notes = [72, 74, 76, 79]
        let (before, note) = (notes[(frame / 2 + 3) % 4], notes[frame / 2 % 4])
        lines.append(#"{"type":"note_off",\#(at),"ch":1,"note":\#(before),"vel":0}"#)
        lines.append(#"{"type":"note_on",\#(at),"ch":1,"note":\#(note),"vel":90}"#)
      }
      let planned = (frame / 4...(frame + ahead) / 4).map { beat in
        #"{"from":\#(4 * beat),"to":\#(4 * beat + 4),"chord":"\#(chords[beat % 4])"}"#
      }
      lines.append(
        #"{"type":"plan",\#(at),"frame":\#(frame),"rev":\#(frame + 1),"commit":\#(frame + ahead),"#
          + #""until":\#(4 * ((frame + ahead) / 4 + 1)),"#
          + #""chords":[\#(planned.joined(separator: ","))],"melody":[]}"#)
    }
    return lines
  }

  static func data(_ lines: some Sequence<String>) -> Data {
    Data((lines.joined(separator: "\n") + "\n").utf8)
  }
}
