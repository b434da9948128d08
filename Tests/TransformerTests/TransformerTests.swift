import Chords
import Foundation
import Music
import TestSupport
import Testing

@testable import Transformer

/// Inputs of the shipped model, and the logits that PyTorch computed from them, with the agent's
/// rounding. Training records them.
private struct ParityCase: Decodable {
  struct Logits: Decodable {
    var chordOnset, root, quality, bass, melody: [[Float]]

    private enum CodingKeys: String, CodingKey {
      case root, quality, bass, melody
      case chordOnset = "strike"
    }
  }

  var inputs: [[Int]]
  var chord: [String: Int]
  var logits: Logits

  static func recorded() throws -> ParityCase {
    let path = ToolRunner.root.appendingPathComponent("Tests/Fixtures/parity.json")
    return try JSONDecoder().decode(ParityCase.self, from: Data(contentsOf: path))
  }

  /// The input of a frame, which is recorded as row numbers of the network's tables.
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
      melody: melody, state: pitch.map { .sounding($0) } ?? .silent,
      chord: ChordEvent(
        chord: ChordTokens(root: x[3], quality: x[4], bass: x[5]), isOnset: x[2] == 1))
    let place = MetricalPlace(
      place: x[6], length: x[6] + x[7] + 1, bar: x[8], meter: .fourFour)
    return FrameInput(before: x[0] == MelodyKind.start.rawValue ? nil : before, place: place)
  }
}

private func array(_ logits: borrowing MutableSpan<Float>) -> [Float] {
  logits.indices.map { logits[$0] }
}

private func rootLogits(_ network: Network, row: Int) -> [Float] {
  network.withRootLogits(row: Network.Row(row)) { array($0) }
}

extension Network {
  /// Reads the next frame of rows 0, 1, ...
  fileprivate func forward(_ inputs: [FrameInput]) {
    forward(inputs, rows: Array(inputs.indices))
  }

  // Rows by their numbers.

  fileprivate func forward(_ inputs: [FrameInput], rows: [Int]) {
    forward(inputs, rows: rows.map(Row.init))
  }

  fileprivate func fork(from parent: Int, to child: Int) { fork(from: Row(parent), to: Row(child)) }

  fileprivate func reset(row: Int) { reset(row: Row(row)) }
}

private let shippedModel = ToolRunner.root.appendingPathComponent("Models/accompanist.safetensors")

@Suite struct NetworkTests {
  let model: Model

  init() throws { model = try Model(path: shippedModel.path) }

  private func logits(
    _ network: Network, row number: Int, chord: ChordTokens
  ) -> [[Float]] {
    let row = Network.Row(number)
    return [
      network.withChordOnsetLogits(row: row) { array($0) }, rootLogits(network, row: number),
      network.withQualityLogits(row: row, root: chord.root) { array($0) },
      network.withBassLogits(row: row, root: chord.root, quality: chord.quality) { array($0) },
      network.withMelodyLogits(row: row, chord: ChordEvent(chord: chord, isOnset: true)) {
        array($0)
      },
    ]
  }

  /// Sums of float32 differ in their last digits. So a state that is halfway between two 16-bit
  /// numbers may be rounded to either.
  private func expectAlike(_ found: [Float], _ wanted: [Float], frame: Int) {
    #expect(found.count == wanted.count)
    #expect(zip(found, wanted).allSatisfy { abs($0 - $1) < 2e-3 }, "frame \(frame)")
  }

  /// Only the distances between positions matter, so a row may start again at any position, even
  /// after the window has moved on.
  @Test("a row that is reset gives the logits of a new network", arguments: [5, 12, 20])
  func resetRow(start: Int) throws {
    let parity = try ParityCase.recorded()
    let chord = ChordTokens(root: 4, quality: 3, bass: 7)
    let (network, new) = (
      Network(model, capacity: 2, window: 12, maxRollback: 2),
      Network(model, window: 12, maxRollback: 2)
    )
    for frame in 0..<24 {
      if frame == start { network.reset(row: 1) }
      network.forward([parity.input(frame), parity.input(frame)])
      guard frame >= start else { continue }
      new.forward([parity.input(frame)])
      let pairs = zip(
        logits(network, row: 1, chord: chord), logits(new, row: 0, chord: chord))
      for (found, wanted) in pairs {
        expectAlike(found, wanted, frame: frame)
      }
    }
    network.fork(from: 1, to: 0)
    #expect(logits(network, row: 0, chord: chord) == logits(network, row: 1, chord: chord))
  }

  @Test("logits agree with PyTorch's")
  func agreesWithPyTorch() throws {
    let parity = try ParityCase.recorded()
    let network = Network(model)
    let chord = ChordTokens(
      root: parity.chord["root"]!, quality: parity.chord["quality"]!, bass: parity.chord["bass"]!)
    let expected = parity.logits
    for frame in parity.inputs.indices {
      network.forward([parity.input(frame)])
      let found = logits(network, row: 0, chord: chord)
      let wanted = [
        expected.chordOnset[frame], expected.root[frame], expected.quality[frame],
        expected.bass[frame], expected.melody[frame],
      ]
      for (found, wanted) in zip(found, wanted) {
        expectAlike(found, wanted, frame: frame)
      }
    }
  }

  @Test("after a rollback a network goes on as if it had not read ahead")
  func rollsBack() throws {
    let parity = try ParityCase.recorded()
    let (straight, rollingOut) = (Network(model), Network(model))
    for frame in 0..<12 {
      straight.forward([parity.input(frame)])
      rollingOut.forward([parity.input(frame)])
      rollingOut.withRollback {
        for ahead in 12..<20 { rollingOut.forward([parity.input(ahead)]) }
      }
      #expect(rootLogits(straight, row: 0) == rootLogits(rollingOut, row: 0))
    }
  }

