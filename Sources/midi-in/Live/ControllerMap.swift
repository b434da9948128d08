import ArgumentParser
import Records

/// A controller that changes a setting: `cc74=temperature:0..2`, or `learn=temperature:0..2` for the one
/// that is moved first.
struct ControllerMapping: Hashable, Sendable, ExpressibleByArgument {
  /// Nil until it was learned.
  var controller: UInt8?
  let setting: String
  /// What value 0 of the controller stands for.
  let low: Double
  /// What value 127 stands for; may be less.
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

  /// The setting's value, in thousandths of its range.
  func value(of position: UInt8) -> Double {
    let exact = low + (high - low) * Double(position) / 127
    return (exact * 1000).rounded() / 1000
  }
}

/// Controllers that change settings.
struct ControllerMap: Sendable {
  /// What is never learned: somebody plays on with a pedal down.
  private static func isPedalOrMode(_ controller: UInt8) -> Bool {
    64...69 ~= controller || controller >= 120
  }

  private var mappings: [ControllerMapping]

  init(_ mappings: [ControllerMapping]) {
    self.mappings = mappings
  }

  /// What a controller that takes a value changes: settings' names and values, and which of them it
  /// was learned for just now. Nothing if it changes none.
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
