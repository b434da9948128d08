import Records

/// The settings that `set` records changed, in the order of their first change.
struct SessionSettings: Hashable {
  struct Setting: Hashable {
    var name: String
    var value: SettingValue
  }

  private(set) var all: [Setting] = []
  /// False while the clock that midi-in(1) follows stands still.
  private(set) var isPlaying = true

  /// Names are the stream's: anyone may send any number of them.
  static let limit = 16

  mutating func receive(name: String, value: SettingValue) {
    if name == "playing", case .flag(let flag) = value {
      isPlaying = flag
      return
    }
    if let index = all.firstIndex(where: { $0.name == name }) {
      all[index].value = value
      return
    }
    if all.count == Self.limit { all.removeFirst() }
    all.append(Setting(name: name, value: value))
  }
}
