import NIOHTTP1

extension HTTPRequestHead {
  /// Has the header name the host that the first line names where that is a whole URL, for that one counts (RFC 9112, 3.2.2).
  ///
  /// The server behind takes the path of such a line and drops the rest, so that nobody would look at the host any more.
  mutating func takeHostOfTarget() {
    guard !uri.hasPrefix("/"), let separator = uri.firstRange(of: "://") else { return }
    let host = uri[separator.upperBound...].prefix { !"/?#".contains($0) }
    headers.replaceOrAdd(name: "Host", value: String(host))
  }
}
