import Chords
import Foundation
import Music
import Records
import TestSupport
import Testing
import Timeline
import Transformer

@testable import jam_agent

/// A song as a stream, and the frames and tokens that Training makes of it. Training records them.
private struct FramesCase: Decodable {
  var stream: [String]
  var symbols: [String]
  /// The root, quality and bass of each symbol.
  var tokens: [[Int]]
  var melody, place, left, bar: [Int]
  var compound: Bool

  private enum CodingKeys: String, CodingKey {
    case stream, melody, place, left, bar, compound
    case symbols = "chord_symbols"
    case tokens = "spellings"
  }

  static func recorded() throws -> [FramesCase] {
    let path = ToolRunner.root.appendingPathComponent("Tests/Fixtures/frames.json")
    return try JSONDecoder().decode([FramesCase].self, from: Data(contentsOf: path))
  }
}

@Suite struct FramesTests {
  @Test("the agent reads the same frames from a stream as training does")
  func framesMatchTraining() throws {
    for song in try FramesCase.recorded() {
      var reader = RecordReader()
      reader.feed(Array((song.stream.joined(separator: "\n") + "\n").utf8))
      var quantiser = MelodyQuantiser()
      var timeline: Timeline?
      var events: [MelodyEvent] = []
      while let line = try reader.next() {
        timeline?.receive(line.record)
        switch line.record.event {
        case .header(let header): timeline = Timeline(header: header)
        case .message(.noteOn(let note)):
          quantiser.receive(note, isOnset: true, at: line.record.time)
        case .message(.noteOff(let note)):
          quantiser.receive(note, isOnset: false, at: line.record.time)
        case .tick(let frame): events += quantiser.tick(frame, at: line.record.time)
        default: break
        }
      }
      #expect(events.map(\.index) == song.melody)
      let places = try song.melody.indices.map { frame in
        let timeline = try #require(timeline)
        return MetricalPlace(timeline: timeline, frame: Frame(frame))
      }
      #expect(places.map(\.place) == song.place)
      #expect(places.map(\.left) == song.left)
      #expect(places.map(\.bar) == song.bar)
      #expect(places.allSatisfy { $0.isCompound == song.compound })
    }
  }

  @Test("the agent gives a chord the same tokens as training does")
  func tokensMatchTraining() throws {
    let path = ToolRunner.root.appendingPathComponent("Models/accompanist.safetensors").path
    let vocabulary = try Model(path: path).vocabulary
    for song in try FramesCase.recorded() {
      for (symbol, expected) in zip(song.symbols, song.tokens) {
        let tokens = vocabulary.tokens(of: try ChordSymbol(symbol))
        #expect([tokens.root, tokens.quality, tokens.bass] == expected)
      }
    }
  }
}
