import Foundation
import Hummingbird
import NIOCore
import NIOPosix
import Operations

/// How answers look: JSON, never kept by a cache, errors as one sentence.
enum Answer {
  /// Runs a question or command, which blocks, on NIO's thread pool.
  static func blocking<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await NIOThreadPool.singleton.runIfActive(body)
  }

  /// The answer to a command: the task as it is afterwards, or what was done; 404 where there is none, 409 where it cannot
  /// be done.
  static func command(
    _ body: @escaping @Sendable () throws -> some Encodable & Sendable
  ) async throws -> Response {
    do {
      return try json(try await Commands.onItsThread(body))
    } catch let error as OperationError {
      if case .refused = error { return try problem(.conflict, "\(error)") }
      return try problem(.notFound, "\(error)")
    } catch {
      // The machine's: it may go right the next time.
      return try problem(.serviceUnavailable, "\(error)")
    }
  }

  static func problem(_ status: HTTPResponse.Status, _ sentence: String) throws -> Response {
    try json(["error": sentence], status: status)
  }

  static func json(
    _ value: some Encodable, status: HTTPResponse.Status = .ok
  ) throws -> Response {
    Response(
      status: status,
      headers: [
        .contentType: "application/json; charset=utf-8", .cacheControl: "no-store",
        .xContentTypeOptions: "nosniff",
      ],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: try AnswerJSON.bytes(of: value))))
  }
}

extension RequestContext {
  /// The task that the path names, by its id or its file's name; the router leaves the percent encoding as it is.
  ///
  /// - Throws: 400 where the encoding is none.
  func task() throws -> String {
    guard let text = try parameters.require("task").removingPercentEncoding else {
      throw HTTPError(.badRequest)
    }
    return text
  }
}
