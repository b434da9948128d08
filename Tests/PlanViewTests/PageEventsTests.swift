import Foundation
import Keys
import Music
import Records
import TestSupport
import Testing

@testable import plan_view

/// An event as a page gets it.
struct PageEvent: Hashable, CustomStringConvertible {
  var name: String
  var data: String
  var description: String { "\(name) \(data)" }

  static func all(_ bytes: [UInt8]) -> [PageEvent] {
    String(decoding: bytes, as: UTF8.self).components(separatedBy: "\n\n").filter { !$0.isEmpty }
      .map { text in
        let parts = text.components(separatedBy: "\ndata: ")
        return PageEvent(
          name: parts[0].replacing("event: ", with: ""), data: parts.dropFirst().joined())
      }
  }

  /// The data as Foundation reads it.
  var json: Any {
    get throws {
      try JSONSerialization.jsonObject(with: Data(data.utf8), options: .fragmentsAllowed)
    }
  }
}

private func snapshot(_ scene: Scene) -> [PageEvent] {
  PageEvent.all(PageEvents.snapshot(of: scene, canSet: false))
}

/// The events of each record.
private func changes(
  _ lines: [String], _ options: ViewOptions = ViewOptions()
) throws -> [[PageEvent]] {
  var scene = Scene(options: options)
  return try records(lines.joined(separator: "\n")).map { record in
    let before = scene
    scene.receive(record)
    return PageEvent.all(PageEvents.changes(by: record, from: before, to: scene))
  }
}

@Suite struct PageSnapshotTests {
  @Test("tells a newcomer what holds now, and no more")
  func tellsWhatHoldsNow() throws {
    let found = snapshot(
      try scene([
        header, #"{"type":"meter","frame":0,"value":"3/4"}"#,
        #"{"type":"meter","frame":12,"value":"2/4"}"#, #"{"type":"tempo","frame":4,"value":90}"#,
        #"{"type":"tempo","frame":64,"value":60}"#,
        #"{"type":"set","name":"commit","value":2}"#, #"{"type":"set","name":"commit","value":3}"#,
        #"{"type":"set","name":"nothing","value":3}"#, noteOn(60), noteOn(64),
        noteOn(64, channel: 2), noteOff(60), noteOff(64, channel: 2), noteOn(36, channel: 10),
        tick(11), tick(30), plan(30, commit: 32, until: 40, [(28, "C")]),
        plan(31, commit: 32, until: 40, [(28, "Am7/G")], melody: [(32, 36, 72)]), tick(31),
      ]))
    #expect(
      found.map(\.name) == [
        "start", "controls", "session", "bars", "now", "view", "setting", "notes", "plan", "status",
      ])
    #expect(found[1].data.hasPrefix(#"{"canSet":false,"settings":[{"name":"temperature","#))
    #expect(
      found[2...].map(\.data).filter { !$0.hasPrefix("[{\"from") } == [
        #"{"source":"tune.mid"}"#,
        #"{"frame":31,"tempo":90,"frameLength":166.66666666666666}"#,
        #"{"key":"A minor","next":2,"transpose":0,"offset":0}"#,
        #"{"name":"commit","value":3,"refused":null}"#,
        #"[{"channel":1,"pitch":60,"from":0,"to":0},{"channel":1,"pitch":64,"from":0,"to":null},"#
          + #"{"channel":2,"pitch":64,"from":0,"to":0}]"#,
        #"{"commit":32,"chords":[{"from":28,"to":40,"name":"Am7/G","committed":true,"#
          + #""classes":[7,0,4,9],"sound":"Am7/G"}],"melody":[{"from":32,"to":36,"pitch":72}]}"#,
        #"{"playing":true,"ended":false,"latePlans":0,"lateNotes":0,"missed":0,"dropped":0,"lost":0}"#,
      ])
    #expect(
      found[3].data.contains(
        #"{"from":28,"to":36,"number":4,"meter":"2/4","beats":[28,32]},"#))
  }

  @Test("tells the key of the terminal, and sums of what has gone wrong")
  func tellsTheKeyAndWhatIsWrong() throws {
    let scale = [60, 62, 64, 65, 67, 69, 71, 72].enumerated().flatMap { frame, note in
      [tick(4 * frame), noteOn(note), tick(4 * frame + 3), noteOff(note)]
    }
    let held = [60, 64, 67, 65].map { noteOn($0) } + [tick(40)]
    let dropped = [12, 3].map { #"{"type":"stat","dropped":\#($0)}"# }
    let stats = dropped + [#"{"type":"stat","ticks":9,"missed":2}"#]
    let found = snapshot(try scene([header] + scale + held + stats))
    #expect(found.last?.data.contains(#""missed":2,"dropped":15,"lost":0"#) ?? false)
    #expect(found.contains { $0.data.hasPrefix(#"{"key":"C major","#) })
  }

  @Test("writes and moves chords as the options and the stream's set records ask")
  func looksAsTheOptionsAsk() throws {
    let lines = [
      header, tick(0), plan(0, commit: 8, until: 8, [(0, "F"), (4, "N"), (6, "?")]),
      #"{"type":"set","name":"notation","value":"nashville"}"#,
      #"{"type":"set","name":"next","value":3}"#,
    ]
    let options = ViewOptions(key: MusicalKey("C"), transposition: 2, offset: 30)
    let found = snapshot(try scene(lines, options))
    #expect(
      found.contains { $0.data == #"{"key":"D major","next":3,"transpose":2,"offset":30}"# })
    let chords = found.first { $0.name == "plan" }?.data ?? ""
    #expect(chords.contains(#""name":"4","committed":true,"classes":[5,0,9]"#))
    #expect(chords.contains(#""name":"N.C.","committed":true,"classes":[]"#))
    // A page that is open already is told both, too.
    #expect(
      try changes(lines, options).suffix(2).map { $0.map(\.name) } == [
        ["view", "plan"], ["view", "plan"],
      ])
  }

  @Test("tells a newcomer no setting that the agent refused or has not answered")
  func tellsSettingsInForce() throws {
    let lines = [
      header, #"{"type":"settings","commit":1,"model":"accompanist"}"#,
      #"{"type":"set","name":"model","value":"nobody"}"#,
      #"{"type":"settings","commit":1,"model":"accompanist"}"#,
      #"{"type":"set","name":"commit","value":99}"#,
    ]
    for count in [3, 4, 5] {
      let settings = snapshot(try scene(Array(lines.prefix(count)))).filter { $0.name == "setting" }
      #expect(
        settings.map(\.data) == [
          #"{"name":"commit","value":1,"refused":null}"#,
          #"{"name":"model","value":"accompanist","refused":null}"#,
        ])
    }
  }

  @Test("stays small, whatever the stream holds")
  func staysSmall() throws {
    var scene = try scene([header])
    for number in 0..<5000 {
      let events: [Event] = [
        .set(name: "name \(number)", value: .flag(true)),
        .stat([Counter(name: "counter \(number)", value: 1)]),
        .tempo(frame: Frame(number), beatsPerMinute: 90), .meter(frame: Frame(number), .fourFour),
      ]
      for event in events { scene.receive(Record(time: .zero, event: event)) }
    }
    #expect(PageEvents.snapshot(of: scene, canSet: true).count < 50_000)
  }

  /// Text of the stream stays inside one line of JSON: it can neither end an event nor begin
  /// another.
  @Test("keeps names of the stream inside their events")
  func namesMakeNoEvents() throws {
    let name = #"a\n\ndata: {}\n\n\r</script><b>"#
    let hostile = header.replacing("tune.mid", with: name)
    let record = #"{"type":"set","name":"model","value":"\#(name)"}"#
    let symbol = #"</script>\" C"#
    let found = snapshot(
      try scene([hostile, record, plan(0, commit: 0, until: 4, [(0, symbol)])]))
    #expect(found.count == 9)
    #expect(found[2].data == #"{"source":"\#(name)"}"#)
    #expect(found[6].data == #"{"name":"model","value":"\#(name)","refused":null}"#)
    #expect(found[7].data.contains(#""name":"</script>\" C","#))
  }
}

