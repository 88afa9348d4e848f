import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// The server of a door: HTTP/1.1 with a bound on everything that a client can make us hold.
enum GuardedServer {
  static func configuration(_ address: BindAddress) -> ApplicationConfiguration {
    var silent = Logger(label: "connections")
    silent.logLevel = .error
    return ApplicationConfiguration(
      address: address, serverName: nil,
      availableConnectionsDelegate: MaximumAvailableConnections(mostConnections, logger: silent))
  }

  /// Half of what the process may open at most: the work needs the rest.
  private static var mostConnections: Int {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      return 256
    }
    return min(4000, Int(clamping: limit.rlim_cur) / 2)
  }

  static var builder: HTTPServerBuilder {
    HTTPServerBuilder { responder in
      let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
        maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100)
      return GuardedChannel(
        base: HTTP1Channel(
          responder: responder,
          configuration: HTTP1Channel.Configuration(httpDecoderConfiguration: decoder)))
    }
  }
}

/// A connection of the server, with its guard.
private struct GuardedChannel: ServerChildChannel {
  let base: HTTP1Channel

  func setup(
    channel: any Channel, logger: Logger
  ) -> EventLoopFuture<HTTP1Channel.Value> {
    base.setup(channel: channel, logger: logger).flatMapThrowing { value in
      let pipeline = channel.pipeline.syncOperations
      let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      try pipeline.addHandler(
        ConnectionGuard(limits: RequestPace.Limits()), position: .after(decoder))
      return value
    }
  }

  func handle(value: HTTP1Channel.Value, logger: Logger) async {
    await base.handle(value: value, logger: logger)
  }
}
