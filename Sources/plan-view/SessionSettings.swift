import Records

/// What the agent goes by, as it tells in `settings` records, and what `set` records changed.
struct SessionSettings: Hashable {
  private struct Entry: Hashable {
    var setting: Setting
    /// As it was told first; nil where it never was.
    var begun: SettingValue?
  }

  private var entries: [Entry] = []
  /// False while the clock that midi-in(1) follows stands still.
  private(set) var isPlaying = true

  /// Names are the stream's: anyone may send any number of them.
  static let limit = 32

  mutating func receive(name: String, value: SettingValue) {
    if name == "playing", case .flag(let flag) = value {
      isPlaying = flag
    } else {
      hold(Setting(name: name, value: value), begun: nil)
    }
  }

  /// Whatever was asked for, this is in force.
  mutating func receive(_ settings: [Setting]) {
    for setting in settings { hold(setting, begun: setting.value) }
  }

  private mutating func hold(_ setting: Setting, begun: SettingValue?) {
    if let index = entries.firstIndex(where: { $0.setting.name == setting.name }) {
      entries[index].setting = setting
      return
    }
    if entries.count == Self.limit { entries.removeFirst() }
    entries.append(Entry(setting: setting, begun: begun))
  }

  /// Those that are not as the agent began.
  var changed: [Setting] { entries.filter { $0.setting.value != $0.begun }.map(\.setting) }

  var unchanged: [Setting] { entries.filter { $0.setting.value == $0.begun }.map(\.setting) }
}
