import CommandSupport
import MidiFile
import Music

/// Writes a Standard MIDI File.
///
/// Where it is to be playable at any time, it is saved every second, whole, with an end for every
/// note that sounds; otherwise at the end.
final class MidiFileSink: Sink {
  private static let savePeriod = Microseconds(1_000_000)

  let name: String
  private let isLive: Bool
  private var score = Score()
  /// What the next save goes to. The first is there from the beginning, so that a file that can't be
  /// written is found out before anything is played.
  private var file: TemporaryFile?
  private var nextSave: Microseconds?

  init(path: String, isLive: Bool) throws(Failure) {
    name = path
    self.isLive = isLive
    file = try TemporaryFile.beside(path)
  }

  func begin(at start: Start) throws(Failure) {
    score = Score(start: start)
    if isLive { try save(isDurable: false) }
    nextSave = start.time + Self.savePeriod
  }

  func play(_ cue: Cue) throws(Failure) {
    score.add(cue)
  }

  func advance(to time: Microseconds) throws(Failure) {
    guard isLive, let next = nextSave, time >= next else { return }
    // Waiting for the disk would hold up the music.
    try save(isDurable: false)
    nextSave = time + Self.savePeriod
  }

  func finish() throws(Failure) {
    try save(isDurable: true)
  }

  private func save(isDurable: Bool) throws(Failure) {
    let target: TemporaryFile
    if let first = file.take() { target = first } else { target = try .beside(name) }
    try target.write(score.midiFile.encoded())
    try target.commit(isDurable: isDurable)
  }
}
