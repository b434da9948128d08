import Records

/// The settings of the agent's `settings` records, and the other settings that `set` records of the
/// stream have changed.
struct SessionSettings: Hashable {
  struct Entry: Hashable {
    let name: String
    /// The value in the last `set` or `settings` record that names the setting.
    fileprivate(set) var value: SettingValue
    /// The value in the agent's last `settings` record; nil for a setting that the agent lacks.
    fileprivate(set) var inForce: SettingValue?
    /// The value in the agent's first `settings` record; nil if a `set` record named the setting
    /// earlier.
    fileprivate let begun: SettingValue?
    /// The value of the last `set` record, if the agent refused it.
    fileprivate(set) var refused: SettingValue?

    var setting: Setting { Setting(name: name, value: value) }

    /// The setting as it is in force, without a value that the agent has not answered yet.
    var settled: Entry {
      Entry(name: name, value: inForce ?? value, inForce: inForce, begun: begun)
    }
  }

  private(set) var entries: [Entry] = []
  /// False while the MIDI clock that midi-in follows stands still.
  private(set) var isPlaying = true
  /// What the last `set` record asks for, until the agent answers with a `settings` record.
  private(set) var asked: Setting?

  /// A stream may name any number of settings; this many are kept.
  static let limit = 32

  mutating func receive(name: String, value: SettingValue) {
    if name == "playing", case .flag(let flag) = value {
      isPlaying = flag
      return
    }
    asked = Setting(name: name, value: value)
    let index = index(of: name) ?? add(name, value, begun: nil)
    entries[index].value = value
    entries[index].refused = nil
  }

  mutating func receive(_ settings: [Setting]) {
    for setting in settings {
      let (name, value) = (setting.name, setting.value)
      let index = index(of: name) ?? add(name, value, begun: value)
      let isAsked = name == asked?.name
      if isAsked || entries[index].value != value {
        entries[index].refused = isAsked && asked?.value != value ? asked?.value : nil
      }
      entries[index].value = value
      entries[index].inForce = value
    }
    asked = nil
  }

  subscript(name: String) -> Entry? { index(of: name).map { entries[$0] } }

  /// The settings whose values are not those that the agent began with.
  var changed: [Setting] { entries.filter { $0.value != $0.begun }.map(\.setting) }

  /// The settings that are as the agent began.
  var unchanged: [Setting] { entries.filter { $0.value == $0.begun }.map(\.setting) }

  private func index(of name: String) -> Int? { entries.firstIndex { $0.name == name } }

  /// Adds a setting, in the place of another one where there are too many.
  private mutating func add(_ name: String, _ value: SettingValue, begun: SettingValue?) -> Int {
    if entries.count == Self.limit {
      // The agent's own settings stay longest.
      entries.remove(at: entries.firstIndex { $0.inForce == nil } ?? 0)
    }
    entries.append(Entry(name: name, value: value, begun: begun))
    return entries.count - 1
  }
}
