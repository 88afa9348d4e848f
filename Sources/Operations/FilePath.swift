/// A path in JSON, which has only text where Linux has bytes.
///
/// It is a URL of the scheme file (RFC 8089) where the bytes are no UTF-8, and stands as it is otherwise; whole paths begin with
/// a slash, so that the two cannot be taken for each other.
package enum FilePath {
  private static let scheme = "file://"

  /// The text of a whole path.
  package static func text(of path: [UInt8]) -> String {
    if let text = String(validating: path, as: UTF8.self) { return text }
    let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return scheme + parts.map { PercentCoding.encode(Array($0)) }.joined(separator: "/")
  }

  /// The bytes of the path that a text stands for; what is no such URL is a path.
  package static func bytes(of text: String) -> [UInt8] {
    guard text.hasPrefix(scheme) else { return Array(text.utf8) }
    return PercentCoding.decode(text.dropFirst(scheme.count)) ?? Array(text.utf8)
  }
}
