import ArgumentParser
import Music
import Records

/// When records are written.
enum Pace: String, CaseIterable, ExpressibleByArgument {
  /// Each at its time.
  case realtime
  /// As fast as possible.
  case fast
}

/// Where frame 0 of the stream is.
enum Start: String, CaseIterable, ExpressibleByArgument {
  /// On the bar line of the bar in which the first note begins.
  case note
  /// At the beginning of the file; live, at once.
  case now
}

/// Which notes of a polyphonic track make the melody.
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
  /// The number of the bar, counted from 1.
  var bar: Int
  /// The number of the beat in its bar, counted from 1 in beats of the meter; nil for the whole
  /// bar.
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
  /// The number of the track, counted from 1.
  case number(Int)
  case name(String)

  init?(argument: String) {
    self = Int(argument).map { .number($0) } ?? .name(argument)
  }
}

extension Meter: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension Channel: ExpressibleByArgument {
  public init?(argument: String) {
    guard let number = Int(argument) else { return nil }
    self.init(number)
  }
}
