import CommandSupport
import Music
import Sound
import SystemPackage

/// Renders the music into an audio file.
///
/// A live file can be played at any moment: it has its name from the beginning, and its header is
/// kept up to date. Any other file appears when it is complete.
final class AudioSink: Sink {
  private static let longestSamples = 6 * 3600 * Synthesiser.sampleRate
  private static let longestTailSamples = 3 * Synthesiser.sampleRate
  private static let samplesPerBlock = 4096
  private static let samplesPerHeader = Synthesiser.sampleRate / 2
  /// Less than the smallest step of 16 bits.
  private static let silence: Float = 1 / 65_536

  let name: String
  private let isLive: Bool
  private var temporary: TemporaryFile?
  private var file: SoundFile?
  private let synthesiser: Synthesiser
  private var start: Microseconds?
  /// The cues that are not rendered yet, in order of their times.
  private var waiting: [Cue] = []
  private var block: [Float] = []
  private var rendered = 0
  private var lastHeader = 0

  init(
    path: String, format: SoundFile.Format, soundFont: String, isLive: Bool
  ) throws(Failure) {
    name = path
    self.isLive = isLive
    let temporary = try TemporaryFile.beside(path)
    do throws(SoundError) {
      file = try SoundFile.open(temporary.fileDescriptor.rawValue, name: path, format)
    } catch {
      throw Failure(
        error.description, status: error.isLibraryMissing ? .unavailable : .inputOutput)
    }
    do throws(SoundError) {
      synthesiser = try Synthesiser.open(soundFont: soundFont)
    } catch {
      throw Failure(
        error.description, status: error.isLibraryMissing ? .unavailable : .badData)
    }
    self.temporary = consume temporary
  }

  func begin(at start: PlaybackStart) throws(Failure) {
    self.start = start.time
    // The file stays open under its new name.
    if isLive { try temporary.take()?.commit() }
  }

  func play(_ cue: Cue) throws(Failure) {
    let place = waiting.lastIndex { $0.time <= cue.time }.map { $0 + 1 } ?? 0
    waiting.insert(cue, at: place)
  }

  func advance(to time: Microseconds) throws(Failure) {
    try writing { sink throws(SoundError) in
      try sink.render(to: time)
      if sink.isLive, sink.rendered - sink.lastHeader >= Self.samplesPerHeader {
        try sink.file?.updateHeader()
        sink.lastHeader = sink.rendered
      }
    }
  }

  func finish() throws(Failure) {
    try writing { sink throws(SoundError) in
      if let last = sink.waiting.last { try sink.render(to: last.time) }
      try sink.renderTail()
      try sink.file.take()?.finish()
    }
    try temporary.take()?.commit()
  }

  /// Renders up to a time. Each cue takes effect at its time, or at once if that is past.
  private func render(to time: Microseconds) throws(SoundError) {
    guard start != nil else { return }
    let due = waiting.prefix { $0.time <= time }
    for cue in due {
      try render(toSample: sample(at: cue.time))
      if case .message(let message) = cue.event { synthesiser.play(message) }
    }
    waiting.removeFirst(due.count)
    try render(toSample: sample(at: time))
  }

  /// The place of a time in the file, in samples.
  private func sample(at time: Microseconds) -> Int {
    let microseconds = Double((time - (start ?? time)).rawValue)
    let exact = microseconds * Double(Synthesiser.sampleRate) / 1_000_000
    return Int(min(max(exact, 0), Double(Self.longestSamples) + 1).rounded())
  }

  private func render(toSample end: Int) throws(SoundError) {
    guard end <= Self.longestSamples else {
      throw SoundError("write \(name)", reason: "longer than 6 hours")
    }
    while rendered < end { try renderBlock(min(end - rendered, Self.samplesPerBlock)) }
  }

  private func renderBlock(_ samples: Int) throws(SoundError) {
    try synthesiser.render(samples, into: &block)
    try file?.write(block)
    rendered += samples
  }

  /// Renders until the sound has died away.
  private func renderTail() throws(SoundError) {
    guard start != nil else { return }
    let end = rendered + Self.longestTailSamples
    repeat {
      try renderBlock(min(end - rendered, Self.samplesPerBlock))
    } while rendered < end && block.contains { abs($0) > Self.silence }
  }

  private func writing(
    _ body: (AudioSink) throws(SoundError) -> Void
  ) throws(Failure) {
    do {
      try body(self)
    } catch {
      throw Failure(error.description, status: .inputOutput)
    }
  }
}
