import AgentSettings
import Chords
import JSONText
import Music
import Records

/// The server-sent events that make a page show a scene. Each carries the whole of one thing, so
/// the page never has to work out anything from several events.
///
/// Their data is JSON in one line, made here: no text of the stream is passed on as it came.
struct PageEvents {
  private(set) var bytes: [UInt8] = []

  private mutating func add(_ name: String, _ data: JSON) {
    bytes += "event: \(name)\ndata: ".utf8
    data.append(to: &bytes)
    bytes += "\n\n".utf8
  }

  /// All that a page needs that shows nothing yet.
  static func snapshot(of scene: Scene, canSet: Bool) -> [UInt8] {
    var events = PageEvents()
    events.add("start", [:])
    events.add("controls", SettingControl.all(canSet: canSet))
    events.addSession(scene.state)
    events.addBars(scene.state)
    events.add("now", PageMoment(scene.state).json)
    events.add("view", PageLook(scene).json)
    for entry in scene.state.settings.entries { events.add(entry.settled) }
    events.addNotes(scene.state.recent.notes)
    events.addPlan(scene)
    events.add("status", PageStatus(scene.state).json)
    return events.bytes
  }

  /// What a record has changed for a page that shows the scene before it.
  static func changes(by record: Record, from before: Scene, to scene: Scene) -> [UInt8] {
    var events = PageEvents()
    let (old, new) = (before.state, scene.state)
    if case .header = record.event { events.addSession(new) }
    if new.bars.all != old.bars.all { events.addBars(new) }
    let moment = PageMoment(new)
    if moment != PageMoment(old) { events.add("now", moment.json) }
    let look = PageLook(scene)
    let hasNewLook = look != PageLook(before)
    if hasNewLook { events.add("view", look.json) }
    switch record.event {
    case .set(let name, _):
      if let entry = new.settings[name] { events.add(entry) }
    case .settings:
      for entry in new.settings.entries
      where entry != old.settings[entry.name] || entry.name == old.settings.asked?.name {
        events.add(entry)
      }
    case .message, .end:
      events.addNotes(new.recent.notes(since: old.recent))
    default: break
    }
    if hasNewLook || new.plan != old.plan { events.addPlan(scene) }
    let status = PageStatus(new)
    if status != PageStatus(old) { events.add("status", status.json) }
    return events.bytes
  }
}

extension PageEvents {
  private mutating func addSession(_ state: SessionState) {
    add("session", ["source": .text(state.header?.source ?? "")])
  }

  /// The bars around the frame of the last tick, each with the frames in which its beats begin.
  private mutating func addBars(_ state: SessionState) {
    let framesPerBeat = state.header?.framesPerBeat ?? 4
    let bars = state.bars.all.map { bar -> JSON in
      let beats = bar.beatStarts(framesPerBeat: framesPerBeat)
      return [
        "from": .integer(bar.frames.lowerBound.rawValue),
        "to": .integer(bar.frames.upperBound.rawValue), "number": .integer(bar.number),
        "meter": .text(bar.meter.text), "beats": .list(beats.map { .integer($0.rawValue) }),
      ]
    }
    add("bars", .list(bars))
  }

  /// A setting, if the page has a control for it.
  private mutating func add(_ entry: SessionSettings.Entry) {
    guard SettingControl.names.contains(entry.name) else { return }
    add(
      "setting",
      [
        "name": .text(entry.name), "value": .init(entry.value),
        "refused": entry.refused.map { .init($0) } ?? .null,
      ])
  }

  /// Notes that have begun or ended. Channel, pitch and beginning tell them apart.
  private mutating func addNotes(_ notes: [PlayedNote]) {
    guard !notes.isEmpty else { return }
    let list = notes.map { note -> JSON in
      [
        "channel": .integer(Int(note.channel.rawValue)),
        "pitch": .integer(Int(note.pitch.rawValue)),
        "from": .init(frames: note.from), "to": note.to.map { .init(frames: $0) } ?? .null,
      ]
    }
    add("notes", .list(list))
  }

  /// The planned chords and the predicted melody. Before the planned chords come those that have
  /// sounded and ended at most 64 frames ago.
  private mutating func addPlan(_ scene: Scene) {
    let state = scene.state
    let oldest = (state.frame ?? Frame(0)) - Bars.framesBefore
    let shown = state.chords(after: Frame(.min)).filter { $0.chord.to > oldest }
    // A few symbols stand for many chords.
    let symbols = Set(shown.map(\.chord.symbol))
    let sounds = Dictionary(uniqueKeysWithValues: symbols.map { ($0, ChordSound($0)) })
    let chords = shown.map { shown -> JSON in
      let sound = sounds[shown.chord.symbol]
      return [
        "from": .integer(shown.chord.from.rawValue), "to": .integer(shown.chord.to.rawValue),
        "name": .text(scene.name(of: shown, DisplayText())), "committed": .flag(shown.isCommitted),
        "classes": sound?.classes ?? .null, "sound": sound?.name ?? .null,
      ]
    }
    let melody = (state.plan?.melody ?? []).map { note -> JSON in
      [
        "from": .integer(note.from.rawValue), "to": .integer(note.to.rawValue),
        "pitch": .integer(Int(note.pitch.rawValue)),
      ]
    }
    add(
      "plan",
      [
        "commit": state.plan.map { .integer($0.commit.rawValue) } ?? .null,
        "chords": .list(chords), "melody": .list(melody),
      ])
  }

}

/// What a chord symbol sounds as.
private struct ChordSound {
  /// The same text for the same chord, however it is spelled and shown.
  let name: JSON
  /// The pitch classes, the bass first; none where the symbol is no chord.
  let classes: JSON

  init(_ symbol: String) {
    let chord = try? ChordSymbol(symbol)
    name = .text(
      chord?.withUsualNames.description ?? DisplayText().shown(symbol, columns: 64))
    let bass = chord?.bass.map { [$0] } ?? []
    let others = chord?.pitchClasses.subtracting(PitchClassSet(bass)).pitchClasses ?? []
    classes = .list((bass + others).map { .integer(Int($0.rawValue)) })
  }
}

extension JSON {
  fileprivate init(_ value: SettingValue) {
    switch value {
    case .number(let number): self = .number(number)
    case .text(let text): self = .text(text)
    case .flag(let flag): self = .flag(flag)
    }
  }

  /// A place in frames, to a thousandth.
  fileprivate init(frames: Double) { self = .number((frames * 1000).rounded() / 1000) }
}
