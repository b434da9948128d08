import AgentSettings
import Foundation
import Music
import NIOHTTP1
import Records
import Testing

@testable import plan_view

@Suite struct BrowserAddressTests {
  @Test(
    "reads ports and addresses, and knows which only this machine reaches",
    arguments: [
      ("8000", "127.0.0.1", 8000, true), ("0", "127.0.0.1", 0, true),
      (":80", "127.0.0.1", 80, true),
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

  @Test(
    "refuses text that is no address",
    arguments: ["", "x", "localhost:", "65536", "-1", "+1", "::1:80", "1:2:3", "80 "])
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

  @Test("serves the page, its stream and settings to this machine")
  func letsThePageBeUsed() throws {
    #expect(try answer(.GET, "/") == .page)
    #expect(try answer(.GET, "/stream?") == .stream)
    #expect(try answer(.POST, "/set", [Self.json, ("Origin", "http://localhost:80")]) == .setting)
    for host in ["127.0.0.1", "[::1]:80", "LOCALHOST:1"] {
      #expect(try answer(.GET, "/", host: host) == .page)
    }
  }

  @Test("refuses requests of other pages and for other hosts", arguments: ["/", "/stream", "/set"])
  func anotherPageGetsNothing(path: String) throws {
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

  @Test("asks other machines for the token", arguments: ["/", "/stream", "/set"])
  func otherMachinesNeedTheToken(path: String) throws {
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

  @Test("answers other requests with their status")
  func othersAreTold() throws {
    #expect(try answer(.GET, "/nothing") == .refusal(.notFound))
    #expect(try answer(.GET, "/set") == .refusal(.methodNotAllowed))
    #expect(try answer(.DELETE, "/") == .refusal(.methodNotAllowed))
    #expect(try answer(.POST, "/set") == .refusal(.unsupportedMediaType))
    #expect(AccessToken.random() != AccessToken.random())
    #expect(AccessToken.random().text.utf8.count == 32)
  }
}

@Suite struct BrowserSettingTests {
  private func setting(_ name: String, _ value: String) throws -> Record {
    try SettingsFile.setting(
      Array(#"{"t":7,"type":"set","name":"\#(name)","value":\#(value)}"#.utf8))
  }

  @Test("accepts the values that the agent accepts, to the ends of their ranges")
  func takesWhatTheAgentTakes() throws {
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

  @Test(
    "refuses values that the agent does not accept, and paths of models",
    arguments: [
      ("model", #""../../etc/passwd""#), ("model", #""x.safetensors""#), ("model", #""a\nb""#),
      ("model", "1"), ("playing", "false"), ("temperature", "1e999"), ("temperature", "[1]"),
    ])
  func takesNothingElse(name: String, value: String) {
    #expect(throws: (any Error).self) { try setting(name, value) }
  }

  @Test(
    "refuses text that is no set record", arguments: ["", "{}", "[]", tick(0), header, "\u{0}"])
  func takesOnlySettings(text: String) {
    #expect(throws: (any Error).self) { try SettingsFile.setting(Array(text.utf8)) }
  }
}

@Suite struct BrowserPageTests {
  @Test("loads nothing from elsewhere and inserts text as text only")
  func isSelfContained() {
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
