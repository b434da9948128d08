import Foundation
import Music
import TestSupport
import Testing

@testable import Sound

struct SynthesiserTests {
  private static func note(_ pitch: Int) -> Note {
    Note(channel: Channel(1)!, pitch: Pitch(pitch)!, velocity: Velocity(80)!)
  }

  /// Half a second of pitches, rendered in one block or in blocks of a size.
  private static func rendered(_ pitches: [Int], block: Int = 22_050) throws -> [Float] {
    let synthesiser = try Synthesiser.open(soundFont: try SoundFont.find())
    synthesiser.play(.program(channel: Channel(1)!, program: 4))
    for pitch in pitches { synthesiser.play(.noteOn(note(pitch))) }
    var samples: [Float] = []
    var buffer: [Float] = []
    while samples.count < 44_100 {
      try synthesiser.render(min(block, (44_100 - samples.count) / 2), into: &buffer)
      samples += buffer
    }
    return samples
  }

  @Test("renders the same samples for the same calls")
  func sameCallsGiveTheSameSamples() throws {
    let samples = try Self.rendered([60, 64, 67])
    #expect(samples.count == 44_100)
    #expect(samples == (try Self.rendered([60, 64, 67])))
    #expect(samples == (try Self.rendered([60, 64, 67], block: 1000)))
    #expect(samples != (try Self.rendered([60, 64, 68])))
  }

  @Test("renders the pitches that are played", arguments: [[0, 4, 7], [2, 5, 9], [11, 2, 5]])
  func whatIsPlayedIsHeard(classes: [Int]) throws {
    let chroma = Chroma.of(left: try Self.rendered(classes.map { 60 + $0 }))
    let loudest = chroma.indices.sorted { chroma[$0] > chroma[$1] }.prefix(3)
    #expect(Set(loudest) == Set(classes), "\(chroma)")
  }

  @Test("falls silent after the end of a note")
  func silenceFollowsTheEndOfANote() throws {
    let synthesiser = try Synthesiser.open(soundFont: try SoundFont.find())
    var buffer: [Float] = []
    synthesiser.play(.noteOn(Self.note(60)))
    let isSounding = synthesiser.isSounding
    #expect(isSounding)
    synthesiser.play(.noteOff(Self.note(60)))
    try synthesiser.render(3 * Synthesiser.sampleRate, into: &buffer)
    let isStillSounding = synthesiser.isSounding
    #expect(!isStillSounding)
    #expect(buffer.suffix(1000).allSatisfy { abs($0) < 0.0001 })
  }

  @Test("refuses damaged sound fonts", arguments: [0, 11, 12, 100, 5000, 100_000])
  func damagedSoundFontsAreRefused(length: Int) throws {
    let font = try Data(contentsOf: URL(fileURLWithPath: try SoundFont.find()))
    try ToolRunner.withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.sf2")
      try font.prefix(length).write(to: file)
      #expect {
        _ = try Synthesiser.open(soundFont: file.path)
      } throws: { error in
        "\(error)".hasPrefix("cannot load the sound font \(file.path): ")
      }
    }
  }

  @Test("names the places of missing sound fonts")
  func missingSoundFontsAreNamed() {
    #expect {
      try SoundFont.find(in: ["/nowhere/a.sf2", "/nowhere/b.sf3"])
    } throws: { error in
      let text = "\(error)"
      return text.contains("/nowhere/a.sf2, /nowhere/b.sf3")
        && text.contains("timgm6mb-soundfont")
    }
  }
}

extension Synthesiser {
  /// Whether any note sounds. Reverberation does not count.
  fileprivate var isSounding: Bool {
    library.functions.fluid_synth_get_active_voice_count(handle) > 0
  }
}
