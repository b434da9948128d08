import Chords
import Music
import Records

/// Checks one plan after another.
struct PlanCheck: Sendable {
  typealias Finding = (rule: Breach.Rule, message: String)

  /// The latest plan that was checked; nil before the first.
  private var last: Plan?
  /// The chords of the committed frames from the latest plan's frame on, in order. A chord that is
  /// partly committed ends with the last committed frame.
  private var committed: [PlannedChord] = []

  /// The first frame that is not committed; nil before the first plan.
  var commit: Frame? { last?.commit }

  /// Checks the next plan, and returns the breaches.
  ///
  /// - Parameter tick: the frame of the latest tick; nil before the first.
  mutating func receive(_ plan: Plan, tick: Frame?) -> [Finding] {
    var found: [Finding] = []
    if tick == nil || plan.frame > tick! {
      found.append((.plan, "expected a tick of frame \(plan.frame.rawValue) before its plan"))
    }
    if let last {
      found += successionFindings(last, plan)
    } else if plan.revision != 1 {
      found.append((.plan, "expected revision 1 of the first plan, found \(plan.revision)"))
    }
    found += coverageFindings(plan) + chordFindings(plan) + commitmentFindings(plan)
    let end = max(plan.commit, last?.commit ?? plan.commit)
    committed = plan.chords.clipped(to: plan.frame, end)
    last = plan
    last?.commit = end
    return found
  }

  private func successionFindings(_ last: Plan, _ plan: Plan) -> [Finding] {
    var found: [Finding] = []
    if plan.revision != last.revision + 1 {
      found.append((.plan, "expected revision \(last.revision + 1), found \(plan.revision)"))
    }
    if plan.frame <= last.frame {
      found.append(
        (.plan, "expected a plan after frame \(last.frame.rawValue), found \(plan.frame.rawValue)"))
    }
    if plan.commit < last.commit {
      found.append(
        (
          .commitment,
          "expected commit from \(last.commit.rawValue) on, found \(plan.commit.rawValue)"
        ))
    }
    return found
  }

  /// The frame, `commit` and `until` are in order, and the chords leave no gap between the frame
  /// and `until`.
  private func coverageFindings(_ plan: Plan) -> [Finding] {
    guard plan.frame <= plan.commit, plan.commit <= plan.until else {
      return [(.plan, "expected \"frame\", \"commit\" and \"until\" in order")]
    }
    var next = min(plan.frame, plan.chords.first?.from ?? plan.until)
    for chord in plan.chords {
      if chord.from != next { return [gap(at: next)] }
      next = chord.to
    }
    if next < plan.until { return [gap(at: max(next, plan.frame))] }
    if next > plan.until {
      return [
        (.plan, "expected chords up to \(plan.until.rawValue), found them up to \(next.rawValue)")
      ]
    }
    return []
  }

  private func gap(at frame: Frame) -> Finding {
    (.plan, "expected a chord from frame \(frame.rawValue) on, found none")
  }

  private func chordFindings(_ plan: Plan) -> [Finding] {
    plan.chords.compactMap { chord in
      guard (try? ChordSymbol(chord.symbol)) == nil else { return nil }
      return (.chord, "expected a chord symbol, found \"\(chord.symbol)\"")
    }
  }

  /// The frames that were committed before, and that the plan covers, have the same chords.
  private func commitmentFindings(_ plan: Plan) -> [Finding] {
    guard let last else { return [] }
    let end = min(last.commit, plan.until)
    let (before, now) = (
      committed.clipped(to: plan.frame, end), plan.chords.clipped(to: plan.frame, end)
    )
    for (old, new) in zip(before, now) where old != new {
      return [(.commitment, "expected \(old.summary) as committed, found \(new.summary)")]
    }
    guard before.count != now.count else { return [] }
    let expected = "expected \(before.count) committed chords up to frame \(end.rawValue)"
    return [(.commitment, "\(expected), found \(now.count)")]
  }
}

extension [PlannedChord] {
  /// The parts of the chords that lie in the frames from `start` to before `end`, as far as they
  /// are committed: without confidences, and with the bass that sounds.
  fileprivate func clipped(to start: Frame, _ end: Frame) -> [PlannedChord] {
    compactMap { chord in
      let (from, to) = (Swift.max(chord.from, start), Swift.min(chord.to, end))
      return from < to
        ? PlannedChord(from: from, to: to, symbol: chord.symbol, bass: chord.bass) : nil
    }
  }
}

extension PlannedChord {
  fileprivate var summary: String { "\(symbol) in frames \(from.rawValue) to \(to.rawValue - 1)" }
}
