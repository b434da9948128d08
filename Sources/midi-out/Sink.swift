import CommandSupport
import Music

/// Where the music goes: a file, or ports of the sequencer.
///
/// Cues come in the order in which they were decided, which may not quite be that of their times.
protocol Sink: AnyObject {
  /// As in messages.
  var name: String { get }
  /// The music begins at a frame, which lies at a time of the stream.
  func begin(at start: Start) throws(Failure)
  func play(_ cue: Cue) throws(Failure)
  /// The stream's time 0 is now taken to be at that time of CLOCK_MONOTONIC. Where time is real, this is
  /// said before anything else.
  func follow(zero: Microseconds)
  /// The music is in a frame, and this will be played after it if nothing else comes: it can be sent
  /// ahead, and taken back. What is played is still said when its time comes.
  func foresee(_ cues: [Cue], after frame: Frame) throws(Failure)
  /// Hardly any cue from before this time comes any more; one that does is played at once.
  func advance(to time: Microseconds) throws(Failure)
  /// The music is over: all notes were ended, and nothing more comes.
  func finish() throws(Failure)
}

extension Sink {
  func follow(zero: Microseconds) {}
  func foresee(_ cues: [Cue], after frame: Frame) throws(Failure) {}
}

/// Where the music begins.
struct Start: Hashable, Sendable {
  var frame: Frame
  /// Of the stream.
  var time: Microseconds
  var framesPerBeat: Int
}
