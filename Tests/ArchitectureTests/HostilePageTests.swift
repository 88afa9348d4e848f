import Testing

/// That `docs/hostile-inputs.md` names tests that there are.
struct HostilePageTests {
  private let tree = SourceTree.project

  @Test func `every test that holds a hostile case exists, and no live case is missing`() throws {
    let page = try tree.page("docs/hostile-inputs.md")
    let titles = try HostilePage.titles(
      in: SourceTree.tests.get().map { $0.lines.joined(separator: "\n") })
    #expect(!HostilePage.promises(of: page).isEmpty)
    expectNone(HostilePage.findings(in: page, titles: titles))
    #expect(HostilePage.liveCases(of: page) == (1...40).map { $0 < 10 ? "L0\($0)" : "L\($0)" })
  }

  @Test func `README has the number of hostile cases`() throws {
    let files = try SourceTree.tests.get().filter { $0.path.contains("/HostileCase+") }
    let tables = HostilePage.cases(in: files.map { $0.lines.joined(separator: "\n") }).count
    // Those that are no line of a table.
    let suite = try tree.text(of: "Tests/EndToEndTests/HostileTests.swift")
    let count = tables + suite.matches(of: /@Test\s+func/).count
    let row = try tree.page("README.md").lines.first { $0.hasPrefix("| hostile senders") }
    #expect(
      row?.hasSuffix(" | \(count) cases | \(count) cases |") == true, "\(row ?? ""): \(count)")
  }

  @Test func `a row without a test, and one whose test is gone, are found`() {
    let page = Document(
      "A.md",
      """
      | case | outcome | held by |
      | --- | --- | --- |
      | a | b | `it holds` |
      | L01 | b | `it is gone` |
      | L02 | b | by nobody |

      | case | what comes | outcome |
      | --- | --- | --- |
      | `E01` | `x` | fails |
      """)
    let titles = HostilePage.titles(
      in: ["@Test func `it holds`() {", "    HostileCase(\n      \"as does this\"\n    ) {"])
    #expect(titles == ["it holds", "as does this"])
    #expect(HostilePage.findings(in: page, titles: titles).map(\.line) == [4, 5])
    #expect(HostilePage.liveCases(of: page) == ["L01", "L02"])
  }
}

/// The tables whose last column is "held by".
enum HostilePage {
  typealias Promise = (line: Int, name: String, tests: [String])

  static func promises(of page: Document) -> [Promise] {
    var isHeld = false
    var promises: [Promise] = []
    for (index, line) in page.lines.enumerated() {
      let cells = line.split(separator: "|").map { $0.drop { $0 == " " } }
      if cells.count < 3 {
        isHeld = false
      } else if cells[cells.count - 1].hasPrefix("held by") {
        isHeld = true
      } else if isHeld, !line.hasPrefix("| ---") {
        let parts = cells[cells.count - 1].split(separator: "`", omittingEmptySubsequences: false)
        let tests = parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
        let name = String(cells[0]).split(separator: " ").joined(separator: " ")
        promises.append((index + 1, name, tests))
      }
    }
    return promises
  }

  static func liveCases(of page: Document) -> [String] {
    promises(of: page).map(\.name).filter { $0.wholeMatch(of: /L\d\d/) != nil }
  }

  static func findings(in page: Document, titles: Set<String>) -> [Finding] {
    promises(of: page).flatMap { promise in
      promise.tests.isEmpty
        ? [Finding(page.path, line: promise.line, "no test holds \(promise.name)")]
        : promise.tests.filter { !titles.contains($0) }
          .map { Finding(page.path, line: promise.line, "there is no test `\($0)`") }
    }
  }

  /// The names of test functions, and the titles of cases that are played against the running daemon.
  static func titles(in texts: [String]) -> Set<String> {
    Set(
      texts.flatMap { text in
        text.matches(of: /func\s+`([^`]+)`/).map { String($0.output.1) }
      } + cases(in: texts))
  }

  /// The titles of cases that are played against the running daemon.
  static func cases(in texts: [String]) -> [String] {
    texts.flatMap { text in
      text.matches(of: /HostileCase\(\s*"([^"]+)"/).map { String($0.output.1) }
    }
  }
}
