import Records

/// What has gone wrong in the session so far, as counts. All but the first come from `stat`
/// records.
struct SessionHealth: Hashable {
  /// Ticks whose plan had not come when the next tick came.
  private(set) var latePlans = 0
  /// Notes that midi-out played late.
  private(set) var lateNotes = 0
  /// Ticks that the agent passed over.
  private(set) var missed = 0
  /// Lines that jam-tee left out of this branch.
  private(set) var dropped = 0
  /// Events that midi-in lost.
  private(set) var lost = 0

  private static let most = 1_000_000_000

  mutating func tickWithoutPlan() { latePlans += 1 }

  mutating func receive(_ counters: [Counter]) {
    for counter in counters {
      let value = Int(min(max(counter.value, 0), Double(Self.most)))
      switch counter.name {
      case "late": lateNotes = value
      case "missed": missed = value
      case "lost": lost = value
      // In a record of its own it stands for lines that jam-tee left out there, so gaps add up.
      case "dropped": dropped = counters.count == 1 ? min(dropped + value, Self.most) : value
      default: break
      }
    }
  }

  /// The counts that are not 0, with their names.
  var complaints: [(name: String, count: Int)] {
    [
      ("late plans", latePlans), ("late notes", lateNotes), ("missed", missed),
      ("dropped", dropped), ("lost", lost),
    ].filter { $0.1 > 0 }
  }
}
