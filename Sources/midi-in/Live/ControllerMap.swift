import ArgumentParser
import Records

/// A controller that changes a setting: `cc74=temperature:0..2`. With `learn=temperature:0..2` it
/// is the controller that is moved first.
struct ControllerMapping: Hashable, Sendable, ExpressibleByArgument {
  /// Nil until it is learned.
  var controller: UInt8?
  let setting: String
  /// The setting at value 0 of the controller.
  let low: Double
  /// The setting at value 127; it may be less than `low`.
  let high: Double

  init?(argument: String) {
    let sides = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard sides.count == 2, let colon = sides[1].lastIndex(of: ":") else { return nil }
    if sides[0] != "learn" {
      guard let controller = Self.controller(sides[0]) else { return nil }
      self.controller = controller
    }
    setting = String(sides[1][..<colon].map { $0 == "-" ? "_" : $0 })
    guard !setting.isEmpty, let dots = sides[1].ranges(of: "..").first,
      dots.lowerBound > colon,
      let low = Double(sides[1][sides[1].index(after: colon)..<dots.lowerBound]),
      let high = Double(sides[1][dots.upperBound...]), low.isFinite, high.isFinite
    else { return nil }
    (self.low, self.high) = (low, high)
  }

  /// `cc74`
  static func controller(_ text: some StringProtocol) -> UInt8? {
    guard text.lowercased().hasPrefix("cc"), let number = UInt8(text.dropFirst(2)), number < 128
    else { return nil }
    return number
  }

  /// The setting at a value of the controller, rounded to thousandths.
  func value(of position: UInt8) -> Double {
    let exact = low + (high - low) * Double(position) / 127
    return (exact * 1000).rounded() / 1000
  }
}

/// The controllers that change settings.
struct ControllerMap: Sendable {
  /// Pedals and channel modes are never learned: they are used while playing.
  private static func isPedalOrMode(_ controller: UInt8) -> Bool {
    64...69 ~= controller || controller >= 120
  }

  private var mappings: [ControllerMapping]

  init(_ mappings: [ControllerMapping]) {
    self.mappings = mappings
  }

  /// Handles a value of a controller. Returns a `set` event for each setting that it changes, and
  /// whether it was learned for that setting just now.
  mutating func receive(_ controller: UInt8, _ position: UInt8) -> [(Event, isLearned: Bool)] {
    guard !mappings.isEmpty else { return [] }
    let isKnown = mappings.contains { $0.controller == controller }
    var learned: Int?
    if !isKnown, !Self.isPedalOrMode(controller),
      let index = mappings.firstIndex(where: { $0.controller == nil })
    {
      mappings[index].controller = controller
      learned = index
    }
    return mappings.indices.filter { mappings[$0].controller == controller }.map { index in
      let mapping = mappings[index]
      let event = Event.set(name: mapping.setting, value: .number(mapping.value(of: position)))
      return (event, index == learned)
    }
  }
}
