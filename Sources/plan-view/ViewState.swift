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
  /// The frame that began last; nil before the first tick.
  private(set) var frame: Frame?
  private(set) var plan: Plan?
  private(set) var sounding = SoundingNotes()
  /// Whether the stream said that it ends.
  private(set) var hasEnded = false

  mutating func receive(_ event: Record) {
    timeline?.receive(event)
    switch event.event {
    case .header(let header):
      timeline = Timeline(header: header)
      source = header.source
    case .tick(let frame): self.frame = frame
    case .plan(let plan): self.plan = plan
    case .noteOn(let note): sounding.insert(note)
    case .noteOff(let note): sounding.remove(note)
    case .end:
      hasEnded = true
      sounding = SoundingNotes()
    default: break
    }
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
