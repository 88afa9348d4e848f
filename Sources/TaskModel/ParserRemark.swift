/// What an argument parser says of a command line; its remarks take several lines, and have no remedy.
package enum ParserRemark {
  /// The remark as one sentence with what to do.
  ///
  /// - Parameters:
  ///   - text: The remark.
  ///   - command: Whose `--help` says more.
  /// - Returns: It, without a line end.
  package static func sentence(_ text: String, of command: String) -> String {
    let lines = text.split(separator: "\n").map(String.init)
    // Some end with a list, a line each.
    let list = lines.filter { $0.hasPrefix("  - ") }.map { $0.dropFirst(4) }
    var sentence = lines.filter { !$0.hasPrefix("  - ") }.joined(separator: " ")
    if !list.isEmpty { sentence += " " + list.joined(separator: ", ") }
    while sentence.hasSuffix(".") { sentence.removeLast() }
    sentence += sentence.hasSuffix("?") ? " See" : "; see"
    return "\(sentence) \(command) --help"
  }
}
