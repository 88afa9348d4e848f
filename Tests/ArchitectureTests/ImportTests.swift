import Testing

struct ImportTests {
  @Test func `each module imports only what the table allows`() throws {
    expectNone(
      ImportTable.project.findings(in: try SourceTree.sources.get()))
  }

  @Test func `what comes from C has one door each`() throws {
    let files = try SourceTree.sources.get() + SourceTree.tests.get()
    expectNone(ImportTable.project.doorFindings(in: files))
  }

  @Test func `each folder of Sources has a row in the table`() throws {
    let rows = Set(ImportTable.project.own.keys)
    let missing = try SourceTree.project.modules().filter { !rows.contains($0) }
    expectNone(missing.map { Finding("Sources/" + $0, "has no row in ImportTable; add one") })
  }

  @Test func `the table has no circle`() {
    var rest = ImportTable.project.own
    while let free = rest.first(where: { $0.value.allSatisfy { rest[$0] == nil } }) {
      rest[free.key] = nil
    }
    #expect(rest.isEmpty, "these import each other: \(rest.keys.sorted())")
  }

  @Test(arguments: [
    ("Sources/CSV/A.swift", "import Foundation"), ("Sources/TaskModel/A.swift", "import CSV"),
    ("Sources/Tally/A.swift", "import struct TaskModel.TaskID"),
    ("Sources/Operations/A.swift", "package import GRDB"),
    ("Sources/HTTPAPI/A.swift", "import TaskStore"), ("Sources/New/A.swift", "import CSV"),
    ("Sources/Files/A.swift", "@preconcurrency internal import Logging"),
  ])
  func `an import that the table does not allow is found`(path: String, text: String) throws {
    let findings = ImportTable.project.findings(in: [SourceFile(path, "\n" + text)])
    #expect(findings.map(\.line) == [2])
    #expect(try #require(findings.first).description.hasPrefix(path + ":2: "))
  }

  @Test(arguments: [
    ("Sources/Tally/A.swift", "package import CSV"), ("Sources/Files/A.swift", "import Glibc"),
    ("Sources/CSV/A.swift", "// import Foundation\nlet a = \"\"\"\nimport Foundation\n\"\"\""),
    ("Sources/CSV/A.swift", "let important = 1"),
  ])
  func `an import that the table allows is not found`(path: String, text: String) {
    #expect(ImportTable.project.findings(in: [SourceFile(path, text)]).isEmpty)
  }

  @Test(arguments: [
    ("Sources/Files/A.swift", "import CInotifyTools"),
    ("Sources/TaskStore/Schema.swift", "import GRDBSQLite"),
    ("Tests/InboxTests/A.swift", "@testable import CInotifyTools"),
  ])
  func `an import past a door is found`(path: String, text: String) {
    #expect(ImportTable.project.doorFindings(in: [SourceFile(path, text)]).count == 1)
  }

  @Test func `an import through its door is not found`() {
    let files = [
      SourceFile("Sources/Inbox/A.swift", "import CInotifyTools"),
      SourceFile("Sources/TaskStore/SQLiteWAL.swift", "import GRDBSQLite"),
    ]
    #expect(ImportTable.project.doorFindings(in: files).isEmpty)
  }
}
