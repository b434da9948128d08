import Music
import Records

/// A stream as an agent writes it that promises another chord for each beat, and what is to be heard of it.
struct PromisedBeats: Hashable, Sendable {
  private static let chords = ["C", "Am7", "Dm7", "G7"]
  private static let framesPerBeat = 4
  /// Frames that are promised beyond the one at hand.
  private static let ahead = 8
  /// So that beats keep no step with the periods of the sequencer's queues.
  private static let tempo = 477.0
  private static let beatLength = 60_000_000 / tempo
  /// Where midi-out plays the bass, which begins once in each beat.
  private static let bassChannel = Channel(3)!

  /// CLOCK_MONOTONIC at time 0.
  private(set) var epoch = Microseconds.zero
  /// The beats that count.
  private(set) var beats: Range<Int>
  private(set) var times: [Microseconds] = []
  private var heardBeats: Set<Int> = []

  /// - Parameter warmUp: what is not counted before.
  init(warmUp: Microseconds, duration: Microseconds) {
    let first = Self.beats(in: warmUp)
    beats = first..<max(first, Self.beats(in: warmUp + duration))
  }

  mutating func begin(at epoch: Microseconds) { self.epoch = epoch }

  /// Counts only beats that were over at a time: this tool had to stop.
  mutating func end(at time: Microseconds) {
    let over = Self.beats(in: time - epoch)
    beats = beats.lowerBound..<min(max(over, beats.lowerBound), beats.upperBound)
    heardBeats = heardBeats.filter(beats.contains)
  }

  /// Beats in which nothing began.
  var missing: Int { beats.count - heardBeats.count }

  /// Up to the end of the last beat.
  var frames: Range<Int> { 0..<beats.upperBound * Self.framesPerBeat }

  var header: Record {
    Record(
      time: .zero,
      event: .header(
        Header(epoch: epoch, tempo: Self.tempo, producer: "jam-latency", source: "jam-latency")))
  }

  /// The tick that begins a frame, and the plan that answers it.
  func records(of frame: Int) -> [Record] {
    let time = Self.time(ofBeat: Double(frame) / Double(Self.framesPerBeat))
    let commit = frame + Self.ahead
    let planned = frame / Self.framesPerBeat...commit / Self.framesPerBeat
    let plan = Plan(
      frame: Frame(frame), revision: frame + 1, commit: Frame(commit),
      until: Frame(Self.framesPerBeat * (planned.upperBound + 1)),
      chords: planned.map { beat in
        PlannedChord(
          from: Frame(Self.framesPerBeat * beat), to: Frame(Self.framesPerBeat * (beat + 1)),
          symbol: Self.chords[beat % Self.chords.count])
      }, melody: [])
    return [
      Record(time: time, event: .tick(Frame(frame))), Record(time: time, event: .plan(plan)),
    ]
  }

  /// Counts how late a note begins, at a time of CLOCK_MONOTONIC: as one of the beat that it is nearest
  /// to, or is at most three quarters behind.
  mutating func heard(_ message: ChannelMessage, at time: Microseconds) {
    guard case .noteOn(let note) = message else { return }
    let streamTime = time - epoch
    let beat = Int((Double(streamTime.rawValue) / Self.beatLength + 0.25).rounded(.down))
    guard beats.contains(beat) else { return }
    times.append(streamTime - Self.time(ofBeat: Double(beat)))
    if note.channel == Self.bassChannel { heardBeats.insert(beat) }
  }

  private static func beats(in time: Microseconds) -> Int {
    max(0, Int(Double(time.rawValue) / beatLength))
  }

  private static func time(ofBeat beat: Double) -> Microseconds {
    Microseconds(Int64((beat * beatLength).rounded()))
  }
}
