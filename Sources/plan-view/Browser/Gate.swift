import NIOHTTP1

/// Decides from the head of a request whether it is answered, and with what.
struct Gate {
  enum Answer: Hashable {
    case page, stream, setting
    case refusal(HTTPResponseStatus)
  }

  let address: ListenAddress
  /// Nil where only this machine can reach the server.
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
    // A link of another page may lead here, as no other page can look into this one.
    case (.GET, "/"): return .page
    case _ where isForAnotherPage(head.headers): return .refusal(.forbidden)
    case (.GET, "/stream"): return .stream
    // A form of another page cannot send this content type.
    case (.POST, "/set"):
      return head.headers["content-type"] == ["application/json"]
        ? .setting : .refusal(.unsupportedMediaType)
    case (_, "/"), (_, "/stream"), (_, "/set"): return .refusal(.methodNotAllowed)
    default: return .refusal(.notFound)
    }
  }

  /// Whether the request names this server as its host. A page of another host whose name was made
  /// to lead here (DNS rebinding) names that host. Where there is a token, such a page does not
  /// know it.
  private func isAddressedToUs(_ headers: HTTPHeaders) -> Bool {
    let hosts = headers["host"]
    guard hosts.count == 1 else { return false }
    guard token == nil else { return true }
    let name =
      hosts[0].hasPrefix("[")
      ? String(hosts[0].prefix { $0 != "]" } + "]") : String(hosts[0].prefix { $0 != ":" })
    return ["localhost", "127.0.0.1", "[::1]", address.host].contains(name.lowercased())
  }

  /// Whether the request comes from this server's page. Browsers send the origin with every request
  /// that changes something or comes from another page.
  private func isFromUs(_ headers: HTTPHeaders) -> Bool {
    headers["origin"].allSatisfy { $0 == "http://" + (headers.first(name: "host") ?? "") }
  }

  /// Whether the browser says that another page asks; newer browsers always send this header.
  private func isForAnotherPage(_ headers: HTTPHeaders) -> Bool {
    headers["sec-fetch-site"].contains { $0 != "same-origin" && $0 != "none" }
  }

  private func hasToken(_ uri: String) -> Bool {
    guard let token else { return true }
    let query = uri.drop { $0 != "?" }.dropFirst().split(separator: "&")
    return query.contains { $0.hasPrefix("token=") && token.isSame(as: String($0.dropFirst(6))) }
  }
}
