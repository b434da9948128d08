import AgentSettings
import Foundation
import Music
import NIOHTTP1
import Records
import Testing

@testable import plan_view

@Suite struct BrowserAddressTests {
  @Test(arguments: [
    ("8000", "127.0.0.1", 8000, true), ("0", "127.0.0.1", 0, true), (":80", "127.0.0.1", 80, true),
    ("127.0.0.2:80", "127.0.0.2", 80, true), ("localhost:80", "localhost", 80, true),
    ("[::1]:80", "::1", 80, true), ("0.0.0.0:80", "0.0.0.0", 80, false),
    ("[::]:80", "::", 80, false),
    ("127.0.0.1.example:80", "127.0.0.1.example", 80, false),
    ("127.0.0:80", "127.0.0", 80, false), ("studio:80", "studio", 80, false),
  ])
  func reads(argument: String, host: String, port: Int, isLoopback: Bool) throws {
    let address = try #require(ListenAddress(argument: argument))
    #expect(address.host == host)
    #expect(address.port == port)
    #expect(address.isLoopback == isLoopback)
  }

  @Test(arguments: ["", "x", "localhost:", "65536", "-1", "+1", "::1:80", "1:2:3", "80 "])
  func refuses(argument: String) { #expect(ListenAddress(argument: argument) == nil) }
}

@Suite struct BrowserGateTests {
  private static let token = AccessToken(text: "0123456789abcdef")
  private static let json = ("content-type", "application/json")

  private func answer(
    _ method: HTTPMethod, _ uri: String, host: String? = "localhost:80",
    _ headers: [(String, String)] = [], isOpen: Bool = false
  ) throws -> Gate.Answer {
    let address = try #require(ListenAddress(argument: isOpen ? "0.0.0.0:80" : "80"))
    let gate = Gate(address, token: isOpen ? Self.token : nil)
    let all = host.map { [("Host", $0)] } ?? []
    return gate.answer(
      HTTPRequestHead(
        version: .http1_1, method: method, uri: uri, headers: HTTPHeaders(all + headers)))
  }

  @Test func letsThePageBeUsed() throws {
    #expect(try answer(.GET, "/") == .page)
    #expect(try answer(.GET, "/stream?") == .stream)
    #expect(try answer(.POST, "/set", [Self.json, ("Origin", "http://localhost:80")]) == .setting)
    for host in ["127.0.0.1", "[::1]:80", "LOCALHOST:1"] {
      #expect(try answer(.GET, "/", host: host) == .page)
    }
  }

  @Test(arguments: ["/", "/stream", "/set"]) func anotherPageGetsNothing(path: String) throws {
    let method: HTTPMethod = path == "/set" ? .POST : .GET
    for host in ["evil.example", "evil.example:80", "localhost.evil.example", "", "10.0.0.1", nil] {
      #expect(try answer(method, path, host: host, [Self.json]) == .refusal(.forbidden))
    }
    for origin in ["http://evil.example", "null", "https://localhost:80", "http://localhost:81"] {
      let headers = [Self.json, ("Origin", origin)]
      #expect(try answer(method, path, headers) == .refusal(.forbidden))
    }
    let headers = [Self.json, ("Sec-Fetch-Site", "cross-site")]
    #expect(try answer(method, path, headers) == (path == "/" ? .page : .refusal(.forbidden)))
  }

  @Test(arguments: ["/", "/stream", "/set"]) func otherMachinesNeedTheToken(path: String) throws {
    let method: HTTPMethod = path == "/set" ? .POST : .GET
    for query in ["", "?", "?token=", "?token=0123456789abcdee", "?token=0123456789abcdef0"] {
      let found = try answer(method, path + query, host: "studio", [Self.json], isOpen: true)
      #expect(found == .refusal(.forbidden))
    }
    let query = "?a=b&token=0123456789abcdef"
    let found = try answer(method, path + query, host: "studio", [Self.json], isOpen: true)
    #expect(
      found == [.page, .stream, .setting][["/", "/stream", "/set"].firstIndex(of: path) ?? 0])
  }

  @Test func othersAreTold() throws {
    #expect(try answer(.GET, "/nothing") == .refusal(.notFound))
    #expect(try answer(.GET, "/set") == .refusal(.methodNotAllowed))
    #expect(try answer(.DELETE, "/") == .refusal(.methodNotAllowed))
    #expect(try answer(.POST, "/set") == .refusal(.unsupportedMediaType))
    #expect(AccessToken.random() != AccessToken.random())
    #expect(AccessToken.random().text.utf8.count == 32)
  }
}

@Suite struct BrowserQueueTests {
  private let snapshot: () -> [UInt8] = { Array("S".utf8) }