  /// Random rollouts, forks, resets and frames, for longer than the window. One of two networks
  /// rolls out, the other computes every state.
  @Test("states that were cached in rollouts equal computed ones", arguments: 1...3)
  func cachedStatesAreTrue(seed: UInt64) throws {
    let parity = try ParityCase.recorded()
    var random = SplitMix64(seed: seed)
    let batch = 3
    let (rollingOut, straight) = (
      Network(model, capacity: batch, window: 40, maxRollback: 6),
      Network(model, capacity: batch, window: 40, maxRollback: 6)
    )
    func input() -> FrameInput { parity.input(Int.random(in: 1...3, using: &random)) }
    func row() -> Int { Int.random(in: 0..<batch, using: &random) }
    for _ in 0..<150 {
      switch Int.random(in: 0..<8, using: &random) {
      case 0:
        let (from, to) = (row(), row())
        for network in [rollingOut, straight] { network.fork(from: from, to: to) }
      case 1:
        let restarted = row()
        for network in [rollingOut, straight] { network.reset(row: restarted) }
      default:
        let rows = Array((0..<batch).shuffled(using: &random).prefix(2))
        rollingOut.withRollback {
          for _ in 0..<Int.random(in: 1...6, using: &random) {
            rollingOut.forward([input(), input()], rows: rows)
          }
        }
      }
      let inputs = (0..<batch).map { _ in input() }
      for network in [rollingOut, straight] { network.forward(inputs) }
      for row in 0..<batch {
        #expect(
          rootLogits(rollingOut, row: row) == rootLogits(straight, row: row), "seed \(seed)")
      }
    }
  }

  @Test("a frame that is played as it was rolled out is not computed again")
  func reusesStates() throws {
    let parity = try ParityCase.recorded()
    let network = Network(model, capacity: 2, maxRollback: 8)
    func readBoth(_ frames: Range<Int>, andThen other: Int? = nil) -> Int {
      let before = network.computedStates
      for frame in frames { network.forward([parity.input(frame), parity.input(frame)]) }
      if let other { network.forward([parity.input(other), parity.input(frames.upperBound)]) }
      return network.computedStates - before
    }
    #expect(readBoth(0..<3) == 6)
    #expect(network.withRollback { readBoth(3..<9) } == 12)
    #expect(network.withRollback { readBoth(3..<11) } == 4, "two frames are new")
    #expect(readBoth(3..<5) == 0, "the frames are played as they were rolled out")
    #expect(readBoth(5..<6, andThen: 20) == 1, "one row reads something else")
    #expect(
      network.withRollback { readBoth(7..<9) } == 2, "that row has no cached states from there on")
    network.fork(from: 1, to: 0)
    #expect(network.withRollback { readBoth(7..<9) } == 2, "a forked row has no cached states")
    network.reset(row: 1)
    #expect(readBoth(7..<9) == 2, "a row that is reset has no cached states")
  }

  @Test("some rows can read on without the others")
  func readsSomeRows() throws {
    let parity = try ParityCase.recorded()
    let network = Network(model, capacity: 3)
    let single = Network(model)
    for frame in 0..<6 {
      network.forward([parity.input(frame + 2), parity.input(frame + 1), parity.input(frame)])
      single.forward([parity.input(frame)])
    }
    single.forward([parity.input(6)])
    network.withRollback {
      network.forward([parity.input(6), parity.input(3)], rows: [2, 0])
      #expect(rootLogits(network, row: 2) == rootLogits(single, row: 0))
    }
  }

  @Test("a forked row gives the logits of its original")
  func forksRow() throws {
    let parity = try ParityCase.recorded()
    let network = Network(model, capacity: 2, window: 6, maxRollback: 3)
    for frame in 0..<20 {
      if frame == 13 { network.fork(from: 1, to: 0) }
      let input = parity.input(frame)
      network.forward([frame < 13 ? parity.input(19 - frame) : input, input])
    }
    #expect(rootLogits(network, row: 0) == rootLogits(network, row: 1))
  }

  @Test("the rows of a batch do not affect each other")
  func rowsAreIndependent() throws {
    let parity = try ParityCase.recorded()
    let pair = Network(model, capacity: 2)
    let singles = [Network(model), Network(model)]
    for frame in 1..<9 {
      let inputs = [parity.input(frame), parity.input(parity.inputs.count - frame)]
      pair.forward(inputs)
      for (row, network) in singles.enumerated() { network.forward([inputs[row]]) }
    }
    let chord = ChordTokens(root: 7, quality: 2)
    for (row, network) in singles.enumerated() {
      #expect(logits(pair, row: row, chord: chord) == logits(network, row: 0, chord: chord))
    }
  }

  @Test("a network attends to the frames of its window only")
  func slidingWindow() throws {
    let parity = try ParityCase.recorded()
    let short = Network(model, window: 6, maxRollback: 3)
    // A layer attends to six frames, so six layers reach back over 31 frames at most. The networks
    // differ in an earlier frame only, so their logits are equal, although blocks were reused.
    let other = Network(model, window: 6, maxRollback: 3)
    other.forward([parity.input(7)])
    short.forward([parity.input(3)])
    for frame in 0..<70 {
      let input = parity.input(1 + frame % 20)
      short.forward([input])
      other.forward([input])
    }
    #expect(rootLogits(short, row: 0) == rootLogits(other, row: 0))
  }
}
