import Chords
import Keys
import Music
import Records
import Transformer

/// Writes plans down as records, each in the memory of the one before.
///
/// Real-time: allocates nothing if the record before has been released.
struct PlanRecord {
  private var plan = Plan(
    frame: Frame(0), revision: 0, commit: Frame(0), until: Frame(0), chords: [], melody: [])

  init() {
    plan.chords.reserveCapacity(HarmonyTracker.maxRollout)
    plan.melody.reserveCapacity(HarmonyTracker.maxRollout)
  }

  /// The next revision: the chords of a plan, and the melody that is expected from `frame` on.
  mutating func write(
    _ committed: borrowing CommittedPlan, at frame: Frame, until: Frame,
    melody: [(event: MelodyEvent, state: MelodyState)], _ vocabulary: ChordVocabulary
  ) -> Plan {
    plan.frame = frame
    plan.revision += 1
    (plan.commit, plan.until) = (committed.commit, until)
    plan.chords.removeAll(keepingCapacity: true)
    committed.forEachChord { from, to, choice in
      let isChord = choice.chord != .noChord
      plan.chords.append(
        PlannedChord(
          from: from, to: to, symbol: vocabulary.text(for: choice.chord, in: choice.key),
          bass: isChord ? UInt8((choice.chord.root + choice.chord.bass) % 12) : nil,
          confidence: choice.confidence.map { ($0 * 100).rounded() / 100 }))
    }
    writeMelody(melody)
    return plan
  }

  private mutating func writeMelody(_ melody: [(event: MelodyEvent, state: MelodyState)]) {
    plan.melody.removeAll(keepingCapacity: true)
    for (offset, predicted) in melody.enumerated() {
      guard case .sounding(let pitch) = predicted.state else { continue }
      let frame = plan.frame + offset
      if predicted.event == .hold, plan.melody.last?.to == frame {
        plan.melody[plan.melody.count - 1].to = frame + 1
      } else {
        plan.melody.append(PlannedNote(from: frame, to: frame + 1, pitch: pitch))
      }
    }
  }
}
