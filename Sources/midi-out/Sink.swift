import CommandSupport
import Records

/// Where the music goes: a file here; a port of the sequencer would be another.
///
/// Cues come in the order in which they were decided, which may not quite be that of their times.
protocol Sink: AnyObject {
  /// As in messages.
  var name: String { get }
  /// The music begins at a frame, which lies at a time of the stream.
  func begin(at start: Start) throws(Failure)
  func play(_ cue: Cue) throws(Failure)
  /// Hardly any cue from before this time comes any more; one that does is played at once.
  func advance(to time: Microseconds) throws(Failure)
  /// The music is over: all notes were ended, and nothing more comes.
  func finish() throws(Failure)
}

/// Where the music begins.
struct Start: Hashable, Sendable {
  var frame: Frame
  /// Of the stream.
  var time: Microseconds
  var framesPerBeat: Int
}
