import ArgumentParser

/// The address that `--listen` gives the server: `8000`, `127.0.0.1:8000`, `[::1]:8000`.
struct ListenAddress: ExpressibleByArgument, Hashable {
  /// By default an address that only this machine reaches.
  var host = "127.0.0.1"
  /// 0 for a free port.
  var port: Int

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard let last = parts.last, last.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = Int(last), (0...65_535).contains(port)
    else { return nil }
    self.port = port
    var host = parts.dropLast().joined(separator: ":")
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      return nil
    }
    if !host.isEmpty { self.host = host }
  }

  /// Whether only programs on this machine can reach the address.
  var isLoopback: Bool { host == "localhost" || host == "::1" || isLoopbackIPv4 }

  private var isLoopbackIPv4: Bool {
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
  }

  /// Host and port as a URL has them: `[::1]:8000`.
  func authority(port: Int) -> String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
