import Chords
import Foundation
import Music
import TestSupport
import Testing

@testable import Transformer

/// Inputs and the logits that PyTorch computed from them, rounding as the agent does, with the shipped
/// model (Training/jamline_training/fixtures.py).
private struct ParityCase: Decodable {
  struct Logits: Decodable {
    var strike, root, quality, bass, melody: [[Float]]
  }

  var inputs: [[Int]]
  var chord: [String: Int]
  var logits: Logits

  static func recorded() throws -> ParityCase {
    let path = ToolRunner.root.appendingPathComponent("Tests/Fixtures/parity.json")
    return try JSONDecoder().decode(ParityCase.self, from: Data(contentsOf: path))
  }

  /// A frame of the recorded inputs, which are numbered as the network's tables are.
  func input(_ frame: Int) -> FrameInput {
    let x = inputs[frame]
    let pitch = Pitch(x[1])
    let melody: MelodyEvent =
      switch MelodyKind(rawValue: x[0])! {
      case .onset: .onset(pitch!)
      case .hold: .hold
      case .rest, .start: .rest
      }
    let before = FrameInput.Events(
      melody: melody, state: pitch.map { .sounding($0) } ?? .silent, isStrike: x[2] == 1,
      chord: .init(root: x[3], quality: x[4], bass: x[5]))
    let place = MetricalPlace(
      place: x[6], length: x[6] + x[7] + 1, bar: x[8], meter: .fourFour)
    return FrameInput(before: x[0] == MelodyKind.start.rawValue ? nil : before, place: place)
  }
}

private let shippedModel = ToolRunner.root.appendingPathComponent("Models/accompanist.safetensors")

@Suite struct NetworkTests {
  let model: Model

  init() throws { model = try Model(path: shippedModel.path) }

  private func logits(
    _ network: Network, row: Int, chord: ChordVocabulary.Spelling
  ) -> [[Float]] {
    [
      Array(network.strikeLogits(row: row)), Array(network.rootLogits(row: row)),
      Array(network.qualityLogits(row: row, root: chord.root)),
      Array(network.bassLogits(row: row, root: chord.root, quality: chord.quality)),
      Array(network.melodyLogits(row: row, isStrike: true, chord: chord)),
    ]
  }

  /// Sums of float32 differ in their last digits, and a state half way between two of its 16 bits is
  /// then rounded to the one or the other.
  private func expectAlike(_ found: [Float], _ wanted: [Float], frame: Int) {
    #expect(found.count == wanted.count)
    #expect(zip(found, wanted).allSatisfy { abs($0 - $1) < 2e-3 }, "frame \(frame)")
  }

  /// Positions are told apart by their distance alone, so a row may begin anywhere; also where the
  /// window has moved on.
  @Test(arguments: [5, 12, 20]) func aRowThatBeginsAnewRemembersNothing(start: Int) throws {
    let parity = try ParityCase.recorded()
    let chord = ChordVocabulary.Spelling(root: 4, quality: 3, bass: 7)
    let (network, anew) = (
      Network(model, batch: 2, window: 12, imagined: 2), Network(model, window: 12, imagined: 2)
    )
    for frame in 0..<24 {
      if frame == start { network.begin(row: 1) }
      network.read([parity.input(frame), parity.input(frame)])
      guard frame >= start else { continue }
      anew.read([parity.input(frame)])
      let pairs = zip(
        logits(network, row: 1, chord: chord), logits(anew, row: 0, chord: chord))
      for (found, wanted) in pairs {
        expectAlike(found, wanted, frame: frame)
      }
    }
    network.copy(row: 1, to: 0)
    #expect(logits(network, row: 0, chord: chord) == logits(network, row: 1, chord: chord))
  }

  @Test func agreesWithPyTorch() throws {
    let parity = try ParityCase.recorded()
    let network = Network(model)
    let chord = ChordVocabulary.Spelling(
      root: parity.chord["root"]!, quality: parity.chord["quality"]!, bass: parity.chord["bass"]!)
    let expected = parity.logits
    for frame in parity.inputs.indices {
      network.read([parity.input(frame)])
      let found = logits(network, row: 0, chord: chord)
      let wanted = [
        expected.strike[frame], expected.root[frame], expected.quality[frame],
        expected.bass[frame], expected.melody[frame],
      ]
      for (found, wanted) in zip(found, wanted) {
        expectAlike(found, wanted, frame: frame)
      }
    }
  }

  @Test func whatIsImaginedIsForgotten() throws {
    let parity = try ParityCase.recorded()
    let (straight, wandering) = (Network(model), Network(model))
    for frame in 0..<12 {
      straight.read([parity.input(frame)])
      wandering.read([parity.input(frame)])
      wandering.imagining {
        for imagined in 12..<20 { wandering.read([parity.input(imagined)]) }
      }
      #expect(Array(straight.rootLogits(row: 0)) == Array(wandering.rootLogits(row: 0)))
    }
  }

