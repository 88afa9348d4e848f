import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle
package import TaskModel

// The doors to the operations: HTTP on loopback, and on a Unix socket for the daemon's own user.
//
// Promises: the same answers as watchctl, in the same JSON, for both come from `Operations`; nothing
// here knows SQL. Every request passes the `Gate`: by `Trust` it looks whether the request is for us and not made by another
// site's page, every error becomes problem details (RFC 9457), every answer gets its security headers. Whatever a client
// can make us hold has a bound: heads and connections by the server, slowness by `ConnectionGuard`, bodies by their
// routes. Questions and commands block (the database), so they run on threads of their own and never on an event
// loop or Swift's cooperative pool.
//
// On loopback we ask nobody who they are, so whatever is there is for every user of the machine; what lends the daemon's
// rights to whoever asks (a file by its path) is on the socket only. With a token, which an address that others reach must
// have, everybody is asked for it.
//
// The cost of the doors: Hummingbird and SwiftNIO, which are most of the time that a first build takes.

/// The HTTP API as a service of the daemon.
package struct HTTPService: Service {
  private let application: Application<RouterResponder<DoorContext>>
  private let address: HTTPAddress

  /// - Parameters:
  ///   - desk: What is answered.
  ///   - address: Where; one that others reach only with a token.
  ///   - token: What everybody is asked for; nil where nobody is.
  ///   - logger: For the server's troubles.
  ///   - onListening: Called once it can be asked.
  package init(
    _ desk: Desk, address: HTTPAddress, token: AccessToken?, logger: Logger,
    onListening: @escaping @Sendable () -> Void = {}
  ) {
    precondition(token != nil || address.isLoopback, "the settings have seen to it")
    self.address = address
    let trust = token.map(Trust.token) ?? .loopback
    application = Application(
      router: desk.table(trust: trust).router(behind: trust),
      server: GuardedServer.builder,
      configuration: GuardedServer.configuration(.hostname(address.host, port: address.port)),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? address.port
        logger.info("http", metadata: ["url": "http://\(address.host):\(port)/"])
        onListening()
      },
      logger: Self.quiet(logger))
  }

  /// - Throws: `HTTPFailure` where the address cannot be had.
  package func run() async throws {
    do {
      try await application.run()
    } catch let error as IOError {
      throw HTTPFailure(address: address, reason: "\(error)")
    }
  }

  /// The server's own lines tell what the line above tells.
  static func quiet(_ logger: Logger) -> Logger {
    var logger = logger
    if logger.logLevel == .info { logger.logLevel = .notice }
    return logger
  }
}

/// Why HTTP cannot answer.
struct HTTPFailure: Error, CustomStringConvertible {
  let address: HTTPAddress
  let reason: String

  var description: String {
    "cannot answer HTTP on \(address) (\(reason)); choose another address with --http, or off"
  }
}
