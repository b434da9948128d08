import Music
import TestSupport
import Testing

@testable import plan_view

/// The history that a picture is drawn from.
func history(
  _ lines: [String], from: Int? = nil, to: Int? = nil,
  limits: SessionHistory.Limits = SessionHistory.Limits()
) throws -> SessionHistory {
  var scene = Scene()
  var history = SessionHistory(from: from, to: to, limits: limits)
  for record in try records(lines.joined(separator: "\n")) {
    scene.receive(record)
    history.receive(record, scene.state)
  }
  return history
}

/// A session of random plans. They reach a few frames ahead and have few chords, so that they
/// change often.
struct RandomPlans {
  var lines = [header]
  /// For each tick, the symbols that its plan has for the frames from there on.
  var planned: [[String]] = []

  init(frames: Int, seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let symbols = ["C", "Cmaj7", "Am", "G7", "N"]
    var plannable = (0..<frames + 24).map { _ in symbols.randomElement(using: &generator)! }
    for tick in 0..<frames {
      // Frames are committed two ahead.
      for frame in tick + 2..<tick + 24 where Int.random(in: 0..<8, using: &generator) == 0 {
        plannable[frame] = symbols.randomElement(using: &generator)!
      }
      let ahead = Int.random(in: 3...16, using: &generator)
      planned.append(Array(plannable[tick..<tick + ahead]))
      lines.append(#"{"type":"tick","frame":\#(tick)}"#)
      let chords = plannable[tick..<tick + ahead].enumerated().map { (tick + $0, $1) }
      lines.append(plan(tick, commit: tick + 2, until: tick + ahead, chords))
    }
  }
}

@Suite struct ExportHistoryTests {
  /// Compares with a count that looks each frame up in each plan.
  @Test("counts how often the plan for a frame changed", arguments: 1...20 as ClosedRange<UInt64>)
  func countsChangesOfPlan(seed: UInt64) throws {
    let plans = RandomPlans(frames: 64, seed: seed)
    let session = try history(plans.lines)
    var total = 0
    for frame in 0..<64 {
      let planned = plans.planned.indices.filter { $0 <= frame }
        .compactMap { tick in plans.planned[tick].dropFirst(frame - tick).first }
      var changes = 0
      for (one, next) in zip(planned, planned.dropFirst()) where one != next { changes += 1 }
      total += changes
      #expect(session.plans[Frame(frame)]?.changes == changes, "seed \(seed), frame \(frame)")
      #expect(session.plans[Frame(frame)]?.outcome == planned.last, "seed \(seed), \(frame)")
    }
    let figures = PictureFigures(session)
    #expect(figures.changes == total)
    #expect(figures.frames == 64)
    #expect(figures.plans == 64)
    let revisions = plans.planned.indices.dropFirst().count { tick in
      zip(plans.planned[tick - 1].dropFirst(), plans.planned[tick]).contains { $0 != $1 }
        || Self.cameBack(tick, plans.planned)
    }
    #expect(figures.revisions == revisions, "seed \(seed)")
  }

  /// Whether a frame that the plan before did not reach has another chord than in the last plan
  /// that reached it.
  private static func cameBack(_ tick: Int, _ planned: [[String]]) -> Bool {
    for (ahead, symbol) in planned[tick].enumerated() where ahead + 1 >= planned[tick - 1].count {
      let earlier = (0..<tick).reversed().lazy.compactMap { past in
        planned[past].dropFirst(tick + ahead - past).first
      }.first
      if let earlier, earlier != symbol { return true }
    }
    return false
  }

  @Test("plays a chord as it was committed first")
  func aChordIsPlayedAsItWasCommittedFirst() throws {
    let session = try history([
      header, tick(0), plan(0, commit: 4, until: 8, [(0, "C"), (2, "F")]),
      tick(1), plan(1, commit: 4, until: 8, [(0, "C"), (2, "G")]), tick(2), tick(3),
    ])
    #expect(session.playedChords.map(\.symbol) == ["C", "F"])
    #expect(session.plans[Frame(2)]?.settled == nil)
  }

  @Test("takes a chord that is spelled anew for the same chord")
  func anotherSpellingIsNoChange() throws {
    let session = try history([
      header, tick(0), plan(0, commit: 1, until: 8, [(0, "Dbm"), (4, "Ab")]),
      tick(1), plan(1, commit: 4, until: 8, [(0, "C#m"), (4, "G#")]),
      tick(3), plan(3, commit: 8, until: 8, [(0, "C#m"), (4, "G#")]), tick(7),
    ])
    #expect(session.playedChords.map(\.symbol) == ["Dbm", "G#"])
    #expect(session.playedChords.map(\.changes) == [0, 0])
    #expect(session.revisions.allSatisfy { $0.frames == 0 })
    #expect(session.plans[Frame(4)]?.settled == Frame(0))
    #expect(Agreement(planned: "Ab7", played: "G#7") == .agrees)
    let frames = (0..<8).map { Frame($0) }
    let regions = plannedRegions(of: frames, in: session.plans, lastFrame: Frame(7))
    #expect(regions.map(\.columns.count) == [4, 4])
  }