  /// Imagined, copied, begun anew and read at random, for longer than the window: what is known from a
  /// dream is what a network that never dreams says.
  @Test(arguments: 1...3) func whatIsKnownFromADreamIsTrue(seed: UInt64) throws {
    let parity = try ParityCase.recorded()
    var random = SplitMix64(seed: seed)
    let batch = 3
    let (dreaming, awake) = (
      Network(model, batch: batch, window: 40, imagined: 6),
      Network(model, batch: batch, window: 40, imagined: 6)
    )
    func input() -> FrameInput { parity.input(Int.random(in: 1...3, using: &random)) }
    func row() -> Int { Int.random(in: 0..<batch, using: &random) }
    for _ in 0..<150 {
      switch Int.random(in: 0..<8, using: &random) {
      case 0:
        let (from, to) = (row(), row())
        for network in [dreaming, awake] { network.copy(row: from, to: to) }
      case 1:
        let begun = row()
        for network in [dreaming, awake] { network.begin(row: begun) }
      default:
        let rows = Array((0..<batch).shuffled(using: &random).prefix(2))
        dreaming.imagining {
          for _ in 0..<Int.random(in: 1...6, using: &random) {
            dreaming.read([input(), input()], rows: rows)
          }
        }
      }
      let inputs = (0..<batch).map { _ in input() }
      for network in [dreaming, awake] { network.read(inputs) }
      for row in 0..<batch {
        let (found, expected) = (dreaming.rootLogits(row: row), awake.rootLogits(row: row))
        #expect(Array(found) == Array(expected), "seed \(seed)")
      }
    }
  }

  /// As long as things go on as they were imagined, reading them costs nothing.
  @Test func nothingIsCalculatedTwice() throws {
    let parity = try ParityCase.recorded()
    let network = Network(model, batch: 2, imagined: 8)
    func readBoth(_ frames: Range<Int>, andThen other: Int? = nil) -> Int {
      let before = network.calculations
      for frame in frames { network.read([parity.input(frame), parity.input(frame)]) }
      if let other { network.read([parity.input(other), parity.input(frames.upperBound)]) }
      return network.calculations - before
    }
    #expect(readBoth(0..<3) == 6)
    #expect(network.imagining { readBoth(3..<9) } == 12)
    #expect(network.imagining { readBoth(3..<11) } == 4, "two frames more")
    #expect(readBoth(3..<5) == 0, "the music goes on as it was imagined")
    #expect(readBoth(5..<6, andThen: 20) == 1, "one row hears something else")
    #expect(network.imagining { readBoth(7..<9) } == 2, "from there on it knows nothing")
    network.copy(row: 1, to: 0)
    #expect(network.imagining { readBoth(7..<9) } == 2, "what was copied has not imagined")
    network.begin(row: 1)
    #expect(readBoth(7..<9) == 2, "what begins anew has not imagined")
  }

  @Test func someRowsGoOnWithoutTheOthers() throws {
    let parity = try ParityCase.recorded()
    let network = Network(model, batch: 3)
    let single = Network(model)
    for frame in 0..<6 {
      network.read([parity.input(frame + 2), parity.input(frame + 1), parity.input(frame)])
      single.read([parity.input(frame)])
    }
    single.read([parity.input(6)])
    network.imagining {
      network.read([parity.input(6), parity.input(3)], rows: [2, 0])
      #expect(Array(network.rootLogits(row: 0)) == Array(single.rootLogits(row: 0)))
    }
  }

  @Test func aCopiedRowIsItsOriginal() throws {
    let parity = try ParityCase.recorded()
    let network = Network(model, batch: 2, window: 6, imagined: 3)
    for frame in 0..<20 {
      if frame == 13 { network.copy(row: 1, to: 0) }
      let input = parity.input(frame)
      network.read([frame < 13 ? parity.input(19 - frame) : input, input])
    }
    #expect(Array(network.rootLogits(row: 0)) == Array(network.rootLogits(row: 1)))
  }

  @Test func rowsOfABatchDoNotMeet() throws {
    let parity = try ParityCase.recorded()
    let pair = Network(model, batch: 2)
    let singles = [Network(model), Network(model)]
    for frame in 1..<9 {
      let inputs = [parity.input(frame), parity.input(parity.inputs.count - frame)]
      pair.read(inputs)
      for (row, network) in singles.enumerated() { network.read([inputs[row]]) }
    }
    let chord = ChordVocabulary.Spelling(root: 7, quality: 2)
    for (row, network) in singles.enumerated() {
      #expect(logits(pair, row: row, chord: chord) == logits(network, row: 0, chord: chord))
    }
  }

  @Test func aSlidingWindowSeesOnlyItsFrames() throws {
    let parity = try ParityCase.recorded()
    let short = Network(model, window: 6, imagined: 3)
    // One layer's window is six frames; six layers see 31 frames at most. With different beginnings
    // longer ago than that, both must answer the same, though blocks were used again.
    let other = Network(model, window: 6, imagined: 3)
    other.read([parity.input(7)])
    short.read([parity.input(3)])
    for frame in 0..<70 {
      let input = parity.input(1 + frame % 20)
      short.read([input])
      other.read([input])
    }
    #expect(Array(short.rootLogits(row: 0)) == Array(other.rootLogits(row: 0)))
  }

  @Test(arguments: [0, 0.5, 1, 2], [0.01, 0.5, 0.9, 1])
  func whatIsLeftToChooseFromSharesAllTheProbability(temperature: Double, topP: Double) {
    var logits: [Float] = [0, 2, -1, 2.5, 1, -30]
    let shares = logits.withUnsafeMutableBufferPointer {
      Array(Sampling(temperature: temperature, topP: topP).shares($0))
    }
    #expect(abs(shares.reduce(0, +) - 1) < 1e-6)
    #expect(shares.max() == shares[3])
    #expect(shares.contains(0) == (temperature == 0 || topP < 1))
  }
}
