import TaskModel
import Testing

struct DocumentTests {
  private let tree = SourceTree.project

  @Test func `the table of modules in ARCHITECTURE is the list of folders`() throws {
    let page = try tree.page("ARCHITECTURE.md")
    expectNone(Documents.moduleFindings(in: page, modules: try tree.modules()))
  }

  @Test func `README mentions every setting`() throws {
    let names = Setting.allCases.map(\.name)
    expectNone(Documents.settingFindings(in: try tree.page("README.md"), names: names))
  }

  @Test func `the runbook has each code with which a file fails, once`() throws {
    let rows = try tree.page("docs/operations.md").firstColumns.joined()
    let codes = rows.filter { code in FailureCode.allCases.contains { $0.rawValue == code } }
    #expect(codes.sorted() == FailureCode.allCases.map(\.rawValue).sorted())
  }

  @Test func `every command in a sentence of the runbook is run by its test`() throws {
    let script = try tree.text(of: "Tests/Service/runbook-test")
    expectNone(RunbookCommands.findings(in: try tree.page("docs/operations.md"), script: script))
  }

  @Test(arguments: ["README.md", "ARCHITECTURE.md", "docs/operations.md", "docs/hostile-inputs.md"])
  func `every path that a page names exists`(path: String) throws {
    let page = try tree.page(path)
    #expect(!page.codeSpans.isEmpty, "the page names nothing at all, so it was not read")
    expectNone(try Documents.pathFindings(in: page, exists: tree.existsMatching))
  }

  @Test(arguments: ["README.md", "ARCHITECTURE.md", "docs/operations.md", "docs/hostile-inputs.md"])
  func `every make that a page tells to run can be run`(path: String) throws {
    let makefile = try tree.text(of: "Makefile")
    expectNone(Documents.makeFindings(in: try tree.page(path), makefile: makefile))
  }

  @Test func `README tells how to run and how to test`() throws {
    let targets = try tree.page("README.md").makeTargets.map(\.target)
    #expect(Set(["run", "test"]).isSubset(of: targets))
  }
}