  @Test("takes a second onset of the same chord for another chord")
  func aSecondOnsetIsAnotherChord() throws {
    let session = try history([
      header, tick(0), plan(0, commit: 8, until: 8, [(0, "C"), (4, "C")]),
      tick(5), plan(5, commit: 12, until: 12, [(4, "C")]), tick(11),
    ])
    #expect(session.playedChords.map(\.frames) == [Frame(0)..<Frame(4), Frame(4)..<Frame(12)])
  }

  @Test("leaves out frames that no plan committed in time")
  func framesThatWereNotCommittedAreNotPlayed() throws {
    let session = try history([
      header, tick(0), plan(0, commit: 0, until: 4, [(0, "C")]),
      tick(2), plan(2, commit: 4, until: 4, [(0, "C")]), tick(3),
    ])
    #expect(session.playedChords.map(\.frames) == [Frame(2)..<Frame(4)])
  }

  @Test("tells how far ahead a chord was settled and committed")
  func tellsHowFarAheadAChordWasKnown() throws {
    let session = try history([
      header, tick(0), plan(0, commit: 4, until: 16, [(0, "N"), (8, "F")]),
      tick(1), plan(1, commit: 5, until: 16, [(0, "N"), (8, "Am")]),
      tick(3), plan(3, commit: 7, until: 16, [(0, "N"), (8, "F")]),
      tick(6), plan(6, commit: 10, until: 16, [(0, "N"), (8, "F")]), tick(8),
    ])
    let chord = try #require(session.playedChords.last)
    #expect(chord.symbol == "F")
    #expect(chord.settledAhead == 5)
    #expect(chord.committedAhead == 2)
    #expect(chord.changes == 2)
  }

  @Test("begins with the bar of the first note or chord")
  func beginsWithTheFirstNoteOrChord() throws {
    let empty = (0..<32).map { tick($0) }
    let session = try history(
      [header] + empty + [tick(32), noteOn(60), tick(33), noteOff(60), tick(50)])
    #expect(session.bars.map(\.number) == [3, 4])
    #expect(session.notes.map(\.from) == [32])
    #expect(session.notes.map(\.to) == [33])
  }

  @Test("keeps the wanted bars only")
  func keepsTheBarsThatAreWanted() throws {
    let ticks = (0..<96).flatMap { [tick($0), noteOn(60), noteOff(60)] }
    let session = try history([header] + ticks, from: 2, to: 4)
    #expect(session.bars.map(\.number) == [2, 3, 4])
    #expect(session.frames == Array(Frame(16)..<Frame(64)))
    #expect(session.notes.count == 48)
    #expect(!session.isCutShort)
    #expect(session.lastBar == 6)
  }

  @Test("keeps a note that began before the first bar")
  func aNoteThatSoundsAlreadyIsThereFromTheFirstBarOn() throws {
    let ticks = (0..<40).map { tick($0) }
    let session = try history([header, tick(-2), noteOn(60)] + ticks + [noteOff(60)], from: 2)
    #expect(session.notes.map(\.to) == [39])
  }

  @Test("cuts a bar short at a change of meter")
  func aChangeOfMeterCutsABarShort() throws {
    let session = try history([
      header, tick(0), noteOn(60), #"{"type":"meter","frame":8,"value":"3/4"}"#, tick(8), tick(20),
    ])
    #expect(session.bars.map(\.frames.count) == [8, 12, 12])
    #expect(session.bars.map(\.meter.text) == ["4/4", "3/4", "3/4"])
  }

  @Test("ends at its limits and says so")
  func growsNoLargerThanItsLimits() throws {
    let plans = RandomPlans(frames: 400, seed: 1)
    var limits = SessionHistory.Limits()
    for change in [\SessionHistory.Limits.bars, \.frames, \.plannedSymbols] {
      limits = SessionHistory.Limits()
      limits[keyPath: change] = change == \.bars ? 3 : 50
      let session = try history(plans.lines, limits: limits)
      let isCutShort = session.isCutShort
      #expect(isCutShort)
      #expect(session.bars.count == 3 || change == \.plannedSymbols)
      #expect(session.lastBar == 25)
      let symbols = session.plans.values.reduce(0) { $0 + $1.planned.count }
      #expect(symbols <= limits.plannedSymbols)
      #expect(session.revisions.count <= 64)
    }
    limits = SessionHistory.Limits()
    limits.notes = 5
    let notes = (0..<64).flatMap { [tick($0), noteOn($0)] }
    #expect(try history([header] + notes, limits: limits).notes.count == 5)
  }

  @Test("moves bars that have begun when a meter comes too late")
  func aMeterThatComesTooLateMovesBars() throws {
    let late = #"{"type":"meter","frame":5,"value":"20/2"}"#
    let history = try history([header, noteOn(60), tick(20), late, tick(21), tick(22)])
    #expect(history.bars.map(\.frames) == [Frame(5)..<Frame(165)])
    #expect(history.frames.last == Frame(22))
  }

  @Test("leaves out drums")
  func drumsAreNoMelody() throws {
    let history = try history([header, noteOn(36, channel: 10), tick(0), noteOn(60), tick(1)])
    #expect(history.notes.map(\.pitch) == [Pitch(60)!])
  }
}
