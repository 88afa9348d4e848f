import Files
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Operations
import TaskModel

/// The daemon of a state directory, asked over its Unix socket.
///
/// Blocks its thread, of which this program has one.
struct DaemonConnection {
  private let state: String
  private let channel: any Channel
  private let response: EventLoopFuture<Response>

  struct Response: Sendable {
    let status: UInt
    let body: [UInt8]
  }

  /// Connects; nil where no daemon listens.
  init?(of state: Directory) throws {
    self.state = state.path
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let promise = loop.makePromise(of: Response.self)
    do {
      channel = try ClientBootstrap(group: loop).channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
          try channel.pipeline.syncOperations.addHandler(ResponseHandler(promise))
        }
      }.connect(unixDomainSocketPath: state.shortPath(of: Commands.socketName)).wait()
    } catch let error as IOError where [ENOENT, ECONNREFUSED].contains(error.errnoCode) {
      promise.fail(error)
      return nil
    }
    response = promise.futureResult
  }

  func get(_ path: String) throws -> Response { try ask(.GET, path) }
  func post(_ path: String, body: Data) throws -> Response { try ask(.POST, path, body: body) }

  /// Sends one request, and waits for the answer.
  private func ask(
    _ method: HTTPMethod, _ path: String, body: Data = Data()
  ) throws -> Response {
    var head = HTTPRequestHead(version: .http1_1, method: method, uri: path)
    head.headers = [
      "host": "localhost", "content-type": "application/json", "connection": "close",
      "content-length": "\(body.count)",
    ]
    channel.write(HTTPClientRequestPart.head(head), promise: nil)
    channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
    channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    do {
      return try response.wait()
    } catch {
      throw DaemonGone(state: state, reason: "\(error)")
    }
  }
}

extension DaemonConnection.Response {
  /// The sentence of the daemon's problem details (RFC 9457), for a person.
  var problem: String { details.detail }

  /// Of what keeps the daemon from working, where it was asked for that: why it cannot write to the database.
  var ofDatabase: String? { details.reasons?.first { $0.contains("watchd.db") } }

  private var details: Problem {
    do {
      return try JSONDecoder().decode(Problem.self, from: Data(body))
    } catch {
      // Not ours to explain: the server itself refused it.
      return Problem(
        detail: "the daemon answered \(status) to a request that it did not understand")
    }
  }

  private struct Problem: Decodable {
    var detail: String
    var reasons: [String]?
  }
}

/// The connection ended before the answer was whole: the daemon was killed, most likely.
struct DaemonGone: Error, CustomStringConvertible {
  let state: String
  let reason: String

  var description: String {
    "the watchd of \(state.escapedForTerminal) ended before it answered (\(reason)): what was asked is done whole, or not"
      + " at all, as watchctl status says; give the command again"
  }
}

/// Collects the response.
private final class ResponseHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  private let promise: EventLoopPromise<DaemonConnection.Response>
  private var status: UInt = 0
  private var body: [UInt8] = []

  init(_ promise: EventLoopPromise<DaemonConnection.Response>) { self.promise = promise }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): status = head.status.code
    case .body(let bytes): body += bytes.readableBytesView
    case .end:
      promise.succeed(DaemonConnection.Response(status: status, body: body))
      context.close(promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    promise.fail(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    // After an answer this says nothing any more.
    promise.fail(ChannelError.eof)
  }
}
