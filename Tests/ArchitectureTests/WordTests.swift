import Testing

struct WordTests {
  private func sources() throws -> [SourceFile] {
    try SourceTree.sources.get()
  }

  @Test func `no source swallows errors, ends the process or starts a bare task`() throws {
    expectNone(Words.codeFindings(in: try sources()))
  }

  @Test func `no source has a note of what is still to do`() throws {
    expectNone(Words.noteFindings(in: try sources()))
  }

  @Test func `every file name says what is in the file`() throws {
    expectNone(Words.nameFindings(in: try sources()))
  }

  @Test func `every check that is turned off has its reason`() throws {
    expectNone(Words.reasonFindings(in: try sources()))
  }

  @Test func `no source but the store's names the database file`() throws {
    expectNone(Words.databaseFindings(in: try sources()))
  }

  @Test(arguments: [
    "let a = open(\"/srv/state/watchd.db\")", "Data(path + \"/watchd.db\")",
    "state.openFile(\"watchd.db-wal\")", "open(\"\\(state)/watchd.db\")",
  ])
  func `the name of the database is found`(line: String) {
    let found = Words.databaseFindings(in: [SourceFile("Sources/A/a.swift", "\n" + line)])
    #expect(found.map(\.line) == [2])
    let own = Words.databaseFindings(in: [SourceFile("Sources/TaskStore/a.swift", line)])
    #expect(own.isEmpty)
  }

  @Test(arguments: ["\"watchd.db is damaged\"", "$0.contains(\"watchd.db.old\")"])
  func `what speaks of the database is not found`(line: String) {
    #expect(Words.databaseFindings(in: [SourceFile("Sources/A/a.swift", line)]).isEmpty)
  }

  @Test func `the tests wait in one place only`() throws {
    let sleeping = Words.sleepingFiles(in: try SourceTree.tests.get())
    #expect(sleeping.count <= 1, "use what TestSupport has for waiting: \(sleeping)")
    #expect(sleeping.allSatisfy { $0.hasPrefix("Tests/TestSupport/") }, "\(sleeping)")
  }

  @Test(arguments: [
    "let a = try? b()", "try! b()", "fatalError(\"not yet\")",
    "Task { await a() }", "Task.detached { }", "Task(priority: .high) { }", "_ = Task{}",
    "let a = Task<Void, Never> { }",
    "Task.detached(priority: .low) {", "let a = \"\\(try? b())\"",
  ])
  func `a forbidden word in code is found`(line: String) {
    let file = SourceFile("a.swift", "let a = 1\n" + line)
    #expect(Words.codeFindings(in: [file]).map(\.line) == [2])
  }

  @Test(arguments: [
    "// try? is not used here", "let a = \"fatalError()\"", "try await Task.sleep(for: .zero)",
    "struct TaskRun {", "if Task.isCancelled {", "withTaskGroup { }", "try a()", "while try !a() {",
    "try b ? c : d",
    "/* Task { } */", "let task = SomeTask(a)",
  ])
  func `what only looks like a forbidden word is not found`(line: String) {
    #expect(Words.codeFindings(in: [SourceFile("a.swift", line)]).isEmpty)
  }

  @Test func `a note is found in comments as well`() {
    let file = SourceFile("a.swift", "// TODO: more\nlet a = 1 // FIXME\nlet todo = 1\n")
    #expect(Words.noteFindings(in: [file]).map(\.line) == [1, 2])
  }

  @Test func `a name that says nothing is found`() {
    let names = ["FileUtils", "TestHelper", "InboxManager", "Common", "Inbox", "Command"]
    let found = Words.nameFindings(in: names.map { SourceFile("Sources/A/\($0).swift", "") })
    #expect(found.map(\.path) == names.prefix(4).map { "Sources/A/\($0).swift" })
  }

  @Test(arguments: ["try await Task.sleep(for: .seconds(1))", "usleep(10)", "Thread.sleep(1)"])
  func `a test that sleeps is found`(line: String) {
    let files = [SourceFile("a.swift", line), SourceFile("b.swift", "// " + line)]
    #expect(Words.sleepingFiles(in: files) == ["a.swift"])
  }

  @Test(arguments: [
    "final class A: @unchecked Sendable {", "/// A thing.\nstruct A: @unchecked Sendable {",
    "/// One of the things that we have here and there.\n\nextension A: @unchecked Sendable {}",
    "struct A {\n  nonisolated(unsafe) var a = 1",
    "/// A long comment with quite enough words for any reason.\nlet a = 1\n"
      + "nonisolated(unsafe) let b = 1",
  ])
  func `a check that is turned off without a reason is found`(text: String) {
    #expect(Words.reasonFindings(in: [SourceFile("a.swift", text)]).count == 1)
  }

  @Test(arguments: [
    "/// A thing.\n///\n/// Only one thread has it at a time, for it is never copied.\n@safe\n"
      + "final class A: @unchecked Sendable {",
    "// Written once at start, before there is a second thread.\nnonisolated(unsafe) var a = 1",
    "/// Whoever holds the lock, and nobody else, touches what is inside.\nfinal class A {\n"
      + "  private nonisolated(unsafe) var a = 1",
    "// This is not @unchecked Sendable.", "final class A: Sendable {",
  ])
  func `a check that is turned off with a reason is not found`(text: String) {
    #expect(Words.reasonFindings(in: [SourceFile("a.swift", text)]).isEmpty)
  }
}