  @Test func aNewcomerGetsASnapshotThenWhatComes() {
    var queue = EventQueue()
    queue.add([1])
    #expect(queue.take(snapshot: snapshot) == snapshot())
    #expect(queue.take(snapshot: snapshot) == nil)
    queue.add([2])
    queue.add([3])
    #expect(queue.take(snapshot: snapshot) == [2, 3])
    #expect(queue.take(snapshot: snapshot) == nil)
  }

  @Test func whoLagsTooFarGetsASnapshotAgain() {
    var queue = EventQueue()
    _ = queue.take(snapshot: snapshot)
    let block = [UInt8](repeating: 0, count: EventQueue.limit / 2)
    for _ in 0..<2 { queue.add(block) }
    #expect(queue.take(snapshot: snapshot)?.count == EventQueue.limit)
    for _ in 0..<9 { queue.add(block) }
    #expect(queue.take(snapshot: snapshot) == snapshot())
    #expect(queue.take(snapshot: snapshot) == nil)
  }
}

@Suite struct BrowserSnapshotTests {
  private func events(
    _ lines: [String], options: ViewOptions = ViewOptions()
  ) throws -> [String] {
    var snapshot = Snapshot(options: options)
    for record in try records(lines.joined(separator: "\n")) { snapshot.receive(record) }
    return Self.parts(snapshot.events(canSet: false))
  }

  private static func parts(_ events: [UInt8]) -> [String] {
    String(decoding: events, as: UTF8.self)
      .components(separatedBy: "\n\n").filter { !$0.isEmpty }
  }

  /// Held notes, what is set and announced, where bars are, the last plan: and no more.
  @Test func tellsWhatHoldsNow() throws {
    let changes = [
      #"{"type":"meter","frame":0,"value":"3/4"}"#, #"{"type":"meter","frame":12,"value":"2/4"}"#,
      #"{"type":"tempo","frame":4,"value":90}"#, #"{"type":"tempo","frame":64,"value":60}"#,
      #"{"type":"set","name":"commit","value":2}"#, #"{"type":"set","name":"commit","value":3}"#,
    ]
    let music = [
      noteOn(60), noteOn(64), noteOn(64, channel: 2), noteOff(60), noteOff(64, channel: 2),
      tick(11), tick(30), plan(30, commit: 32, until: 40, [(28, "C")]),
      plan(31, commit: 32, until: 40, [(28, "Am7/G")]), tick(31),
    ]
    let found = try events([header] + changes + music)
    #expect(found[0] == "event: start\ndata: {}")
    #expect(found[1].hasPrefix("event: controls\ndata: {\"canSet\":false,\"ranges\":[{\"name\":"))
    func data(_ line: String) -> String { #"data: {"t":0,"# + line.dropFirst() }
    #expect(
      Array(found.dropFirst(2)) == [
        data(header), data(changes[2]), data(changes[3]), data(changes[1]), data(changes[5]),
        data(tick(31)), data(noteOn(64)), "event: bar\ndata: {\"frame\":28,\"bar\":4}",
        #"event: view\#ndata: {"key":null,"next":2,"transpose":0,"offset":0}"#,
        #"event: chords\#ndata: {"Am7/G":{"name":"Am7/G","classes":[7,0,4,9]}}"#, data(music[8]),
      ])
  }

