import Keys
import Music
import Records
import Timeline

/// The state of the session after the records so far, as far as a view shows it.
///
/// The screen, the lines, the page and the picture all read this state. The picture also needs the
/// session's past, which `SessionHistory` keeps. The memory of the state is bounded, however long
/// the session.
struct SessionState: Sendable {
  /// A planned chord, and whether the plan has committed it.
  struct ShownChord: Hashable {
    var chord: PlannedChord
    /// Whether the chord begins before the plan's `commit`. If not, it is tentative.
    var isCommitted: Bool
    /// The key in which it is written: for a committed chord the key when it was committed.
    var key: MusicalKey?
  }

  /// Nil before the stream's first record.
  private(set) var header: Header?
  /// Nil before the header.
  private(set) var timeline: Timeline?
  /// The time of the last record.
  private(set) var time = Microseconds.zero
  /// The frame of the last tick; nil before the first tick.
  private(set) var frame: Frame?
  /// The bar of that frame and its neighbours.
  private(set) var bars = Bars()
  /// The last plan.
  private(set) var plan: Plan?
  /// The notes that the person holds.
  private(set) var sounding = SoundingNotes()
  /// The notes that the person played in the last bars.
  private(set) var recent = RecentNotes()
  private var keys = SessionKeys()
  private(set) var settings = SessionSettings()
  private(set) var health = SessionHealth()
  /// The last chords that have begun to sound, in order.
  private(set) var sounded: [PlannedChord] = []
  /// Whether the stream has said that it ends.
  private(set) var hasEnded = false

  /// More chords than can begin while `recent` remembers a note.
  static let soundedLimit = 128

  mutating func receive(_ record: Record) {
    time = record.time
    timeline?.receive(record)
    switch record.event {
    case .header(let header): begin(header)
    case .tick(let frame): enter(frame)
    case .meter(let frame, _):
      if let timeline { bars.changeMeter(at: frame, on: timeline) }
    case .plan(let plan):
      self.plan = plan
      keys.commit(plan, after: sounded.last)
      rememberChord()
    case .message(let message): receive(message)
    case .set(let name, let value): settings.receive(name: name, value: value)
    case .settings(let all): settings.receive(all)
    case .stat(let counters): health.receive(counters)
    case .end:
      hasEnded = true
      sounding = SoundingNotes()
      if let position { recent.endAll(at: position) }
    default: break
    }
  }

  private mutating func receive(_ message: ChannelMessage) {
    // Drums are no melody.
    guard message.channel != .drums else { return }
    sounding.receive(message)
    guard let position else { return }
    switch message {
    case .noteOn(let note): recent.begin(note, at: position)
    case .noteOff(let note): recent.end(note, at: position)
    case .control, .program, .bend: break
    }
  }

  private mutating func begin(_ header: Header) {
    self.header = header
    let timeline = Timeline(header: header)
    self.timeline = timeline
    keys.begin(framesPerBeat: header.framesPerBeat)
    bars.advance(to: Frame(0), on: timeline)
  }

  private mutating func enter(_ frame: Frame) {
    if let plan, let last = self.frame, plan.frame < last { health.tickWithoutPlan() }
    hear(from: self.frame, to: frame)
    self.frame = frame
    if let timeline { bars.advance(to: frame, on: timeline) }
    let position = Double(frame.rawValue)
    recent.forget(before: position - RecentNotes.frames)
    rememberChord()
  }

  /// Listens for the key in the frames that are over. Of a long gap, the last bars are heard.
  private mutating func hear(from last: Frame?, to frame: Frame) {
    guard let timeline, let last, last < frame else { return }
    for passed in max(last, frame - Bars.framesAhead)..<frame {
      let meter = timeline.meter(at: passed)
      keys.hear(
        recent.melodyNote(in: passed), chord(at: passed)?.chord,
        place: timeline.barPosition(of: passed).place,
        beatLength: max(
          1, meter.isCompound ? timeline.framesPerBeat * 3 / 2 : timeline.framesPerBeat))
    }
  }