@Suite struct PageChangesTests {
  @Test("sends the events of what a record changes, and no others")
  func sendsWhatChanged() throws {
    let steps: [(String, [String])] = [
      (header, ["session", "bars"]), (tick(0), ["now"]), (noteOn(60), ["notes"]),
      (plan(0, commit: 4, until: 8, [(0, "C"), (4, "F")]), ["plan"]),
      (#"{"type":"marker","text":"verse"}"#, []), (noteOn(36, channel: 10), []),
      (tick(1), ["now", "view", "plan"]), (#"{"type":"tempo","frame":4,"value":90}"#, []),
      (#"{"type":"tempo","frame":1,"value":90}"#, ["now"]),
      (#"{"type":"meter","frame":16,"value":"3/4"}"#, ["bars"]), (tick(2), ["now", "status"]),
      (noteOff(60), ["notes"]), (noteOff(60), []), (tick(16), ["bars", "now", "status"]),
      (#"{"type":"set","name":"commit","value":2}"#, ["setting"]),
      (#"{"type":"set","name":"commit","value":2}"#, ["setting"]),
      (#"{"type":"set","name":"nothing","value":2}"#, []),
      (#"{"type":"set","name":"transpose","value":2}"#, ["view", "plan"]),
      (#"{"type":"set","name":"playing","value":false}"#, ["status"]),
      (#"{"type":"stat","plans":2}"#, []), (#"{"type":"stat","missed":2}"#, ["status"]),
      (noteOn(62), ["notes"]), (#"{"type":"end","reason":"quit"}"#, ["notes", "status"]),
    ]
    let found = try changes(steps.map(\.0))
    for (step, events) in zip(steps, found) {
      #expect(events.map(\.name) == step.1, "\(step.0)")
    }
  }

  @Test("tells a setting that was asked for, and what the agent makes of it")
  func tellsRefusals() throws {
    let inForce = #"{"type":"settings","temperature":1,"model":"accompanist"}"#
    let found = try changes([
      header, inForce, #"{"type":"set","name":"model","value":"nobody"}"#, inForce, inForce,
      #"{"type":"set","name":"temperature","value":0.5}"#,
      #"{"type":"settings","temperature":0.5,"model":"accompanist"}"#,
    ])
    #expect(
      found.dropFirst(2).map { $0.map(\.data) } == [
        [#"{"name":"model","value":"nobody","refused":null}"#],
        [#"{"name":"model","value":"accompanist","refused":"nobody"}"#], [],
        [#"{"name":"temperature","value":0.5,"refused":null}"#],
        [#"{"name":"temperature","value":0.5,"refused":null}"#],
      ])
  }

  @Test("tells both notes when a key is pressed again")
  func tellsANoteThatEnds() throws {
    let found = try changes([header, tick(0), noteOn(60), tick(2), noteOn(60)])
    #expect(
      found[4].map(\.data) == [
        #"[{"channel":1,"pitch":60,"from":0,"to":2},{"channel":1,"pitch":60,"from":2,"to":null}]"#
      ])
  }

  /// Compares, after each of many random records, what a page has made of all events with a
  /// snapshot.
  @Test("leaves a page with what a snapshot would tell", arguments: 1...5 as ClosedRange<UInt64>)
  func agreesWithSnapshots(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var scene = Scene()
    var page = PageModel()
    // Few enough for the page to remember all of them.
    for line in [header] + randomLines(ticks: 50, &random) {
      for record in try records(line) {
        let before = scene
        scene.receive(record)
        for event in PageEvent.all(PageEvents.changes(by: record, from: before, to: scene)) {
          try page.receive(event)
        }
      }
      var fresh = PageModel()
      for event in snapshot(scene) where !["start", "controls", "setting"].contains(event.name) {
        try fresh.receive(event)
      }
      let missing = page.missing(of: fresh)
      #expect(missing.isEmpty, "seed \(seed), \(line)")
      guard missing.isEmpty else { return }
    }
  }

  private func randomLines(ticks: Int, _ random: inout SplitMix64) -> [String] {
    (0..<ticks).flatMap { frame in
      [tick(frame)] + (0..<6).map { _ in randomLine(frame, &random) }
    }
  }

  private func randomLine(_ now: Int, _ random: inout SplitMix64) -> String {
    let frame = now + Int.random(in: 0...40, using: &random)
    let note = Int.random(in: 58...62, using: &random)
    switch Int.random(in: 0..<8, using: &random) {
    case 0: return noteOn(note)
    case 1: return noteOff(note)
    case 2:
      let symbols = ["C", "F#m7", "N", "G7/B"].shuffled(using: &random)
      return plan(
        now, commit: now + 4, until: now + 16, [(now, symbols[0]), (now + 8, symbols[1])])
    case 3: return #"{"type":"tempo","frame":\#(frame),"value":\#(60 + frame)}"#
    case 4:
      let meter = ["4/4", "6/8", "2/4", "7/32"].randomElement(using: &random)!
      return #"{"type":"meter","frame":\#(frame),"value":"\#(meter)"}"#
    case 5: return #"{"type":"stat","missed":\#(frame)}"#
    case 6: return #"{"type":"set","name":"transpose","value":\#(frame % 3)}"#
    default: return #"{"type":"set","name":"playing","value":\#(frame % 2 == 0)}"#
    }
  }
}

/// What a page keeps: the last data of each event, and the notes.
private struct PageModel {
  var parts: [String: String] = [:]
  var notes: [String: String] = [:]

  mutating func receive(_ event: PageEvent) throws {
    guard event.name == "notes" else {
      parts[event.name] = event.data
      return
    }
    for note in try #require(try event.json as? [[String: Any]]) {
      let key = ["channel", "pitch", "from"].map { "\(note[$0] ?? "")" }.joined(separator: " ")
      notes[key] = "\(note["to"] ?? "")"
    }
  }

  /// What another page shows and this one does not.
  func missing(of other: PageModel) -> [String] {
    other.parts.filter { parts[$0.key] != $0.value && !isUntold($0.key) }.map {
      "\($0.key): \(parts[$0.key] ?? "nothing") instead of \($0.value)"
    } + other.notes.filter { notes[$0.key] != $0.value }.map { "note \($0.key) to \($0.value)" }
  }

  /// Whether the part is still as a page begins.
  private func isUntold(_ name: String) -> Bool {
    parts[name] == nil && ["now", "view", "plan", "status"].contains(name)
  }
}
