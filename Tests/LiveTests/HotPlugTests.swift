import Foundation
import Music
import Records
import TestSupport
import Testing

@testable import Sequencer

extension LiveTests {
  /// Ports that come and go.
  @Suite struct HotPlugTests {
    private static func usb(_ command: String) throws {
      let outcome = try ToolRunner.shell("Scripts/usb-keyboard \(command)")
      #expect(outcome.status == 0, "\(outcome.error)")
    }

    private static func texts(_ records: [Record]) -> [String] {
      records.compactMap { record in
        switch record.event {
        case .message(.noteOn(let note)): "on \(note.pitch.rawValue)"
        case .message(.noteOff(let note)): "off \(note.pitch.rawValue)"
        case .marker(let text): text
        case .end: "end"
        default: nil
        }
      }
    }

    /// A USB keyboard is unplugged while a key is down, and plugged in again.
    @Test("plays on with a keyboard that was unplugged and comes back")
    func aUsbKeyboardComesBack() throws {
      try Self.usb("create Jamkeys; true")
      let pipeline = try Pipeline(
        "exec midi-in --port Jamkeys --wait --start now --tempo 120 > stream")
      LiveMachine.pass(seconds: 1)
      try Self.playAndReplug(pipeline)
      Pipeline.signal("INT", pipeline.pid)
      #expect(pipeline.wait() == 0)
      try Self.usb("unplug")
      let records = try Stream.records(try pipeline.data("stream"))
      let name = "Jamkeys:Jamkeys MIDI 1"
      var texts = Self.texts(records)
      // Each key was pressed until its record came.
      texts = texts.enumerated().filter { $0.offset == 0 || texts[$0.offset - 1] != $0.element }
        .map(\.element)
      #expect(
        texts == [
          "connected \(name)", "on 60", "off 60", "lost \(name)", "connected \(name)", "on 62",
          "off 62", "end",
        ])
      // The ticks went on all the time.
      let frames = records.compactMap {
        if case .tick(let frame) = $0.event { frame.rawValue } else { nil }
      }
      #expect(frames == Array(0..<frames.count))
      let epoch = try #require(Stream.epoch(records))
      let seconds = Double(LiveMachine.now - epoch) / 1_000_000
      #expect(Double(frames.count) > 8 * (seconds - 3))
      #expect(pipeline.errors.contains("midi-in: lost \(name)"))
    }

    /// Plays a note, unplugs the keyboard, plugs it in again, and plays another note.
    private static func playAndReplug(_ pipeline: Pipeline) throws {
      let studio = try Synthesiser("Studio")
      try usb("plug")
      let keys = try PlayedKeyboard("Hands")
      for pitch in [60, 62] {
        try studio.wait(for: "Jamkeys")
        try keys.connect(to: "f_midi")
        let isRecorded = try LiveMachine.wait {
          try keys.play(.on(pitch))
          LiveMachine.pass(seconds: 0.1)
          return try pipeline.text("stream").contains(#""note_on","ch":1,"note":\#(pitch)"#)
        }
        #expect(isRecorded, "\(pitch)")
        if pitch == 60 {
          try usb("unplug")
          LiveMachine.pass(seconds: 1)
          try usb("plug")
        }
      }
    }

    /// The keyboard plays to midi-in's own port, and goes away while a key is down.
    @Test("ends the notes of a keyboard that goes away")
    func whoLeavesLeavesNoNote() throws {
      let pipeline = try Pipeline("exec midi-in --virtual > stream")
      var keys: PlayedKeyboard? = try PlayedKeyboard("Hands")
      try keys!.connect(to: "midi-in")
      try keys!.play(.on(60))
      #expect(try LiveMachine.wait { try pipeline.text("stream").contains("note_on") })
      keys = nil
      #expect(try LiveMachine.wait { try pipeline.text("stream").contains("note_off") })
      Pipeline.signal("INT", pipeline.pid)
      #expect(pipeline.wait() == 0)
    }

    /// The synthesiser is ended and started again, with another number in its name.
    @Test("plays on with a synthesiser that comes back, with its programs")
    func aSynthesiserComesBack() throws {
      var synthesiser: Synthesiser? = try Synthesiser("Synth (812)")
      let stream = CommittedStream.data(CommittedStream.lines(beats: 60, tempo: 240))
      let pipeline = try Pipeline(
        "exec midi-out --port Synth --stats 1 < stream", files: ["stream": stream])
      let hasBegun = try synthesiser!.listen { $0.contains { $0.event.begun(channel: 3) != nil } }
      #expect(hasBegun)
      synthesiser = nil
      LiveMachine.pass(seconds: 1)
      let next = try Synthesiser("Synth (933)")
      // midi-out sends its programs again, and plays on.
      let goesOn = try next.listen { $0.contains { $0.event.begun(channel: 3) != nil } }
      #expect(goesOn)
      let first = next.heard.prefix { $0.event.begun(channel: 3) == nil }.map(\.event)
      #expect(first.contains(.message(.program(channel: Channel(3)!, program: 32))))
      #expect(pipeline.wait() == 0)
      try next.listen()
      #expect(next.sounding == [])
      #expect(pipeline.errors.contains("midi-out: lost Synth (812):in"))
      #expect(pipeline.errors.contains("midi-out: connected Synth (933):in"))
    }

    @Test("waits for a port that is not there yet")
    func aPortThatIsNotThereIsWaitedFor() throws {
      let stream = CommittedStream.data(CommittedStream.lines(beats: 40, tempo: 240))
      let pipeline = try Pipeline(
        "exec midi-out --port Late --wait < stream", files: ["stream": stream])
      LiveMachine.pass(seconds: 2)
      let synthesiser = try Synthesiser("Late")
      #expect(try synthesiser.listen { $0.contains { $0.event.begun(channel: 3) != nil } })
      #expect(pipeline.wait() == 0)
    }
  }
}
