import Foundation
import Testing

/// `docs/hostile-inputs.md` says of each case what the tables expect.
struct HostilePageTests {
  private static let page = Result {
    let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return try String(
      contentsOf: root.appending(path: "docs/hostile-inputs.md"), encoding: .utf8)
  }

  /// The last column of the rows whose first one is a case's name.
  private func outcomes() throws -> [String: [String]] {
    let rows = try Self.page.get().split(separator: "\n").filter { $0.hasPrefix("| `") }
    let pairs = rows.map { row in
      let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      return (cells[0].replacing("`", with: ""), cells[cells.count - 1])
    }
    return Dictionary(grouping: pairs, by: \.0).mapValues { $0.map(\.1) }
  }

  @Test func `the page of hostile inputs has each case once, with what comes of it`() throws {
    let cases = CaseTests.cases + Case.long
    let found = try outcomes()
    for one in cases {
      #expect(found[one.name] == [one.promise], "\(one.name)")
    }
    #expect(Set(found.keys) == Set(cases.map(\.name)))
  }
}

extension Case {
  /// What reading gives, as a person says it.
  fileprivate var promise: String {
    let outcome = PieceReader.read(input, options: options)
    if let failure = outcome.failure {
      let code = "\(failure.kind)".replacing(/[A-Z]/) { "-" + $0.output.lowercased() }
      return "fails: " + code
    }
    let rows = "\(outcome.rows.count) row" + (outcome.rows.count == 1 ? "" : "s")
    return rows + (outcome.rejects.isEmpty ? "" : ", \(outcome.rejects.count) rejected")
  }
}
