import MidiFile
import Music
import Records
import Sequencer
import TestSupport
import Testing

@testable import midi_out

struct ScheduleTests {
  static func cue(_ pitch: Int, frame: Int, isOn: Bool = true, time: Int64? = nil) -> Cue {
    let note = Note(channel: Channel(2)!, pitch: Pitch(pitch)!, velocity: Velocity(64)!)
    return Cue(
      position: Double(frame), time: Microseconds(time ?? Int64(frame) * 125_000), part: .chords,
      event: isOn ? .message(.noteOn(note)) : .message(.noteOff(note)))
  }

  /// `+60@4` for a note-on that is sent for frame 4, `-4` for the revocation of what was sent for it, and
  /// `x60@4` for a note-off.
  static func text(_ actions: [Schedule.Action], _ tags: inout [UInt8: Int]) -> String {
    actions.map { action in
      switch action {
      case .send(let cue, let tag):
        if tag != 0 { tags[tag] = Int(cue.position) }
        guard case .message(.noteOn(let note)) = cue.event else {
          guard case .message(.noteOff(let note)) = cue.event else { return "?" }
          return "x\(note.pitch.rawValue)@\(Int(cue.position))"
        }
        return "+\(note.pitch.rawValue)@\(Int(cue.position))"
      case .revoke(let tag): return "-\(tags[tag] ?? -1)"
      }
    }.joined(separator: " ")
  }

  @Test("sends again only the cues that differ")
  func onlyWhatDiffersIsSentAnew() {
    var schedule = Schedule()
    var tags: [UInt8: Int] = [:]
    let steps: [(cues: [Cue], now: Int64, expected: String)] = [
      ([Self.cue(60, frame: 4), Self.cue(62, frame: 8)], 0, "+60@4 +62@8"),
      ([Self.cue(60, frame: 4), Self.cue(62, frame: 8)], 0, ""),
      // Another note, another place, a tempo that moves one of them.
      ([Self.cue(61, frame: 4), Self.cue(62, frame: 8)], 0, "-4 +61@4"),
      ([Self.cue(61, frame: 4)], 0, "-8"),
      ([Self.cue(61, frame: 4, time: 500_050)], 0, ""),
      ([Self.cue(61, frame: 4, time: 501_000)], 0, "-4 +61@4"),
      // Cues that are due are not revoked.
      ([], 500_500, ""),
    ]
    for step in steps {
      let actions = schedule.preview(step.cues, at: Microseconds(step.now))
      #expect(Self.text(actions, &tags) == step.expected)
    }
    #expect(schedule.revocations == 3)
  }

  @Test("does not send a waiting cue again when it is played")
  func whatWaitsIsNotSentAgainWhenItIsPlayed() {
    var schedule = Schedule()
    _ = schedule.preview([Self.cue(60, frame: 4)], at: .zero)
    let played = [60, 60, 62].map { schedule.play(Self.cue($0, frame: 4)) }
    #expect(
      played == [
        nil, .send(Self.cue(60, frame: 4), tag: 0), .send(Self.cue(62, frame: 4), tag: 0),
      ])
  }

  @Test("ends notes that were sent ahead and not played")
  func whatWasSentAndNotPlayedAfterAllEnds() {
    var schedule = Schedule()
    var tags: [UInt8: Int] = [:]
    _ = schedule.preview([Self.cue(60, frame: 4), Self.cue(55, frame: 4, isOn: false)], at: .zero)
    let forgotten = [4, 5, 6].map { Self.text(schedule.forget(before: $0), &tags) }
    #expect(forgotten == ["", "x60@4", ""])
  }
}

struct SentNotesTests {
  static func note(_ pitch: Int) -> Note {
    Note(channel: Channel(2)!, pitch: Pitch(pitch)!, velocity: Velocity(64)!)
  }

  /// The pitches that end when everything is silenced at a time in milliseconds.
  static func ended(
    _ sent: [(Int64, ChannelMessage)], revoked: Bool = false, at time: Int64
  ) -> [Int] {
    var keys = SentNotes()
    for (due, event) in sent { keys.sent(event, due: Microseconds(due * 1000), tag: 1) }
    if revoked { keys.revoked(tag: 1, at: Microseconds(time * 1000)) }
    return keys.silence(at: Microseconds(time * 1000)).compactMap {
      if case .noteOff(let note) = $0 { Int(note.pitch.rawValue) } else { nil }
    }
  }

  @Test("ends every note that may sound")
  func endsWhatMaySound() {
    let sent: [(Int64, ChannelMessage)] = [
      (100, .noteOn(Self.note(60))), (200, .noteOff(Self.note(60))), (300, .noteOn(Self.note(62))),
    ]
    #expect(Self.ended(sent, at: 50) == [])
    #expect(Self.ended(sent, at: 98) == [60])
    #expect(Self.ended(sent, at: 150) == [60])
    // Its end may not have been played yet; a second one does no harm.
    #expect(Self.ended(sent, at: 201) == [60])
    #expect(Self.ended(sent, at: 250) == [])
    #expect(Self.ended(sent, at: 400) == [62])
    #expect(Self.ended(sent, revoked: true, at: 50) == [])
    #expect(Self.ended(sent, revoked: true, at: 98) == [60])
  }

