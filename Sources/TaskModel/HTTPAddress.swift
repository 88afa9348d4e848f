/// Where HTTP answers.
package struct HTTPAddress: Hashable, Sendable, CustomStringConvertible {
  /// A name or an address; brackets are not part of it.
  package let host: String
  /// 0 lets the kernel choose one.
  package let port: Int

  /// Whether only this machine reaches it: `localhost`, an IPv4 address of 127.0.0.0/8, or `::1`.
  package var isLoopback: Bool { Self.isLoopback(host[...]) }

  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Reads `HOST:PORT`, or `off`, which gives no address.
  ///
  /// - Returns: Nil where the text is neither.
  static func parse(_ text: String) -> HTTPAddress?? {
    if text == "off" { return .some(nil) }
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    let isPlain = host.utf8.allSatisfy { byte in
      (0x21...0x7E).contains(byte) && !"/[]@?#".utf8.contains(byte)
    }
    guard !host.isEmpty, isPlain else { return nil }
    return HTTPAddress(host: String(host), port: Int(port))
  }

  /// Whether an authority (RFC 9110, 7.2: `HOST` or `HOST:PORT`) names this machine.
  ///
  /// The port may be any: whoever forwards one has another.
  package static func isLoopback(authority: String) -> Bool {
    var host = authority[...]
    if let colon = host.lastIndex(of: ":"), host.last != "]" {
      guard UInt16(host[host.index(after: colon)...]) != nil else { return false }
      host = host[..<colon]
    }
    if host.hasPrefix("[") {
      return host == "[::1]"
    }
    return host.lowercased() == "localhost" || isIPv4Loopback(host)
  }

  private static func isLoopback(_ host: Substring) -> Bool {
    host == "localhost" || host == "::1" || isIPv4Loopback(host)
  }

  /// RFC 1122, 3.2.1.3: the whole of 127.0.0.0/8.
  private static func isIPv4Loopback(_ host: Substring) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