  /// The same key as on the terminal; gaps add up, what is counted in all does not.
  @Test func tellsTheKeyAndWhatIsWrong() throws {
    let scale = [60, 62, 64, 65, 67, 69, 71, 72].enumerated().flatMap { frame, note in
      [tick(frame), noteOn(note), noteOff(note)]
    }
    let held = [60, 64, 67, 65].map { noteOn($0) } + [tick(20)]
    let stats = [#"{"type":"stat","dropped":12}"#, #"{"type":"stat","dropped":3}"#]
    let found = try events(
      [header] + scale + held + stats + [#"{"type":"stat","ticks":9,"missed":2}"#])
    #expect(found.contains(#"data: {"t":0,"type":"stat","missed":2,"dropped":15,"lost":0}"#))
    #expect(found.contains { $0.hasPrefix(#"event: view\#ndata: {"key":"C major","#) })
  }

  /// Chords are written and moved as the options and the stream's settings want, also when those change
  /// after the plan; and what the agent goes by is what it says, not what it was asked for.
  @Test func looksAsTheOptionsWant() throws {
    let lines = [
      header, #"{"type":"settings","commit":1,"model":"accompanist"}"#,
      #"{"type":"set","name":"model","value":"nobody"}"#,
      #"{"type":"settings","commit":1,"model":"accompanist"}"#, tick(0),
      plan(0, commit: 8, until: 8, [(0, "F"), (4, "N"), (6, "?")]),
      #"{"type":"set","name":"notation","value":"nashville"}"#,
      #"{"type":"set","name":"next","value":3}"#,
    ]
    let options = ViewOptions(key: MusicalKey("C"), transposition: 2, offset: 30)
    let found = try events(lines, options: options)
    #expect(
      found.contains(#"event: view\#ndata: {"key":"D major","next":3,"transpose":2,"offset":30}"#))
    #expect(
      found.contains(
        #"event: chords\#ndata: {"?":{"name":"?","classes":[]},"F":{"name":"4","classes":[5,0,9]},"#
          + #""N":{"name":"N.C.","classes":[]}}"#))
    let models = found.filter { $0.contains("model") }
    #expect(models.count == 1 && models[0].contains("settings") && !models[0].contains("nobody"))

    var snapshot = Snapshot(options: options)
    var changes = 0
    for record in try records(lines.joined(separator: "\n")) {
      let look = snapshot.look
      snapshot.receive(record)
      guard snapshot.look != look else { continue }
      changes += 1
      let told = Self.parts(snapshot.lookEvents)
      #expect(told.count == 2 && told[1].contains(#""name":"4""#))
    }
    #expect(changes == 2)
  }

  @Test func staysSmallWhateverComes() throws {
    var snapshot = Snapshot()
    for record in try records(header) { snapshot.receive(record) }
    for number in 0..<5000 {
      let events: [Event] = [
        .set(name: "name \(number)", value: .flag(true)),
        .stat([Counter(name: "counter \(number)", value: 1)]),
        .tempo(frame: Frame(number), beatsPerMinute: 90), .meter(frame: Frame(number), .fourFour),
      ]
      for event in events { snapshot.receive(Record(time: .zero, event: event)) }
    }
    #expect(snapshot.events(canSet: true).count < 50_000)
  }

  /// What comes from elsewhere is data of JSON, in one line: never more events than one.
  @Test func namesMakeNoEvents() throws {
    let name = #"a\n\ndata: {}\n\n\r</script><b>"#
    let record = #"{"type":"set","name":"\#(name)","value":"\#(name)"}"#
    #expect(try events([header, record]).count == 5)
    #expect(try events([header, record])[3].hasPrefix(#"data: {"t":0,"type":"set","name":"a\n\n"#))
    let symbol = #"</script>\" C"#
    let found = try events([header, plan(0, commit: 0, until: 4, [(0, symbol)])])
    #expect(
      found[4] == #"event: chords\#ndata: {"</script>\" C":{"name":"</script>\" C","classes":[]}}"#)
  }
}

@Suite struct BrowserSettingTests {
  private func setting(_ name: String, _ value: String) throws -> Record {
    try SettingsFile.setting(
      Array(#"{"t":7,"type":"set","name":"\#(name)","value":\#(value)}"#.utf8))
  }

  /// All that the page has sliders for, from end to end and no further.
  @Test func takesWhatTheAgentTakes() throws {
    for row in Settings.table {
      guard let range = row.amount else { continue }
      let name = row.name
      for bound in [range.lowerBound, range.upperBound] {
        #expect(
          try setting(name, "\(bound)").event == .set(name: name, value: .number(bound)))
      }
      for beyond in [range.lowerBound - 0.01, range.upperBound + 0.01] {
        #expect(throws: SettingError.self) { try setting(name, "\(beyond)") }
      }
      #expect(throws: SettingError.self) { try setting(name, "\"1\"") }
    }
    #expect(try setting("model", #""pretrained""#).time == .zero)
  }

  @Test(arguments: [
    ("model", #""../../etc/passwd""#), ("model", #""x.safetensors""#), ("model", #""a\nb""#),
    ("model", "1"), ("playing", "false"), ("temperature", "1e999"), ("temperature", "[1]"),
  ])
  func takesNothingElse(name: String, value: String) {
    #expect(throws: (any Error).self) { try setting(name, value) }
  }

  @Test(arguments: ["", "{}", "[]", tick(0), header, "\u{0}"]) func takesOnlySettings(text: String)
  {
    #expect(throws: (any Error).self) { try SettingsFile.setting(Array(text.utf8)) }
  }
}

@Suite struct BrowserPageTests {
  /// Nothing is fetched, nothing can be injected: text only, and one nonce for all.
  @Test func isSelfContained() {
    let page = String(decoding: Page.bytes(nonce: "n0"), as: UTF8.self)
    #expect(!page.contains("NONCE"))
    #expect(page.components(separatedBy: "nonce=\"n0\"").count == 3)
    for banned in [
      "innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "://", "style=\"",
    ] {
      #expect(!page.contains(banned), "\(banned)")
    }
  }
}
