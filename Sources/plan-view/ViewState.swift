import Music
import Records
import Timeline

/// What there is to show at a point of the stream: a pure function of the records so far.
struct ViewState {
  /// A planned chord as a viewer sees it.
  struct Upcoming: Hashable {
    var chord: PlannedChord
    /// Whether it is promised to begin then; else it is what the agent intends now.
    var isCommitted: Bool
  }

  /// Nil before the header.
  private(set) var timeline: Timeline?
  private(set) var source = ""
  /// CLOCK_MONOTONIC at the stream's time 0, where its time is real.
  private(set) var epoch: Microseconds?
  /// The frame that began last; nil before the first tick.
  private(set) var frame: Frame?
  private(set) var plan: Plan?
  private(set) var sounding = SoundingNotes()
  /// What the person played of late.
  private(set) var recent = RecentNotes()
  /// The key of what was played in the last bars.
  private(set) var keyGuess = KeyGuess()
  private(set) var settings = SessionSettings()
  private(set) var health = SessionHealth()
  /// The chords that began to sound of late, in order.
  private(set) var sounded: [PlannedChord] = []
  /// Whether the stream said that it ends.
  private(set) var hasEnded = false

  /// More chords than begin in the frames that are remembered of notes.
  private static let soundedLimit = 128

  mutating func receive(_ record: Record) {
    timeline?.receive(record)
    switch record.event {
    case .header(let header):
      timeline = Timeline(header: header)
      source = header.source
      epoch = header.epoch
    case .tick(let frame): enter(frame)
    case .plan(let plan):
      self.plan = plan
      remember()
    // Drums are no melody.
    case .message(.noteOn(let note)) where note.channel == .drums: break
    case .message(.noteOn(let note)):
      sounding.insert(note)
      if let timeline { recent.begin(note, at: timeline.position(at: record.time)) }
    case .message(.noteOff(let note)):
      sounding.remove(note)
      if let timeline { recent.end(note, at: timeline.position(at: record.time)) }
    case .set(let name, let value): settings.receive(name: name, value: value)
    case .settings(let all): settings.receive(all)
    case .stat(let counters): health.receive(counters)
    case .end:
      hasEnded = true
      sounding = SoundingNotes()
      if let timeline { recent.endAll(at: timeline.position(at: record.time)) }
    default: break
    }
  }

  private mutating func enter(_ frame: Frame) {
    if let plan, let last = self.frame, plan.frame < last { health.tickWithoutPlan() }
    self.frame = frame
    let position = Double(frame.rawValue)
    recent.forget(before: position - RecentNotes.frames)
    keyGuess.consider(recent.notes, at: position)
    remember()
  }

  /// Keeps the chord that sounds: the plans to come may lack it once it is over.
  private mutating func remember() {
    guard let chord = chordNow?.chord else { return }
    // What was not promised may turn out to be another chord.
    while let last = sounded.last, last.from >= chord.from { sounded.removeLast() }
    if let last = sounded.last, last.to > chord.from { sounded[sounded.count - 1].to = chord.from }
    if sounded.count == Self.soundedLimit { sounded.removeFirst() }
    sounded.append(chord)
  }

  /// How many frames the last plan lags behind; nil where there is none.
  var planAge: Int? {
    guard let plan, let frame else { return nil }
    return max(0, frame.rawValue - plan.frame.rawValue)
  }

  /// The chord that sounds at a place, also a little while ago; nil where none is known.
  func chord(at frame: Frame) -> Upcoming? {
    let planned = plan.flatMap { plan in
      plan.chords.first { $0.from <= frame && frame < $0.to }.map { upcoming($0, plan) }
    }
    if let planned { return planned }
    return sounded.last { $0.from <= frame && frame < $0.to }.map {
      Upcoming(chord: $0, isCommitted: true)
    }
  }

  /// The chords that begin after a frame, in order.
  func chords(after frame: Frame) -> [Upcoming] {
    let late = sounded.filter { chord in
      chord.from > frame && chord.from < plan?.chords.first?.from ?? chord.to
    }
    let planned = plan.map { plan in
      plan.chords.filter { $0.from > frame }.map { upcoming($0, plan) }
    }
    return late.map { Upcoming(chord: $0, isCommitted: true) } + (planned ?? [])
  }

  /// The chord that sounds in the frame that began last; nil where the plan does not reach.
  var chordNow: Upcoming? {
    guard let plan, let frame else { return nil }
    return plan.chords.first { $0.from <= frame && frame < $0.to }.map { upcoming($0, plan) }
  }

  /// The chords that begin after the frame that began last, in order.
  var chordsNext: [Upcoming] {
    guard let plan else { return [] }
    return plan.chords.drop { chord in frame.map { chord.from <= $0 } ?? false }
      .map { upcoming($0, plan) }
  }

  private func upcoming(_ chord: PlannedChord, _ plan: Plan) -> Upcoming {
    Upcoming(chord: chord, isCommitted: chord.from < plan.commit)
  }

  /// Bar and beat of a frame, as musicians count: the first is 1:1, a count-in ends in bar 0, and an
  /// eighth after the second quarter of bar 3 is 3:2.5. Beats are those of the meter: 6/8 has six.
  func place(of frame: Frame) -> String {
    position(of: frame).map { "\($0.bar):\(decimal($0.beat, places: 2))" } ?? "-:-"
  }

  /// Bar and beat that a frame lies in: 3:2 also for the eighth after it.
  func beat(of frame: Frame) -> String {
    position(of: frame).map { "\($0.bar):\(Int($0.beat))" } ?? "-:-"
  }

  /// Which beat of its bar a frame lies in, from 0.
  func beatNumber(of frame: Frame) -> Int? { position(of: frame).map { Int($0.beat) - 1 } }

  /// Both from 1; the beat with its fraction.
  private func position(of frame: Frame) -> (bar: Int, beat: Double)? {
    guard let timeline else { return nil }
    let bar = timeline.barPosition(of: frame)
    let quarters = Double(bar.place) / Double(timeline.framesPerBeat)
    return (bar.number + 1, 1 + quarters * Double(timeline.meter(at: frame).denominator) / 4)
  }
}

/// The notes that are held, on any channel.
struct SoundingNotes: Hashable {
  /// For each pitch, a bit for each channel: the same pitch may be held on several.
  private var channels = [UInt16](repeating: 0, count: 128)

  mutating func insert(_ note: Note) {
    channels[Int(note.pitch.rawValue)] |= 1 << UInt16(note.channel.rawValue - 1)
  }

  mutating func remove(_ note: Note) {
    channels[Int(note.pitch.rawValue)] &= ~(1 << UInt16(note.channel.rawValue - 1))
  }

  /// From the lowest up.
  var pitches: [Pitch] { channels.indices.filter { channels[$0] != 0 }.compactMap { Pitch($0) } }
}

/// A number without needless zeros: 120, 2.5.
func decimal(_ value: Double, places: Int) -> String {
  let scale = Array(repeating: 10.0, count: places).reduce(1, *)
  let scaled = Int((value.magnitude * scale).rounded())
  var text = "\(scaled / Int(scale))"
  var fraction = String(scaled % Int(scale))
  fraction = String(repeating: "0", count: places - fraction.count) + fraction
  while fraction.last == "0" { fraction.removeLast() }
  if !fraction.isEmpty { text += "." + fraction }
  return value < 0 && scaled != 0 ? "-" + text : text
}
