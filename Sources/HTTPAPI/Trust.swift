import Hummingbird
import TaskModel

/// Whom a door answers, and so what it has to look at before it does.
enum Trust: Sendable {
  /// Whoever may write to the socket's file: the daemon's own user, and no browser.
  case owner
  /// Any program on this machine, and with it any web page in a browser here. A page must not reach us by a name that its
  /// own server has pointed at this machine (DNS rebinding), and not change anything from another site.
  case loopback

  /// - Throws: The `Problem` that the request has with it.
  func check(_ request: Request) throws(Problem) {
    guard self == .loopback else { return }
    guard let authority = request.head.authority, LoopbackAddress.isLoopback(authority: authority)
    else {
      throw Problem(
        .misdirectedRequest,
        "this is not the host that was asked for; ask for localhost or 127.0.0.1")
    }
    if [.get, .head].contains(request.method) { return }
    // A browser names the origin with every such request (Fetch, 3.2.5); other programs name none.
    if let origin = request.headers[.origin], origin != "http://\(authority)" {
      throw Problem(.forbidden, "a page of another site may not change anything here")
    }
    if let site = request.headers[.secFetchSite], !["same-origin", "none"].contains(site) {
      throw Problem(.forbidden, "a page of another site may not change anything here")
    }
  }
}
