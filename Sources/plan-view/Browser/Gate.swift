import NIOHTTP1

/// Who gets what: decides of the first lines of a request.
struct Gate {
  enum Answer: Hashable {
    case page, stream, setting
    case refusal(HTTPResponseStatus)
  }

  let address: ListenAddress
  /// Nil where only this machine reaches the view.
  let token: AccessToken?

  init(_ address: ListenAddress, token: AccessToken?) {
    self.address = address
    self.token = token
  }

  func answer(_ head: HTTPRequestHead) -> Answer {
    guard isAddressedToUs(head.headers), isFromUs(head.headers), hasToken(head.uri) else {
      return .refusal(.forbidden)
    }
    switch (head.method, head.uri.prefix { $0 != "?" }) {
    // Whose link led here does not matter: no other page can look into this one.
    case (.GET, "/"): return .page
    case _ where isForAnotherPage(head.headers): return .refusal(.forbidden)
    case (.GET, "/stream"): return .stream
    // A form of another page could not say that it sends JSON.
    case (.POST, "/set"):
      return head.headers["content-type"] == ["application/json"]
        ? .setting : .refusal(.unsupportedMediaType)
    case (_, "/"), (_, "/stream"), (_, "/set"): return .refusal(.methodNotAllowed)
    default: return .refusal(.notFound)
    }
  }

  /// A page from elsewhere whose name was made to lead to this machine (DNS rebinding) asks for that
  /// name. Where there is a token it would have to know that.
  private func isAddressedToUs(_ headers: HTTPHeaders) -> Bool {
    let hosts = headers["host"]
    guard hosts.count == 1 else { return false }
    guard token == nil else { return true }
    let name =
      hosts[0].hasPrefix("[")
      ? String(hosts[0].prefix { $0 != "]" } + "]") : String(hosts[0].prefix { $0 != ":" })
    return ["localhost", "127.0.0.1", "[::1]", address.host].contains(name.lowercased())
  }

  /// Browsers say which page asks where it changes something, or is another one.
  private func isFromUs(_ headers: HTTPHeaders) -> Bool {
    headers["origin"].allSatisfy { $0 == "http://" + (headers.first(name: "host") ?? "") }
  }

  /// Newer ones always say so.
  private func isForAnotherPage(_ headers: HTTPHeaders) -> Bool {
    headers["sec-fetch-site"].contains { $0 != "same-origin" && $0 != "none" }
  }

  private func hasToken(_ uri: String) -> Bool {
    guard let token else { return true }
    let query = uri.drop { $0 != "?" }.dropFirst().split(separator: "&")
    return query.contains { $0.hasPrefix("token=") && token.isSame(as: String($0.dropFirst(6))) }
  }
}
