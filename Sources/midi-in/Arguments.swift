import ArgumentParser
import Music

/// How fast records are written.
enum Pace: String, CaseIterable, ExpressibleByArgument {
  /// Each when its time comes.
  case realtime
  /// All at once.
  case fast
}

/// Where frame 0 is.
enum Start: String, CaseIterable, ExpressibleByArgument {
  /// At the downbeat of the bar in which the first note begins.
  case note
  /// At the beginning of the file; on a keyboard, at once.
  case now
}

/// Which notes of a polyphonic track are the melody.
enum Voice: String, CaseIterable, ExpressibleByArgument {
  case highest, lowest, last, all
}

/// How often a tune is played.
enum Repeats: Hashable, Sendable, ExpressibleByArgument {
  case times(Int)
  case forever

  init?(argument: String) {
    if argument == "forever" {
      self = .forever
    } else if let count = Int(argument), count > 0 {
      self = .times(count)
    } else {
      return nil
    }
  }

  var defaultValueDescription: String {
    switch self {
    case .times(let count): "\(count)"
    case .forever: "forever"
    }
  }
}

/// A place in a tune: `5`, or `5:3` for the third beat of the fifth bar.
struct BarBeat: Hashable, Sendable, ExpressibleByArgument {
  /// From 1.
  var bar: Int
  /// From 1, in beats of the meter; nil for the whole bar.
  var beat: Int?

  init(bar: Int, beat: Int? = nil) {
    self.bar = bar
    self.beat = beat
  }

  init?(argument: String) {
    let numbers = argument.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard 1...2 ~= numbers.count, numbers.allSatisfy({ $0.map { 1...1_000_000 ~= $0 } ?? false })
    else { return nil }
    bar = numbers[0]!
    beat = numbers.count == 2 ? numbers[1]! : nil
  }
}

/// A track of a file.
enum TrackSelector: Hashable, Sendable, ExpressibleByArgument {
  /// From 1.
  case number(Int)
  case name(String)

  init?(argument: String) {
    self = Int(argument).map { .number($0) } ?? .name(argument)
  }
}

extension Meter: ExpressibleByArgument {
  public init?(argument: String) {
    let numbers = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let numerator = numbers[0], let denominator = numbers[1] else {
      return nil
    }
    self.init(numerator, denominator)
  }
}

extension Channel: ExpressibleByArgument {
  public init?(argument: String) {
    guard let number = Int(argument) else { return nil }
    self.init(number)
  }
}
