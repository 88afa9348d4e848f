import Foundation
import Hummingbird
import NIOCore

/// What is known of a request beside the request: its connection.
struct DoorContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }

  /// The task that the path names, by its id or its file's name; the router leaves the percent encoding as it is.
  ///
  /// - Throws: 400 where the encoding is none.
  func task() throws -> String {
    guard let text = try parameters.require("task").removingPercentEncoding else {
      throw Problem(.badRequest, "the task's name in the path is not percent-encoded UTF-8")
    }
    return text
  }
}
