import CommandSupport
import NIOCore
import NIOHTTP1

/// One browser's connection. It answers requests one after another, until the browser asks for the
/// stream of events. It runs on the server's event loop only.
final class Connection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let gate: Gate
  private let audience: Audience
  private let settings: SettingsFile?
  private var request: HTTPRequestHead?
  private var body: [UInt8] = []
  /// The browser's number in the audience, once it has asked for the stream.
  private var browser: Int?
  /// Closes a connection whose next request does not come in time.
  private var deadline: Scheduled<Void>?
  /// How many times in a row `watch` has found that the browser takes nothing.
  private var stalls = 0

  /// The longest setting that is accepted, in bytes.
  static let longestBody = 1024
  /// How long a request may take, and how often a stream is watched.
  static let patience = TimeAmount.seconds(10)
  /// A browser that takes nothing for so many intervals is disconnected.
  static let mostStalls = 6

  init(gate: Gate, audience: Audience, settings: SettingsFile?) {
    self.gate = gate
    self.audience = audience
    self.settings = settings
  }

  func channelActive(context: ChannelHandlerContext) { expectRequest(context) }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    if let browser { audience.leave(browser) }
    browser = nil
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      request = head
      body = []
    case .body(let bytes):
      guard request != nil else { return }
      body += bytes.readableBytesView
      guard body.count > Self.longestBody else { return }
      request = nil
      answer(context, .payloadTooLarge, isLast: true)
    case .end:
      guard let request, browser == nil else { return }
      self.request = nil
      answer(context, request)
    }
  }

  private func answer(_ context: ChannelHandlerContext, _ request: HTTPRequestHead) {
    let isLast = !request.isKeepAlive
    switch gate.answer(request) {
    case .refusal(let status): answer(context, status, isLast: true)
    case .page:
      let nonce = AccessToken.random().text
      answer(
        context, .ok, type: "text/html; charset=utf-8", Page.bytes(nonce: nonce),
        policy: Page.policy(nonce: nonce), isLast: isLast)
    case .stream: beginStream(context)
    case .setting: change(context, isLast: isLast)
    }
  }

  private func change(_ context: ChannelHandlerContext, isLast: Bool) {
    switch settings?.write(body) {
    case .written: answer(context, .noContent, isLast: isLast)
    case .refused(let reason): answer(context, .badRequest, Array(reason.utf8), isLast: isLast)
    case .unavailable(let reason):
      answer(context, .serviceUnavailable, Array(reason.utf8), isLast: isLast)
    case nil: answer(context, .notFound, isLast: isLast)
    }
  }

  private func answer(
    _ context: ChannelHandlerContext, _ status: HTTPResponseStatus,
    type: String = "text/plain; charset=utf-8", _ body: [UInt8] = [],
    policy: String = "default-src 'none'", isLast: Bool
  ) {
    var headers = Self.headers(type: type, policy: policy)
    if status != .noContent { headers.add(name: "Content-Length", value: "\(body.count)") }
    if isLast { headers.add(name: "Connection", value: "close") }
    let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if !body.isEmpty {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
    }
    let channel = context.channel
    let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    if isLast { written.whenComplete { _ in channel.close(promise: nil) } }
    expectRequest(context)
  }

  private static func headers(type: String, policy: String) -> HTTPHeaders {
    [
      "Content-Type": type, "Cache-Control": "no-store", "Content-Security-Policy": policy,
      "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
      "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
    ]
  }

  private func expectRequest(_ context: ChannelHandlerContext) {
    deadline?.cancel()
    let channel = context.channel
    deadline = context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
  }

  // MARK: The stream

  private func beginStream(_ context: ChannelHandlerContext) {
    let headers = Self.headers(type: "text/event-stream", policy: "default-src 'none'")
    let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    browser = audience.join { [loop = context.eventLoop] in
      loop.execute { bound.value.0.sendEvents(bound.value.1) }
    }
    sendEvents(context)
    watch(context)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { sendEvents(context) }
  }

  /// Sends the events that wait, as long as the browser takes them.
  private func sendEvents(_ context: ChannelHandlerContext) {
    while let browser, context.channel.isWritable, let events = audience.take(browser) {
      send(context, events)
    }
  }

  private func send(_ context: ChannelHandlerContext, _ bytes: [UInt8]) {
    stalls = 0
    let buffer = ByteBuffer(bytes: bytes)
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
  }

  /// Sends a comment at intervals, which fails once the browser is gone.
  private func watch(_ context: ChannelHandlerContext) {
    deadline?.cancel()
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    deadline = context.eventLoop.scheduleTask(in: Self.patience) {
      let (connection, context) = bound.value
      guard connection.browser != nil else { return }
      if context.channel.isWritable {
        connection.send(context, Array(":\n\n".utf8))
      } else {
        connection.stalls += 1
      }
      guard connection.stalls < Self.mostStalls else { return context.close(promise: nil) }
      connection.watch(context)
    }
  }
}
