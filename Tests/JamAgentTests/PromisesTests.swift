import Chords
import Music
import Testing

@testable import jam_agent

@Suite struct PromisesTests {
  private static func choice(_ root: Int, _ confidence: Double?) -> Choice {
    Choice(chord: .init(root: root, quality: 0), confidence: confidence)
  }

  /// Eight frames at frame 0: two chords, four frames each.
  private let planned =
    [0.9, 0.9, 0.9, 0.9].map { choice(0, $0) } + [0.6, 0.6, 0.5, 0.5].map { choice(7, $0) }

  private func planning(_ planned: [Choice], from frame: Frame = Frame(0)) -> Promises {
    var promises = Promises(from: frame)
    promises.plan(until: frame + planned.count) { next, _ in planned[frame.distance(to: next)] }
    return promises
  }

  private func chords(_ promises: Promises) -> [(from: Frame, to: Frame, choice: Choice)] {
    var chords: [(from: Frame, to: Frame, choice: Choice)] = []
    promises.forEachChord { chords.append(($0, $1, $2)) }
    return chords
  }

  @Test func aChordIsAsSureAsWhereItIsLeastSo() {
    let chords = chords(planning(planned))
    #expect(chords.map(\.choice) == [Self.choice(0, 0.9), Self.choice(7, 0.5)])
    #expect(
      chords.map(\.from) == [Frame(0), Frame(4)] && chords.map(\.to) == [Frame(4), Frame(8)])
  }

  @Test func whatIsPromisedIsNotAskedForAgain() {
    var promises = planning(planned)
    promises.promise(upTo: Frame(6))
    promises.advance(to: Frame(2))
    var asked: [Frame] = []
    promises.plan(until: Frame(8)) { frame, sounding in
      asked.append(frame)
      #expect(sounding == (frame == Frame(6) ? Self.choice(7, 0.6) : Self.choice(5, 0.2)))
      return Self.choice(5, 0.2)
    }
    #expect(asked == [Frame(6), Frame(7)])
    #expect(
      promises.choices == Array(planned[2..<6]) + [Self.choice(5, 0.2), Self.choice(5, 0.2)])
    // What sounds already begins where it began; a promise is as sure as when it was made.
    let chords = chords(promises)
    #expect(chords.map(\.from) == [Frame(0), Frame(4), Frame(6)])
    #expect(chords[1].choice == Self.choice(7, 0.6))
  }

  @Test(arguments: [(0.95, 8, 0), (0.9, 8, 4), (0.6, 8, 6), (0.6, 5, 5), (0.5, 8, 8)])
  func moreIsPromisedAsLongAsItIsSure(sure: Double, upTo: Int, expected: Int) {
    var promises = planning(planned)
    promises.promise(upTo: Frame(upTo), ifSure: sure)
    #expect(promises.commit == Frame(expected))
  }

  @Test func nothingIsSureWithoutVotes() {
    var promises = planning(Array(repeating: Self.choice(0, nil), count: 8))
    promises.promise(upTo: Frame(8), ifSure: 0)
    #expect(promises.commit == Frame(0))
  }

  @Test func whatWasMeantAndNotPromisedIsForgotten() {
    var promises = planning(planned)
    promises.promise(upTo: Frame(2))
    promises.advance(to: Frame(3))
    #expect(promises.choices.isEmpty && promises.commit == Frame(3))
  }

  @Test func framesWithoutAPromiseWereSilent() {
    var promises = planning(Array(planned[..<2]))
    promises.promise(upTo: Frame(2))
    promises.advance(to: Frame(9))
    #expect(promises.commit == Frame(9))
    promises.plan(until: Frame(10)) { frame, sounding in
      #expect(sounding == Choice())
      return sounding
    }
    #expect(chords(promises).map(\.from) == [Frame(2)])
  }
}
