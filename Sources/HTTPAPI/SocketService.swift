import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle

/// The door for commands on this machine: the same routes, and those that change a task, on a Unix socket.
///
/// Whoever may write to the socket's file may command; the caller sees to its mode.
package struct SocketService: Service {
  private let application: Application<RouterResponder<DoorContext>>
  private let path: String

  /// - Parameters:
  ///   - desk: What is answered.
  ///   - path: Of the socket, which must not be there: 107 bytes at most (unix(7)).
  ///   - logger: For the server's troubles.
  ///   - onListening: Called once the socket's file is there.
  package init(
    _ desk: Desk, path: String, logger: Logger,
    onListening: @escaping @Sendable () -> Void
  ) {
    self.path = path
    application = Application(
      router: desk.table(trust: .owner).router(behind: .owner),
      server: GuardedServer.builder,
      configuration: GuardedServer.configuration(.unixDomainSocket(path: path)),
      onServerRunning: { _ in onListening() }, logger: HTTPService.quiet(logger))
  }

  /// - Throws: `SocketFailure` where the socket cannot be had.
  package func run() async throws {
    do {
      try await application.run()
    } catch let error as IOError {
      throw SocketFailure(path: path, reason: "\(error)")
    }
  }
}

/// Why commands cannot be answered.
struct SocketFailure: Error, CustomStringConvertible {
  let path: String
  let reason: String

  var description: String {
    "cannot answer on the socket \(path) (\(reason)); remove what has its name in the state directory"
  }
}
