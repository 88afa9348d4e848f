import Foundation

/// The project's folder, found from where this file was compiled.
struct SourceTree {
  /// Without a trailing slash, symbolic links resolved.
  let root: String

  static let project = SourceTree(
    root: URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path)

  /// The Swift files of the product, read once for all tests.
  static let sources = Result { try project.swiftFiles(under: "Sources") }
  /// The Swift files of the tests.
  static let tests = Result { try project.swiftFiles(under: "Tests") }

  /// The Swift files below a folder, in the order of their paths.
  func swiftFiles(under folder: String) throws -> [SourceFile] {
    try FileManager.default.subpathsOfDirectory(atPath: root + "/" + folder)
      .filter { $0.hasSuffix(".swift") }
      .sorted()
      .map { SourceFile(folder + "/" + $0, try text(of: folder + "/" + $0)) }
  }

  /// The names of all entries of a folder, hidden ones aside.
  func entries(of folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)
      .filter { !$0.hasPrefix(".") }
      .sorted()
  }

  /// The folders of Sources that hold anything, each a module.
  func modules() throws -> [String] {
    try entries(of: "Sources").filter { try !entries(of: "Sources/" + $0).isEmpty }
  }

  func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root + "/" + path)
  }

  func text(of path: String) throws -> String {
    try String(contentsOfFile: root + "/" + path, encoding: .utf8)
  }
}

/// A file with its text as it stands, and with nothing left of it but code.
struct SourceFile {
  /// From the root of the project.
  let path: String
  let lines: [Substring]
  /// The same lines with spaces for what is comment or text.
  let codeLines: [Substring]

  init(_ path: String, _ text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    codeLines = CodeFilter.code(of: text).split(separator: "\n", omittingEmptySubsequences: false)
  }

  var name: String { String(path.split(separator: "/").last ?? "") }

  /// The second part of the path: `Inbox` of `Sources/Inbox/Board.swift`.
  var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

  /// As an editor counts: an end of line at the end begins no further line.
  var lineCount: Int { lines.last == "" ? lines.count - 1 : lines.count }
}
