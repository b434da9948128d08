import Foundation
import Music
import Records
import TestSupport
import Testing

@testable import Sequencer

extension LiveTests {
  /// Ports that go and come again.
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

    /// A USB keyboard that is unplugged while a key is down, and plugged in again.
    @Test func aUsbKeyboardComesBack() throws {
      let studio = try Synthesiser("Studio")
      try Self.usb("create Jamkeys; true")
      let pipeline = try Pipeline(
        "exec midi-in --port Jamkeys --wait --start now --tempo 120 > stream")
      LiveMachine.pass(seconds: 1)
      try Self.usb("plug")
      let keys = try PlayedKeyboard("Hands")
      for pitch in [60, 62] {
        try studio.wait(for: "Jamkeys")
        try keys.connect(to: "f_midi")
        let isHeard = try LiveMachine.wait {
          try keys.play(.on(pitch))
          LiveMachine.pass(seconds: 0.1)
          return try pipeline.text("stream").contains(#""note_on","ch":1,"note":\#(pitch)"#)
        }
        #expect(isHeard, "\(pitch)")
        if pitch == 60 {
          try Self.usb("unplug")
          LiveMachine.pass(seconds: 1)
          try Self.usb("plug")
        }
      }
      Pipeline.signal("INT", pipeline.pid)
      #expect(pipeline.wait() == 0)
      try Self.usb("unplug")
      let records = try Stream.records(try pipeline.data("stream"))
      let name = "Jamkeys:Jamkeys MIDI 1"
      var texts = Self.texts(records)
      // Each key was struck until it was heard.
      texts = texts.enumerated().filter { $0.offset == 0 || texts[$0.offset - 1] != $0.element }
        .map(\.element)
      #expect(
        texts == [
          "connected \(name)", "on 60", "off 60", "lost \(name)", "connected \(name)", "on 62",
          "off 62", "end",
        ])
      // Time went on all the while.
      let frames = records.compactMap {
        if case .tick(let frame) = $0.event { frame.rawValue } else { nil }
      }
      #expect(frames == Array(0..<frames.count))
      let epoch = try #require(Stream.epoch(records))
      let seconds = Double(LiveMachine.now - epoch) / 1_000_000
      #expect(Double(frames.count) > 8 * (seconds - 3))
      #expect(pipeline.errors.contains("midi-in: lost \(name)"))
    }

    /// A keyboard that is taken away from midi-in's own port while a key is down.
    @Test func whoLeavesLeavesNoNote() throws {
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

    /// A synthesiser that is ended and started again, by another name for the same thing.
    @Test func aSynthesiserComesBack() throws {
      var synthesiser: Synthesiser? = try Synthesiser("Synth (812)")
      let stream = PromisedStream.data(PromisedStream.lines(beats: 60, tempo: 240))
      let pipeline = try Pipeline(
        "exec midi-out --port Synth --stats 1 < stream", files: ["stream": stream])
      let hasBegun = try synthesiser!.listen { $0.contains { $0.event.begun(channel: 3) != nil } }
      #expect(hasBegun)
      synthesiser = nil
      LiveMachine.pass(seconds: 1)
      let next = try Synthesiser("Synth (933)")
      // It is told its sounds anew, and plays on.
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

    @Test func aPortThatIsNotThereIsWaitedFor() throws {
      let stream = PromisedStream.data(PromisedStream.lines(beats: 40, tempo: 240))
      let pipeline = try Pipeline(
        "exec midi-out --port Late --wait < stream", files: ["stream": stream])
      LiveMachine.pass(seconds: 2)
      let synthesiser = try Synthesiser("Late")
      #expect(try synthesiser.listen { $0.contains { $0.event.begun(channel: 3) != nil } })
      #expect(pipeline.wait() == 0)
    }
  }
}
