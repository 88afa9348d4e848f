import TaskModel

/// What a person typed, for what the parser cannot say well: its own remarks have no remedy.
struct TypedCommand {
  private let arguments: [String]

  init(_ arguments: [String]) { self.arguments = arguments }

  /// Why it is no command.
  enum Mistake: Error, CustomStringConvertible {
    case unknown(String, nearest: String?)
    case looksLikeOption(String)

    var description: String {
      switch self {
      case .unknown(let name, let nearest):
        "there is no command \"\(name)\""
          + (nearest.map { "; did you mean \($0)? " } ?? "; ") + "watchctl --help lists them all"
      case .looksLikeOption(let text):
        "\(text) is no option; where it is a name, put -- before it"
      }
    }
  }

  /// - Parameter commands: The names of those that there are.
  /// - Throws: `Mistake`.
  func check(commands: [String]) throws(Mistake) {
    let words = arguments.first == "help" ? arguments.dropFirst() : arguments[...]
    if let name = words.first, !name.hasPrefix("-"), !commands.contains(name), name != "help" {
      throw .unknown(name, nearest: Setting.nearest(to: name, among: commands))
    }
    // The parser takes -dash.csv for the options -d, -a, -s and -h, and shows the help.
    let names = arguments.prefix { $0 != "--" }
    if let name = names.first(where: {
      $0.utf8.count > 2 && $0.hasPrefix("-") && !$0.hasPrefix("--")
    }) {
      throw .looksLikeOption(name)
    }
  }

  /// The parser's remark as one sentence with what to do.
  func remark(on text: String) -> String {
    let command = arguments.first { !$0.hasPrefix("-") }
    return ParserRemark.sentence(text, of: "watchctl" + (command.map { " " + $0 } ?? ""))
  }
}
