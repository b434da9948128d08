import CommandSupport
import Music

/// A destination of the music: a file, or ports of the sequencer.
///
/// Cues come in the order in which the player decided them, which may differ from the order of
/// their times.
protocol Sink: AnyObject {
  /// Its name in messages.
  var name: String { get }
  /// The music begins at a frame, which lies at a time of the stream.
  func begin(at start: PlaybackStart) throws(Failure)
  func play(_ cue: Cue) throws(Failure)
  /// Takes the stream's time 0 to be at this time of CLOCK_MONOTONIC. In real time this call comes
  /// before all others.
  func follow(zero: Microseconds)
  /// Receives the cues that will be played after a frame if no other record comes. A sink may send
  /// them ahead and revoke them later. `play(_:)` is still called for each when its time comes.
  func preview(_ cues: [Cue], after frame: Frame) throws(Failure)
  /// Says that almost no further cue will have an earlier time. One that does is played at once.
  func advance(to time: Microseconds) throws(Failure)
  /// Says that the music is over: all notes have ended, and no cue will follow.
  func finish() throws(Failure)
}

extension Sink {
  func follow(zero: Microseconds) {}
  func preview(_ cues: [Cue], after frame: Frame) throws(Failure) {}
}

/// Where the music begins.
struct PlaybackStart: Hashable, Sendable {
  var frame: Frame
  /// The stream's time.
  var time: Microseconds
  var framesPerBeat: Int
}
