import NIOCore
import NIOHTTP1

/// Sees to it that a connection costs no more than it may: closes what is too slow, tells a body that was cut short from a
/// whole one, and gets an answer through to a client that still sends.
///
/// It sits behind the server's decoder and so sees requests and answers in parts. The server behind it has a timeout of
/// its own, which any part resets, so a byte now and then would keep a connection for ever.
///
/// Used on the event loop of its connection only.
final class ConnectionGuard: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private var pace: RequestPace
  /// Requests whose answer is not written.
  private var openRequests = 0
  /// Nothing more is answered; what comes is thrown away, so that the client can read the answer: a close with bytes that
  /// were not read is a reset (RFC 9112, 9.6).
  private var isLingering = false
  private var closesAfterAnswer = false
  /// Why what came is no request; nothing more can be read of the connection.
  private var refusal: HTTPParserError?
  private var timer: (at: NIODeadline, scheduled: Scheduled<Void>)?
  /// The client has sent all that it ever will, or is gone.
  private var isClosed = false
  /// Of the request that is being answered: to be called where nobody waits for the answer any more.
  private var onDeparture: (@Sendable () -> Void)?

  private static let linger = TimeAmount.seconds(5)

  init(limits: RequestPace.Limits) {
    pace = RequestPace(limits: limits, now: .now())
  }

  func handlerAdded(context: ChannelHandlerContext) { arm(context) }
  func handlerRemoved(context: ChannelHandlerContext) { timer?.scheduled.cancel() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isLingering { return }
    var data = data
    switch Self.unwrapInboundIn(data) {
    case .head(var head):
      openRequests += 1
      pace.beginBody(.now())
      head.takeHostOfTarget()
      data = Self.wrapInboundOut(.head(head))
    case .body(let bytes): pace.receive(bytes.readableBytes, .now())
    case .end: pace.endRequest()
    }
    arm(context)
    context.fireChannelRead(data)
  }

  func read(context: ChannelHandlerContext) {
    pace.wait(.now())
    arm(context)
    context.read()
  }

  /// The decoder gives up at the first thing that it does not understand, and says so again of all that follows.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if isLingering || refusal != nil { return }
    if let error = error as? HTTPParserError {
      refusal = error
      closesAfterAnswer = true
      // The server answers it as if it were a request.
      openRequests = max(openRequests, 1)
    }
    context.fireErrorCaught(error)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if isLingering { context.read() }
    context.fireChannelReadComplete()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed {
      reportCut(context)
      reportDeparture()
    }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    reportCut(context)
    reportDeparture()
    timer?.scheduled.cancel()
    context.fireChannelInactive()
  }

  private func reportDeparture() {
    isClosed = true
    onDeparture?()
    onDeparture = nil
  }

  /// The stream of a body ends in the same way whether the client has sent all of it or is gone.
  private func reportCut(_ context: ChannelHandlerContext) {
    guard pace.isInBody, !isLingering else { return }
    pace.endRequest()
    closesAfterAnswer = true
    context.fireErrorCaught(BodyTrouble.cutShort)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch Self.unwrapOutboundIn(data) {
    case .head(let head) where refusal != nil && head.status == .badRequest:
      answerRefusal(context, promise)
    case .head(var head) where head.status.code >= 200:
      if pace.isInBody || closesAfterAnswer {
        closesAfterAnswer = true
        head.headers.replaceOrAdd(name: "connection", value: "close")
      }
      context.write(Self.wrapOutboundOut(.head(head)), promise: promise)
    case .end:
      onDeparture = nil
      openRequests -= 1
      guard openRequests == 0, closesAfterAnswer || pace.isInBody else {
        if openRequests == 0 { pace.endAnswer(.now()) }
        arm(context)
        return context.write(data, promise: promise)
      }
      context.writeAndFlush(data, promise: promise)
      endConnection(context)
    case .head, .body: context.write(data, promise: promise)
    }
  }

  /// In place of the server's answer to what it could not read, which says nothing.
  private func answerRefusal(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
    let isTooLong = refusal == .headerOverflow
    let status =
      isTooLong ? HTTPResponseStatus.requestHeaderFieldsTooLarge : HTTPResponseStatus.badRequest
    let detail =
      isTooLong
      ? "the head of a request has 32 KiB and 100 fields of 16 KiB at most"
      : "this is no request that watchd understands"
    let body = """
      {"detail": "\(detail)", "status": \(status.code), "title": "\(status.reasonPhrase)", "type": "about:blank"}

      """
    let headers: HTTPHeaders = [
      "connection": "close", "content-type": "application/problem+json",
      "content-length": "\(body.utf8.count)",
    ]
    let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    context.write(Self.wrapOutboundOut(.head(head)), promise: promise)
    let bytes = context.channel.allocator.buffer(string: body)
    context.write(Self.wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
  }

  /// After an answer that is the last: at once where all was read that was sent.
  private func endConnection(_ context: ChannelHandlerContext) {
    let isRead = !pace.isInBody && refusal == nil
    isLingering = true
    pace.endRequest()
    if isRead { return context.close(promise: nil) }
    context.close(mode: .output, promise: nil)
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.linger) { context.close(promise: nil) }
    context.read()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    pace.setWritable(context.channel.isWritable, .now())
    arm(context)
    context.fireChannelWritabilityChanged()
  }

  /// A route that wants the body says so, for a client that waits to hear it (RFC 9110, 10.1.1).
  func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    switch event {
    case is WantsBody:
      let head = HTTPResponseHead(version: .http1_1, status: .continue)
      context.writeAndFlush(Self.wrapOutboundOut(.head(head)), promise: promise)
    case let watch as WatchesClient:
      onDeparture = watch.onDeparture
      if isClosed { reportDeparture() }
      promise?.succeed()
    default: context.triggerUserOutboundEvent(event, promise: promise)
    }
  }

  /// Sets the timer for the deadline; one that is set for later, or needlessly, looks again when it is due.
  private func arm(_ context: ChannelHandlerContext) {
    guard let deadline = pace.deadline, timer.map({ deadline < $0.at }) ?? true else { return }
    timer?.scheduled.cancel()
    let scheduled = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
      self.timer = nil
      self.look(context)
    }
    timer = (deadline, scheduled)
  }

  private func look(_ context: ChannelHandlerContext) {
    guard let deadline = pace.deadline, deadline <= .now() else { return arm(context) }
    guard pace.isInBody, context.channel.isWritable else { return context.close(promise: nil) }
    closesAfterAnswer = true
    pace.endRequest()
    context.fireErrorCaught(BodyTrouble.tooSlow)
  }
}

/// The event of a route that begins to read the body.
struct WantsBody: Sendable {}

/// The event of a route whose answer takes long, and that gives up where the client does.
///
/// Who ends his side of the connection counts as gone: whether he still reads cannot be told.
struct WatchesClient: Sendable {
  let onDeparture: @Sendable () -> Void
}

/// Why a body came to no end.
enum BodyTrouble: Error {
  case cutShort
  case tooSlow
}
