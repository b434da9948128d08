import Records

/// How the session fares, as its records tell.
struct SessionHealth: Hashable {
  /// Ticks whose plan was not there when the next one came.
  private(set) var latePlans = 0
  /// Notes that came late, ticks that the agent passed over, lines that this branch lacks, events that
  /// midi-in lost.
  private(set) var late = 0
  private(set) var missed = 0
  private(set) var dropped = 0
  private(set) var lost = 0

  mutating func tickWithoutPlan() { latePlans += 1 }

  mutating func receive(_ counters: [Counter]) {
    for counter in counters {
      let value = Int(min(max(counter.value, 0), 1e9))
      switch counter.name {
      case "late": late = value
      case "missed": missed = value
      case "lost": lost = value
      // By itself it stands in the place of lines that jam-tee(1) left out there.
      case "dropped": dropped = counters.count == 1 ? min(dropped + value, 1_000_000_000) : value
      default: break
      }
    }
  }

  /// What is wrong, with its name; nothing where all is well.
  var complaints: [(name: String, count: Int)] {
    [
      ("late plans", latePlans), ("late notes", late), ("missed", missed), ("dropped", dropped),
      ("lost", lost),
    ].filter { $0.1 > 0 }
  }
}