  /// Keeps the chord that sounds now, because later plans may leave it out once it is over.
  private mutating func rememberChord() {
    guard let chord = chordNow?.chord else { return }
    // A tentative chord that was kept may have turned into another one.
    while let last = sounded.last, last.from >= chord.from { sounded.removeLast() }
    if let last = sounded.last, last.to > chord.from { sounded[sounded.count - 1].to = chord.from }
    if sounded.count == Self.soundedLimit { sounded.removeFirst() }
    sounded.append(chord)
  }
}

// MARK: Chords

extension SessionState {
  /// The key of the music so far; nil while too little is known.
  var key: MusicalKey? { keys.current }

  /// How many frames the last plan is behind the last tick; nil where one of them is missing.
  var planAge: Int? {
    guard let plan, let frame else { return nil }
    return max(0, frame.rawValue - plan.frame.rawValue)
  }

  /// The chord that sounds in a frame: one of the plan, or one of `sounded`; nil where none is
  /// known.
  func chord(at frame: Frame) -> ShownChord? {
    let planned = plan.flatMap { plan in
      plan.chords.first { $0.from <= frame && frame < $0.to }.map { shown($0, plan) }
    }
    if let planned { return planned }
    return sounded.last { $0.from <= frame && frame < $0.to }.map(past)
  }

  /// The chords that begin after a frame, in order.
  func chords(after frame: Frame) -> [ShownChord] {
    let over = sounded.filter { chord in
      chord.from > frame && chord.from < plan?.chords.first?.from ?? chord.to
    }
    let planned = plan.map { plan in
      plan.chords.filter { $0.from > frame }.map { shown($0, plan) }
    }
    return over.map(past) + (planned ?? [])
  }

  /// The planned chord that sounds in the frame of the last tick; nil where the plan has none
  /// there.
  var chordNow: ShownChord? {
    guard let plan, let frame else { return nil }
    return plan.chords.first { $0.from <= frame && frame < $0.to }.map { shown($0, plan) }
  }

  /// The planned chords that begin after the frame of the last tick, in order.
  var chordsNext: [ShownChord] {
    guard let plan else { return [] }
    return plan.chords.drop { chord in frame.map { chord.from <= $0 } ?? false }
      .map { shown($0, plan) }
  }

  private func shown(_ chord: PlannedChord, _ plan: Plan) -> ShownChord {
    let isCommitted = chord.from < plan.commit
    return ShownChord(
      chord: chord, isCommitted: isCommitted,
      key: isCommitted ? keys.key(ofChordFrom: chord.from) : keys.current)
  }

  private func past(_ chord: PlannedChord) -> ShownChord {
    ShownChord(chord: chord, isCommitted: true, key: keys.key(ofChordFrom: chord.from))
  }
}

// MARK: Places

extension SessionState {
  /// Where the last record lies, in frames and parts of them; nil before the header.
  var position: Double? { timeline?.position(at: time) }

  /// Bar and beat of a frame, as musicians count: `1:1` is the first downbeat, and `3:2.5` an
  /// eighth after the second quarter of bar 3. Beats are as one taps the meter: 6/8 has two. A
  /// count-in ends in bar 0.
  func place(of frame: Frame) -> String {
    position(of: frame).map { "\($0.bar):\(decimal($0.beat, places: 2))" } ?? "-:-"
  }

  /// Bar and beat that a frame lies in: `3:2` also for the eighth after it.
  func beat(of frame: Frame) -> String {
    position(of: frame).map { "\($0.bar):\(Int($0.beat))" } ?? "-:-"
  }

  /// The beat of its bar that a frame lies in, from 0.
  func beatNumber(of frame: Frame) -> Int? { position(of: frame).map { Int($0.beat) - 1 } }

  /// Bar and beat, both from 1; the beat with its fraction.
  private func position(of frame: Frame) -> (bar: Int, beat: Double)? {
    guard let timeline else { return nil }
    return (timeline.barPosition(of: frame).number + 1, 1 + timeline.beats(at: frame))
  }
}
