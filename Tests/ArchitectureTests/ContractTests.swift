import Testing

struct ContractTests {
  @Test func `each module begins with its contract`() throws {
    expectNone(Contracts.findings(in: try SourceTree.sources.get()))
  }

  private static let eight = String(repeating: "// It promises this.\n", count: 8)

  @Test(arguments: [
    "", "import CSV\n", "// It promises this.\n//\n//\n//\n//\n//\n//\n//\n//\n",
    "struct A {}\n" + eight, "import CSV\n\nlet a = 1\n" + eight,
    "// One.\n\n" + eight,
  ])
  func `a main file without a contract is found`(text: String) {
    #expect(Contracts.findings(in: [SourceFile("Sources/Inbox/Inbox.swift", text)]).count == 1)
  }

  @Test(arguments: [eight, "package import CSV\nimport Files\n\n" + eight + "struct A {}\n"])
  func `a main file with a contract is not found`(text: String) {
    let files = [
      SourceFile("Sources/Inbox/Inbox.swift", text), SourceFile("Sources/Inbox/Board.swift", ""),
      SourceFile("Sources/watchd/Watchd.swift", text),
      SourceFile("Sources/Files/Directory.swift", text),
    ]
    #expect(Contracts.findings(in: files).isEmpty)
  }

  @Test func `a module without a main file is found`() {
    let file = SourceFile("Sources/Inbox/Board.swift", Self.eight)
    #expect(Contracts.findings(in: [file]).map(\.path) == ["Sources/Inbox"])
  }
}
