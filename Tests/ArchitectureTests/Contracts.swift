/// The comment with which a module's main file begins: what it promises, what it does not, at what
/// cost.
enum Contracts {
  /// Main files that are not named as their module.
  static let mainFiles = [
    "CSV": "PlaysReader", "Files": "Directory", "HTTPAPI": "HTTPService", "TaskModel": "TaskStatus",
  ]
  static let fewestLines = 8

  /// The modules without such a comment; `files` are those of all modules, and one without any Swift
  /// file needs none.
  static func findings(in files: [SourceFile]) -> [Finding] {
    Dictionary(grouping: files, by: \.module).sorted { $0.key < $1.key }.compactMap { module in
      let name = (mainFiles[module.key] ?? module.key) + ".swift"
      // The executables' modules have small letters, their types have not.
      guard let main = module.value.first(where: { $0.name.lowercased() == name.lowercased() })
      else {
        return Finding(
          "Sources/" + module.key, "has no \(name) to begin with; add it, or name its main file")
      }
      let lines = openingLines(of: main)
      guard lines < fewestLines else { return nil }
      return Finding(
        main.path,
        "begins, after its imports, with \(lines) lines of comment where \(fewestLines) are needed; "
          + "say what the module promises, what it does not, and at what cost")
    }
  }

  /// The lines of the first comment, empty ones not counted, where nothing but imports stands before.
  private static func openingLines(of file: SourceFile) -> Int {
    let importLines = Set(imports(of: file).map(\.line))
    let rest = file.lines.enumerated()
      .filter { !importLines.contains($0.offset + 1) }
      .map { $0.element.drop { $0 == " " } }
      .drop { $0.isEmpty }
    return rest.prefix { $0.hasPrefix("//") }.count { line in
      !line.drop { $0 == "/" || $0 == " " }.isEmpty
    }
  }
}
