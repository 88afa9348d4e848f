/// What must not stand in a source file.
enum Words {
  /// Found in code; comments and texts may speak of it.
  static func codeFindings(in files: [SourceFile]) -> [Finding] {
    let rules = [
      (/\btry\?/, "`try?` swallows an error; handle it or let it through"),
      (/\btry!/, "`try!` ends the process; let the error through"),
      (/\bfatalError\s*\(/, "`fatalError` is not for what can happen; throw an error"),
      (
        /\bTask(?:<[^>]*>)?(?:\s*\.\s*(?:detached|immediate|immediateDetached))?\s*[({]/,
        "a bare task has no owner that awaits it; make it a child task or a service"
      ),
    ].map { (pattern: $0.wordBoundaryKind(.simple), sentence: $1) }
    return files.flatMap { file in
      file.codeLines.enumerated().flatMap { (index, line) in
        rules.filter { line.contains($0.pattern) }
          .map { Finding(file.path, line: index + 1, $0.sentence) }
      }
    }
  }

  /// Found anywhere, in comments too.
  static func noteFindings(in files: [SourceFile]) -> [Finding] {
    let notes = ["TODO", "FIXME", "XXX", "HACK"]
    return files.flatMap { file in
      file.lines.enumerated()
        .filter { line in notes.contains { line.element.contains($0) } }
        .map { (index, _) in
          Finding(file.path, line: index + 1, "a note to do something; do it, or open an issue")
        }
    }
  }

  /// File names that say nothing about what is in them.
  static func nameFindings(in files: [SourceFile]) -> [Finding] {
    files.filter { $0.name.lowercased().contains(/util|helper|manager|common/) }
      .map { Finding($0.path, "its name says nothing; name it after what it holds") }
  }

  /// The files that sleep, which is waiting for luck but for the one place that polls a condition.
  static func sleepingFiles(in files: [SourceFile]) -> [String] {
    let sleep = /\b(?:u|nano)?sleep\s*\(/.wordBoundaryKind(.simple)
    return files.filter { file in file.codeLines.contains { $0.contains(sleep) } }
      .map(\.path)
  }

  /// What turns off a check of the compiler without a reason beside it.
  ///
  /// The reason stands in the comment directly above, or in that of the type.
  static func reasonFindings(in files: [SourceFile]) -> [Finding] {
    files.flatMap { file in
      file.codeLines.enumerated()
        .filter { $1.contains(/@unchecked\s+Sendable|nonisolated\s*\(\s*unsafe\s*\)/) }
        .filter { (index, _) in !hasReason(file, index) }
        .map { (index, _) in
          Finding(
            file.path, line: index + 1,
            "a check is turned off without a reason; say in a comment directly above, or in the "
              + "type's, why it is safe")
        }
    }
  }

  /// Texts outside of the store that are the database's name, or a path that ends with it.
  ///
  /// Whoever opens the file but through SQLite drops its locks when he closes it. What is said to people has words around the
  /// name, and is not meant.
  static func databaseFindings(in files: [SourceFile]) -> [Finding] {
    files.filter { $0.module != "TaskStore" && !opensNothing.contains($0.path) }.flatMap { file in
      file.lines.enumerated()
        .filter { $1.contains(/"([^" ]*\/)?watchd\.db(-wal|-shm)?"/) }
        .map { (index, _) in
          Finding(
            file.path, line: index + 1,
            "the database is opened by TaskStore alone, through SQLite; ask it for what is needed")
        }
    }
  }

  /// The one asks for the size, by fstatat(2), which opens nothing; the other looks for the name in a sentence.
  private static let opensNothing = [
    "Sources/Operations/Monitoring.swift", "Sources/watchctl/DaemonConnection.swift",
  ]

  /// A comment of fewer words names a thing and gives no reason.
  private static let fewestWords = 8

  private static func hasReason(_ file: SourceFile, _ index: Int) -> Bool {
    if wordsAbove(index, of: file) >= fewestWords { return true }
    let types = file.codeLines[..<index].indices.reversed()
    let typeLine = types.first { line in
      file.codeLines[line].contains(/^\s*(\w+\s+|@\w+\s+)*(struct|class|enum|actor|extension)\s/)
        && indentation(file.codeLines[line]) < indentation(file.codeLines[index])
    }
    return typeLine.map { wordsAbove($0, of: file) >= fewestWords } ?? false
  }

  private static func indentation(_ line: Substring) -> Int { line.prefix { $0 == " " }.count }

  /// How many words the comment directly above a line has; attributes may stand between.
  private static func wordsAbove(_ index: Int, of file: SourceFile) -> Int {
    var words = 0
    for line in file.lines[..<index].reversed().map({ $0.drop { $0 == " " } }) {
      if line.hasPrefix("//") {
        words += line.split { !$0.isLetter }.count
      } else if words > 0 || !line.hasPrefix("@") {
        break
      }
    }
    return words
  }
}
