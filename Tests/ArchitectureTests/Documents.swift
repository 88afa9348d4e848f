/// What the pages say about the tree, held against the tree.
enum Documents {
  /// Folders of which the pages give paths.
  private static let folders = [
    "Sources/", "Tests/", "Benchmarks/", "Packaging/", "Examples/", "Schemas/",
  ]

  /// The table of modules is the list of folders.
  static func moduleFindings(in page: Document, modules: [String]) -> [Finding] {
    let tables = page.firstColumns.map { Set($0) }
    let expected = Set(modules)
    let best = tables.max { left, right in
      left.intersection(expected).count < right.intersection(expected).count
    }
    guard let table = best, !table.isDisjoint(with: expected) else {
      return [Finding(page.path, "has no table of modules; begin its rows with | `Module` |")]
    }
    return expected.subtracting(table).sorted().map {
      Finding(page.path, "the table of modules has no row for `\($0)`; add one")
    }
      + table.subtracting(expected).sorted().map {
        Finding(page.path, "the table of modules has `\($0)`, and Sources has no such folder")
      }
  }

  static func settingFindings(in page: Document, names: [String]) -> [Finding] {
    names.filter { !page.mentions(flag: "--" + $0) }
      .map { Finding(page.path, "does not mention the setting --\($0)") }
  }

  /// The paths in backticks that do not exist; one star stands for any letters of a name.
  static func pathFindings(
    in page: Document, exists: (String) throws -> Bool
  ) rethrows -> [Finding] {
    try page.codeSpans.compactMap { (line, text) in
      let path = String(text.prefix { !" ,;:()".contains($0) })
      guard folders.contains(where: path.hasPrefix), try !exists(path) else { return nil }
      return Finding(page.path, line: line, "\(path) does not exist")
    }
  }

  static func makeFindings(in page: Document, makefile: String) -> [Finding] {
    let targets = makeTargets(of: makefile)
    return page.makeTargets.filter { !targets.contains($0.target) }.map {
      Finding(page.path, line: $0.line, "the Makefile has no target \($0.target)")
    }
  }

  /// The names before the colons of rules; assignments with := and recipes are none.
  private static func makeTargets(of makefile: String) -> Set<String> {
    let heads = makefile.split(separator: "\n").compactMap { line -> Substring? in
      guard !line.hasPrefix("\t"), !line.hasPrefix("#"), let colon = line.firstIndex(of: ":"),
        !line[colon...].hasPrefix(":="), !line[..<colon].contains("=")
      else { return nil }
      return line[..<colon]
    }
    return Set(heads.flatMap { $0.split(separator: " ").map(String.init) })
  }
}

extension SourceTree {
  func page(_ path: String) throws -> Document { Document(path, try text(of: path)) }

  /// True where a path exists, or one that fits its star.
  func existsMatching(_ pattern: String) throws -> Bool {
    let path = pattern.hasSuffix("/") ? String(pattern.dropLast()) : pattern
    guard let star = path.firstIndex(of: "*"), let slash = path[..<star].lastIndex(of: "/") else {
      return exists(path)
    }
    let folder = String(path[..<slash])
    let (before, after) = (path[path.index(after: slash)..<star], path[path.index(after: star)...])
    guard exists(folder) else { return false }
    return try entries(of: folder).contains { name in
      name.hasPrefix(before) && name.dropFirst(before.count).hasSuffix(after)
    }
  }
}
