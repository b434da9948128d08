import MidiFile
import Music
import Timeline

/// A place in the music, in frames and in time.
struct Moment: Hashable, Sendable {
  /// In frames; it may lie between two.
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

/// Collects the cues that follow from one record.
struct Cues {
  private(set) var all: [Cue] = []
  /// The place of the cues that are added next.
  var moment = Moment.zero
  /// How many notes were not added because they would begin too late.
  private(set) var lateNotes = 0
  /// Whether notes are checked for lateness. Notes that were previewed in time are not.
  var mayBeLate = true
  private let now: Microseconds?
  private let lateLimit: Microseconds

  /// - Parameters:
  ///   - now: the stream's time; nil at a pace other than real time, where no note is late.
  ///   - lateLimit: a note that would begin later than this after its time is dropped.
  init(now: Microseconds?, lateLimit: Microseconds) {
    self.now = now
    self.lateLimit = lateLimit
  }

  mutating func add(_ part: Part, _ event: MidiEvent) {
    all.append(Cue(position: moment.position, time: moment.time, part: part, event: event))
  }

  mutating func add(_ part: Part, _ message: ChannelMessage) { add(part, .message(message)) }

  /// Adds the beginning of a note. Returns false if it would begin too late.
  mutating func addNoteOn(_ part: Part, _ note: Note) -> Bool {
    if mayBeLate, let now, now - moment.time > lateLimit {
      lateNotes += 1
      return false
    }
    add(part, .noteOn(note))
    return true
  }
}
