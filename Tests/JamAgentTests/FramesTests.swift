import Chords
import Foundation
import Music
import Records
import TestSupport
import Testing
import Timeline
import Transformer

@testable import jam_agent

/// Songs as streams and as the frames that training makes of them
/// (Training/jamline_training/reference/fixtures.py).
private struct FramesCase: Decodable {
  var stream: [String]
  var symbols: [String]
  var spellings: [[Int]]
  var melody, place, left, bar: [Int]
  var compound: Bool

  private enum CodingKeys: String, CodingKey {
    case stream, spellings, melody, place, left, bar, compound
    case symbols = "chord_symbols"
  }

  static func recorded() throws -> [FramesCase] {
    let path = ToolRunner.root.appendingPathComponent("Tests/Fixtures/frames.json")
    return try JSONDecoder().decode([FramesCase].self, from: Data(contentsOf: path))
  }
}

@Suite struct FramesTests {
  @Test func theAgentHearsTheFramesThatTheNetworkLearnedFrom() throws {
    for song in try FramesCase.recorded() {
      var reader = RecordReader()
      reader.feed(Array((song.stream.joined(separator: "\n") + "\n").utf8))
      var quantiser = MelodyQuantiser()
      var timeline: Timeline?
      var heard: [MelodyEvent] = []
      while let line = try reader.next() {
        timeline?.receive(line.record)
        switch line.record.event {
        case .header(let header): timeline = Timeline(header: header)
        case .message(.noteOn(let note)):
          quantiser.receive(note, isOnset: true, at: line.record.time)
        case .message(.noteOff(let note)):
          quantiser.receive(note, isOnset: false, at: line.record.time)
        case .tick(let frame): heard += quantiser.tick(frame, at: line.record.time)
        default: break
        }
      }
      #expect(heard.map(\.index) == song.melody)
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

  @Test func chordsAreSpelledAsTheNetworkLearnedThem() throws {
    let path = ToolRunner.root.appendingPathComponent("Models/accompanist.safetensors").path
    let vocabulary = try Model(path: path).vocabulary
    for song in try FramesCase.recorded() {
      for (symbol, expected) in zip(song.symbols, song.spellings) {
        let tokens = vocabulary.tokens(of: try ChordSymbol(symbol))
        #expect([tokens.root, tokens.quality, tokens.bass] == expected)
      }
    }
  }
}
