import Music
import Records

/// A stream with another committed chord on each beat, and the lateness of the notes that midi-out
/// plays of it.
struct CommittedBeats: Hashable, Sendable {
  private static let chords = ["C", "Am7", "Dm7", "G7"]
  private static let framesPerBeat = 4
  /// How many frames ahead of the current one are committed.
  private static let ahead = 8
  /// An odd tempo, so that beats do not coincide with the periods of the sequencer's queues.
  private static let tempo = 477.0
  private static let beatLength = 60_000_000 / tempo
  /// The channel of midi-out's bass, which begins once in each beat.
  private static let bassChannel = Channel(3)!

  /// CLOCK_MONOTONIC at time 0.
  private(set) var epoch = Microseconds.zero
  /// The beats that are measured.
  private(set) var beats: Range<Int>
  /// How late each note began.
  private(set) var times: [Microseconds] = []
  private var beatsWithNotes: Set<Int> = []

  /// - Parameter warmUp: the time before the first beat that is measured.
  init(warmUp: Microseconds, duration: Microseconds) {
    let first = Self.beats(in: warmUp)
    beats = first..<max(first, Self.beats(in: warmUp + duration))
  }

  mutating func begin(at epoch: Microseconds) { self.epoch = epoch }

  /// Measures only beats that were over at a time, because this tool has to stop.
  mutating func end(at time: Microseconds) {
    let over = Self.beats(in: time - epoch)
    beats = beats.lowerBound..<min(max(over, beats.lowerBound), beats.upperBound)
    beatsWithNotes = beatsWithNotes.filter(beats.contains)
  }

  /// How many beats had no note.
  var missing: Int { beats.count - beatsWithNotes.count }

  /// All frames up to the end of the last beat.
  var frames: Range<Int> { 0..<beats.upperBound * Self.framesPerBeat }

  /// The record that ends the stream at a time of CLOCK_MONOTONIC.
  func ending(at time: Microseconds) -> Record {
    Record(time: max(.zero, time - epoch), event: .end(reason: "measured"))
  }

  var header: Record {
    Record(
      time: .zero,
      event: .header(
        Header(epoch: epoch, tempo: Self.tempo, producer: "jam-latency", source: "jam-latency")))
  }

  /// The tick that begins a frame, and the plan for it.
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

  /// Handles a message that was received at a time of CLOCK_MONOTONIC. A note belongs to the beat
  /// that begins at most a quarter of a beat after it, or to the last one before.
  mutating func receive(_ message: ChannelMessage, at time: Microseconds) {
    guard case .noteOn(let note) = message else { return }
    let streamTime = time - epoch
    let beat = Int((Double(streamTime.rawValue) / Self.beatLength + 0.25).rounded(.down))
    guard beats.contains(beat) else { return }
    times.append(streamTime - Self.time(ofBeat: Double(beat)))
    if note.channel == Self.bassChannel { beatsWithNotes.insert(beat) }
  }

  private static func beats(in time: Microseconds) -> Int {
    max(0, Int(Double(time.rawValue) / beatLength))
  }

  private static func time(ofBeat beat: Double) -> Microseconds {
    Microseconds(Int64((beat * beatLength).rounded()))
  }
}
