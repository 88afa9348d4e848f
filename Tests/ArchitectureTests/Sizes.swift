/// How large files and functions may be.
enum Sizes {
  static let fileLimit = 400
  /// What a file should stay below; named in the output and no failure.
  static let fileAim = 300
  static let functionLimit = 60

  /// Functions that may be longer, by `path: name`, each with the reason why it reads better whole.
  static let longFunctions: [String: String] = [:]

  static func fileFindings(in files: [SourceFile]) -> [Finding] {
    files.filter { $0.lineCount > fileLimit }.map { file in
      Finding(
        file.path,
        "has \(file.lineCount) lines, \(fileLimit) are allowed; move an aspect of its type to a "
          + "file of its own")
    }
  }

  static func functionFindings(
    in files: [SourceFile], exceptions: [String: String] = longFunctions
  ) -> [Finding] {
    files.flatMap { file in
      functions(of: file)
        .filter { $0.lineCount > functionLimit && exceptions["\(file.path): \($0.name)"] == nil }
        .map { function in
          Finding(
            file.path, line: function.line,
            "\(function.name) has \(function.lineCount) lines, \(functionLimit) are allowed; name "
              + "its steps and make them functions")
        }
    }
  }

  /// What is longer than it should be, and the middle one of all lengths, for people to read.
  static func report(on files: [SourceFile]) -> String {
    let lengths = files.map(\.lineCount).sorted()
    let long = files.filter { $0.lineCount > fileAim }.map { "\n  \($0.path): \($0.lineCount)" }
    let median = lengths.isEmpty ? 0 : lengths[lengths.count / 2]
    return "\(files.count) files, median \(median) lines, over \(fileAim): \(long.count)"
      + long.joined()
  }
}
