import CommandSupport
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import SystemPackage

/// Serves the page and its stream of events, on a thread of its own.
struct WebServer {
  /// The address of the page.
  let url: String

  /// More connections than any audience needs, and few enough for any machine.
  static let mostConnections = 64
  /// The bytes that a browser may leave unread before its events wait in its queue.
  private static let mostUnsent = 1 << 16

  /// Starts the server, which runs until the process ends.
  static func start(
    _ address: ListenAddress, audience: Audience, settings: SettingsFile?
  ) throws(Failure) -> WebServer {
    let token = address.isLoopback ? nil : AccessToken.random()
    let gate = Gate(address, token: token)
    let connections = Connections()
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
      .serverChannelOption(ChannelOptions.backlog, value: 64)
      .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
      .childChannelOption(
        ChannelOptions.writeBufferWaterMark, value: .init(low: mostUnsent / 2, high: mostUnsent)
      )
      .childChannelInitializer { channel in
        guard connections.enter(channel) else { return channel.close() }
        return channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.configureHTTPServerPipeline()
          try pipeline.addHandler(Connection(gate: gate, audience: audience, settings: settings))
        }
      }
    do {
      let channel = try bootstrap.bind(host: address.host, port: address.port).wait()
      return WebServer(url: url(address, port: channel.localAddress?.port, token: token))
    } catch {
      let reason = (error as? IOError).map { "\(Errno(rawValue: $0.errnoCode))" } ?? "\(error)"
      throw .unavailable("listen on \(address.authority(port: address.port))", reason)
    }
  }

  private static func url(_ address: ListenAddress, port: Int?, token: AccessToken?) -> String {
    var reached = address
    if ["0.0.0.0", "::"].contains(address.host) { reached.host = hostName }
    let query = token.map { "?token=\($0.text)" } ?? ""
    return "http://\(reached.authority(port: port ?? address.port))/\(query)"
  }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// Counts the open connections.
private final class Connections: Sendable {
  private let count = Atomic<Int>(0)

  /// Counts a connection until it closes. False where there is no room for it.
  func enter(_ channel: any Channel) -> Bool {
    let before = count.wrappingAdd(1, ordering: .relaxed).oldValue
    channel.closeFuture.whenComplete { _ in self.count.subtract(1, ordering: .relaxed) }
    return before < WebServer.mostConnections
  }
}