  @Test("silences the channels that were played on")
  func silencesTheChannelsThatWerePlayedOn() {
    var keys = SentNotes()
    keys.sent(.noteOn(Self.note(60)), due: .zero, tag: 0)
    let controls = keys.silence(at: Microseconds(1_000_000)).compactMap { event -> [Int]? in
      guard case .control(let channel, let controller, 0) = event else { return nil }
      return [Int(channel.rawValue), Int(controller)]
    }
    #expect(controls == [[2, 64], [2, 66], [2, 123], [2, 120]])
  }
}

struct PreviewTests {
  /// The notes of the bass in a preview after a tick, as `pitch class@frame`.
  static func previewed(_ drawing: inout Drawing, at milliseconds: Int64) -> [String] {
    drawing.player.previewCommitted(at: Microseconds(milliseconds * 1000)).compactMap { cue in
      guard cue.part == .bass, case .message(.noteOn(let note)) = cue.event else { return nil }
      return "\(note.pitch.rawValue % 12)@\(Int(cue.position))"
    }
  }

  /// Frame 0 of a drawing is at 2,000 ms, and a frame lasts 125 ms.
  @Test("previews the committed chords and no others")
  func previewsWhatIsCommitted() {
    var drawing = Drawing()
    drawing.tick(0)
    drawing.plan("C---F---|G---", at: 0)
    // A preview changes nothing.
    for _ in 1...2 {
      let previewed = Self.previewed(&drawing, at: 2000)
      #expect(previewed == ["5@4"])
    }
    drawing.tick(1)
    drawing.plan("C---F---G|---", at: 1)
    let previewed = Self.previewed(&drawing, at: 2125)
    #expect(previewed == ["5@4", "7@8"])
  }

  /// A chord that was previewed in time is played, however late its tick comes. Another one is dropped.
  @Test("takes no note for late that was previewed in time")
  func nothingPreviewedIsLate() {
    var drawing = Drawing()
    drawing.tick(0)
    drawing.plan("C---F---|", at: 0)
    _ = Self.previewed(&drawing, at: 2000)
    for frame in 1...4 {
      drawing.receive(.tick(Frame(frame)), at: Int64(frame + 16) * 125_000, late: 3_000_000)
    }
    #expect(drawing.heard(frames: 5) == "C---F")
    #expect(drawing.player.counts.lateNotes == 0)
    drawing.plan("C---F-G-|", at: 4, late: 3_000_000)
    for frame in 5...6 {
      drawing.receive(.tick(Frame(frame)), at: Int64(frame + 16) * 125_000, late: 3_000_000)
    }
    #expect(drawing.player.counts.lateNotes == 0)
  }

  @Test("falls silent while the clock is stopped, and begins with the next beat")
  func aStoppedClockSilencesTheMusic() {
    var drawing = Drawing()
    drawing.tick(0)
    drawing.plan("C-------|", at: 0)
    drawing.receive(.set(name: "playing", value: .flag(false)), at: 2_060_000)
    let previewed = Self.previewed(&drawing, at: 2060)
    #expect(previewed == [])
    #expect(drawing.unbalanced == [])
    drawing.receive(.set(name: "playing", value: .flag(true)), at: 2_070_000)
    for frame in 1...4 { drawing.tick(frame) }
    // The chord begins again on the next beat.
    let bass = drawing.cues.compactMap { cue -> String? in
      guard cue.part == .bass else { return nil }
      switch cue.event {
      case .message(.noteOn): return "on \(cue.position)"
      case .message(.noteOff): return "off \(cue.position)"
      default: return nil
      }
    }
    #expect(bass == ["on 0.0", "off 0.48", "on 4.0"])
  }
}

struct ClockPartTests {
  static func text(_ pulses: [ClockPart.Pulse]) -> String {
    pulses.map { pulse in
      switch pulse.message {
      case .pulse: "\(pulse.time.rawValue / 1000)"
      case .start: "start"
      case .continue: "continue"
      case .stop: "stop"
      case .songPosition(let place): "at \(place)"
      }
    }.joined(separator: " ")
  }

  /// At 120 beats a minute a pulse lasts 20.8 ms.
  @Test("sends clock pulses a frame ahead")
  func pulsesAreSentAheadOfTheirFrames() {
    var drawing = Drawing()
    var clock = ClockPart()
    for frame in [-1, 0, 1] {
      drawing.receive(.tick(Frame(frame)), at: Int64(frame + 1) * 125_000)
      let text = Self.text(clock.enter(Frame(frame), drawing.player.timeline))
      switch frame {
      case -1: #expect(text == "")
      case 0: #expect(text == "start 125 145 166 187 208 229 250 270 291 312 333 354")
      default: #expect(text == "375 395 416 437 458 479")
      }
    }
    let stops = [1, 2].map { _ in Self.text(clock.stop(at: .zero)) }
    #expect(stops == ["stop", ""])
    let later = Self.text(clock.enter(Frame(6), drawing.player.timeline))
    #expect(later.hasPrefix("at 6 continue "))
  }
}
