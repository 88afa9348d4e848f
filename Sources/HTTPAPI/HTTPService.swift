import Hummingbird
package import Logging
import NIOCore
package import Operations
import ServiceLifecycle
package import TaskModel

// One door to the operations: HTTP on loopback.
//
// Promises: the same answers as watchctl, in the same JSON, for both come from `Operations`; nothing
// here knows SQL or touches a file. It answers on loopback only, for it asks nobody who they are. Questions
// block (the database), so they run on NIO's thread pool and never on an event loop or Swift's cooperative
// pool.
//
// Not yet: uploads, results, the page. GET /healthz, GET /tasks and GET /tasks/TASK are what there is on loopback; the
// Unix socket in the state directory, which only the daemon's user may write to, also has the commands.
//
// The cost of the door: Hummingbird and SwiftNIO, which are most of the time that a first build takes.

/// The HTTP API as a service of the daemon.
package struct HTTPService: Service {
  private let application: Application<RouterResponder<BasicRequestContext>>
  private let address: LoopbackAddress

  package init(
    _ operations: Operations, address: LoopbackAddress, logger: Logger,
    onListening: @escaping @Sendable () -> Void = {}
  ) {
    self.address = address
    application = Application(
      router: Self.router(operations),
      configuration: ApplicationConfiguration(
        address: .hostname(address.host, port: address.port), serverName: nil),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? address.port
        logger.info("http", metadata: ["url": "http://\(address.host):\(port)/"])
        onListening()
      },
      logger: Self.quiet(logger))
  }

  /// The questions, which every door has.
  static func router(_ operations: Operations) -> Router<BasicRequestContext> {
    let answers = TaskAnswers(operations: operations)
    let router = Router()
    router.get("healthz") { _, _ in "ok\n" }
    router.get("tasks") { request, _ in try await answers.tasks(request.uri.queryParameters) }
    router.get("tasks/:task") { _, context in
      try await answers.task(matching: context.task())
    }
    return router
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
  let address: LoopbackAddress
  let reason: String

  var description: String {
    "cannot answer HTTP on \(address) (\(reason)); choose another address with --http, or off"
  }
}
