import MidiFile
import Music
import Timeline

/// A place in the music, in both measures.
struct Moment: Hashable, Sendable {
  /// In frames; between them too.
  var position: Double
  var time: Microseconds

  static let zero = Moment(position: 0, time: .zero)

  init(position: Double, time: Microseconds) {
    self.position = position
    self.time = time
  }

  init(_ frame: Frame, _ timeline: Timeline) {
    self.init(position: Double(frame.rawValue), time: timeline.time(of: frame))
  }

  init(at time: Microseconds, _ timeline: Timeline) {
    self.init(position: timeline.position(at: time), time: time)
  }
}

/// Collects what a record brings about.
struct Cues {
  private(set) var all: [Cue] = []
  /// When the cues added next are.
  var moment = Moment.zero
  /// Notes that were not added because they would begin too late.
  private(set) var lateNotes = 0
  /// Whether a note may begin too late; not where it was said in time that it would.
  var mayBeLate = true
  private let now: Microseconds?
  private let lateLimit: Microseconds

  /// `now` is nil where time is not real.
  init(now: Microseconds?, lateLimit: Microseconds) {
    self.now = now
    self.lateLimit = lateLimit
  }

  mutating func add(_ part: Part, _ event: MidiEvent) {
    all.append(Cue(position: moment.position, time: moment.time, part: part, event: event))
  }

  mutating func add(_ part: Part, _ message: ChannelMessage) { add(part, .message(message)) }

  /// Adds the beginning of a note; false if it is too late for that.
  mutating func addNoteOn(_ part: Part, _ note: Note) -> Bool {
    if mayBeLate, let now, now - moment.time > lateLimit {
      lateNotes += 1
      return false
    }
    add(part, .noteOn(note))
    return true
  }
}
