import Foundation
import Hummingbird
import NIOCore
import NIOPosix
import Operations
import ServiceLifecycle

/// How answers look: JSON, never kept by a cache.
enum Answer {
  /// Questions, commands and uploads block, each for its own while: a sync of a large file must not hold up the rest,
  /// so there are more of these threads than cores.
  private static let threads: NIOThreadPool = {
    let pool = NIOThreadPool(numberOfThreads: 16)
    pool.start()
    return pool
  }()

  /// Runs what blocks on a thread for it, and never on an event loop or Swift's cooperative pool.
  static func blocking<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await threads.runIfActive(body)
  }

  /// Breaks a long answer off once the daemon is to stop, which a slow client must not hold up.
  ///
  /// The connection ends short of what was promised, and the client asks for the rest when there is a daemon again.
  static func stopsAtShutdown() throws {
    if Task.isShuttingDownGracefully { throw CancellationError() }
  }

  /// Has it done by such a thread, whatever becomes of the caller.
  static func later(_ body: @escaping @Sendable () -> Void) {
    threads.submit { _ in body() }
  }

  /// Has it done by such a thread, and waits for it, also in a request that was cancelled.
  static func inAnyCase(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
      later {
        body()
        continuation.resume()
      }
    }
  }

  static func json(
    _ value: some Encodable, status: HTTPResponse.Status = .ok
  ) throws -> Response {
    Response(
      status: status, headers: [.contentType: "application/json; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: try AnswerJSON.bytes(of: value))))
  }

  static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Response {
    Response(
      status: .ok, headers: [.contentType: type],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}
