import Foundation
import Hummingbird
import TaskModel

/// Whom a door answers, and so what it has to look at before it does.
enum Trust: Sendable {
  /// Whoever may write to the socket's file: the daemon's own user, and no browser.
  case owner
  /// Any program on this machine, and with it any web page in a browser here. A page must not reach us by a name that its
  /// own server has pointed at this machine (DNS rebinding), and not change anything from another site.
  case loopback
  /// Whoever knows the token, under whatever name: a page of another site knows it only by the browser's keeping it, which
  /// goes by the name.
  case token(AccessToken)

  /// - Throws: The `Problem` that the request has with it.
  func check(_ request: Request) throws(Problem) {
    guard let authority = try authority(of: request) else { return }
    if [.get, .head].contains(request.method) { return }
    // A browser names the origin with every such request (Fetch, 3.2.5); other programs name none. Behind a proxy with TLS
    // it is https, of which we see nothing.
    let origins = ["http://\(authority)"] + (isToken ? ["https://\(authority)"] : [])
    if let origin = request.headers[.origin], !origins.contains(origin) {
      throw Problem(.forbidden, "a page of another site may not change anything here")
    }
    if let site = request.headers[.secFetchSite], !["same-origin", "none"].contains(site) {
      throw Problem(.forbidden, "a page of another site may not change anything here")
    }
  }

  var isOwner: Bool {
    if case .owner = self { true } else { false }
  }

  private var isToken: Bool {
    if case .token = self { true } else { false }
  }

  /// The host that is asked for, where it is one that we are; nil where no browser can be at the other end.
  private func authority(of request: Request) throws(Problem) -> String? {
    switch self {
    case .owner: return nil
    case .loopback:
      guard let authority = request.head.authority,
        HTTPAddress.isLoopback(authority: authority)
      else {
        throw Problem(
          .misdirectedRequest,
          "this is not the host that was asked for; ask for localhost or 127.0.0.1")
      }
      return authority
    case .token(let token):
      // Whether we live is no secret, and a monitor need not know one.
      if request.uri.path == "/healthz" { return nil }
      guard token.isGiven(by: request.headers[.authorization]) else {
        throw Problem(
          .unauthorized, "give the token: Authorization: Bearer TOKEN, or as the password of Basic",
          headers: [.wwwAuthenticate: "Basic realm=\"watchd\", charset=\"UTF-8\""])
      }
      return request.head.authority ?? ""
    }
  }
}

/// The one secret by which HTTP knows its users.
package struct AccessToken: Sendable {
  private let bytes: [UInt8]

  /// - Throws: `TokenError` for one that could be guessed or not be sent.
  package init(_ text: String) throws {
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard trimmed.utf8.count >= 16, trimmed.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw TokenError()
    }
    bytes = Array(trimmed.utf8)
  }

  /// As a bearer's (RFC 6750), or as the password of any user (RFC 7617), which is what a browser asks a person for.
  func isGiven(by header: String?) -> Bool {
    guard let header, let space = header.firstIndex(of: " ") else { return false }
    let credentials = header[header.index(after: space)...].drop { $0 == " " }
    switch header[..<space].lowercased() {
    case "bearer": return isSame(Array(credentials.utf8))
    case "basic":
      guard let pair = Data(base64Encoded: String(credentials)),
        let colon = pair.firstIndex(of: UInt8(ascii: ":"))
      else { return false }
      return isSame(Array(pair[(colon + 1)...]))
    default: return false
    }
  }

  /// Takes as long wherever the first difference is: the time tells nothing but the length of what was given.
  private func isSame(_ given: [UInt8]) -> Bool {
    var difference = given.count ^ bytes.count
    for (index, byte) in given.enumerated() {
      difference |= Int(byte ^ bytes[index % bytes.count])
    }
    return difference == 0
  }
}

/// Why a text is no token.
package struct TokenError: Error, CustomStringConvertible {
  package var description: String {
    "a token has 16 or more visible ASCII characters on one line; make one with: openssl rand -hex 32"
  }
}
