import ArgumentParser
import Operations
import TaskModel

extension CompletionKind {
  /// The names of the newest tasks.
  static let task = CompletionKind.custom { words, _, _ in TaskNames.newest(askedWith: words) }
}

/// What a shell offers for TASK.
enum TaskNames {
  private static let most = 200

  /// Of names that a shell would have to quote, or a terminal must not be given, there are none among them.
  static func newest(askedWith words: [String]) -> [String] {
    do {
      let state = try StateOption.parse(stateOption(in: words))
      let tasks = try state.withOperations { try $0.tasks(.init(limit: most)) }
      var seen: Set<String> = []
      return tasks.map(\.name).filter { isPlain($0) && seen.insert($0).inserted }
    } catch {
      // Somebody is typing: without a database there is nothing to offer, and nobody to tell.
      return []
    }
  }

  private static func stateOption(in words: [String]) -> [String] {
    if let index = words.lastIndex(of: "--state"), index + 1 < words.count {
      return ["--state", words[index + 1]]
    }
    return words.filter { $0.hasPrefix("--state=") }
  }

  private static func isPlain(_ name: String) -> Bool {
    name.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .otherLetter, .decimalNumber: true
      default: "-_.".unicodeScalars.contains(scalar)
      }
    } && !name.hasPrefix("-")
  }
}
