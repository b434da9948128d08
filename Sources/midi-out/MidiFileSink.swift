import CommandSupport
import MidiFile
import Music

/// Writes a Standard MIDI File.
///
/// A live file can be played at any moment: it is saved whole every second, with an end for each
/// note that sounds. Any other file is saved at the end.
final class MidiFileSink: Sink {
  private static let savePeriod = Microseconds(1_000_000)
  /// A MIDI file has 24 bits for the length of a quarter note, in microseconds.
  private static let longestQuarter = 0xFF_FFFF

  let name: String
  private let isLive: Bool
  private var score = Score()
  /// The file that is saved first. It is opened at once, so that a file that can't be written is
  /// reported before anything is played.
  private var file: TemporaryFile?
  private var nextSave: Microseconds?

  init(path: String, isLive: Bool) throws(Failure) {
    name = path
    self.isLive = isLive
    file = try TemporaryFile.beside(path)
  }

  func begin(at start: PlaybackStart) throws(Failure) {
    score = Score(start: start)
    if isLive { try save(isDurable: false) }
    nextSave = start.time + Self.savePeriod
  }

  func play(_ cue: Cue) throws(Failure) {
    if case .tempo(let microseconds) = cue.event, microseconds > Self.longestQuarter {
      throw Failure(
        "cannot write \(name): a MIDI file cannot hold a tempo below 3.58 beats/min, found "
          + "\(decimal(60_000_000 / Double(microseconds)))", status: .badData)
    }
    score.add(cue)
  }

  func advance(to time: Microseconds) throws(Failure) {
    guard isLive, let next = nextSave, time >= next else { return }
    // A durable save would wait for the disk and hold up the music.
    try save(isDurable: false)
    nextSave = time + Self.savePeriod
  }

  func finish() throws(Failure) {
    try save(isDurable: true)
  }

  /// A number with two decimals at most.
  private func decimal(_ number: Double) -> Double { (number * 100).rounded() / 100 }

  private func save(isDurable: Bool) throws(Failure) {
    let target: TemporaryFile
    if let first = file.take() {
      target = first
    } else {
      target = try .beside(name, removesLeftovers: false)
    }
    try target.write(score.midiFile.encoded())
    try target.commit(isDurable: isDurable)
  }
}
