import Testing

struct SizeTests {
  @Test func `no file of Sources is too long`() throws {
    let files = try SourceTree.sources.get()
    print(Sizes.report(on: files))
    expectNone(Sizes.fileFindings(in: files))
  }

  @Test func `no function of Sources is too long`() throws {
    expectNone(Sizes.functionFindings(in: try SourceTree.sources.get()))
  }

  @Test func `each exception for a long function is still needed`() throws {
    let files = try SourceTree.sources.get()
    let long = Sizes.functionFindings(in: files, exceptions: [:])
    for exception in Sizes.longFunctions.keys {
      let path = exception.prefix { $0 != ":" }
      #expect(long.contains { $0.path == path }, "\(exception) is short now; take it off the list")
    }
  }

  @Test func `a file that is too long is found`() {
    let text = String(repeating: "let a = 1\n", count: 400)
    #expect(Sizes.fileFindings(in: [SourceFile("a.swift", text)]).isEmpty)
    #expect(Sizes.fileFindings(in: [SourceFile("a.swift", text + "let b = 1\n")]).count == 1)
    #expect(Sizes.fileFindings(in: [SourceFile("a.swift", text + "let b = 1")]).count == 1)
  }

  @Test(arguments: [
    ("func long(a: Int = { 1 }(), b: [Int]) throws -> Int {", "long"),
    ("  package init?(_ text: some StringProtocol) where A: B {", "init"),
    ("static func `a name that is a \"sentence\"`() async {", "a name that is a \"sentence\""),
    ("var value: [String: Int] {", "value"), ("deinit {", "deinit"),
    ("subscript(index: Int) -> Int {", "subscript"),
    ("mutating func next<A>(_ a: A)\n  throws(Failure) -> (Int, Int)\nwhere A: B {", "next"),
  ])
  func `a function that is too long is found`(head: String, name: String) {
    let headLines = head.count { $0 == "\n" } + 1
    func findings(_ lineCount: Int) -> [Finding] {
      let body = String(repeating: "  if a { b(\"}\") } // }\n", count: lineCount - headLines - 1)
      let file = SourceFile("a.swift", "struct A {\n" + head + "\n" + body + "}\n}\n")
      return Sizes.functionFindings(in: [file], exceptions: [:])
    }
    #expect(findings(60).isEmpty)
    #expect(findings(61).map(\.line) == [2])
    #expect(findings(61).first?.sentence.hasPrefix(name + " has 61 lines") == true)
  }

  @Test func `a function without a body does not take the next one's`() {
    let lines = String(repeating: "  a()\n", count: 50)
    let text = """
      protocol A {
        func first() throws -> Int
        var second: Int { get }
        mutating func third()
      }
      struct B {
        var fourth = 4
        var fifth: Int
        let sixth = Self.init(a: 1)
        func seventh() {
      \(lines)  }
      }
      """
    let found = functions(of: SourceFile("a.swift", text))
    #expect(found.map(\.name) == ["second", "seventh"])
    #expect(found.last?.lineCount == 52)
  }

  @Test func `an exception is by path and name`() {
    let text = "func long() {\n" + String(repeating: "  a()\n", count: 60) + "}\n"
    let file = SourceFile("a.swift", text)
    #expect(Sizes.functionFindings(in: [file], exceptions: [:]).count == 1)
    #expect(Sizes.functionFindings(in: [file], exceptions: ["a.swift: long": "why"]).isEmpty)
    #expect(Sizes.functionFindings(in: [file], exceptions: ["b.swift: long": "why"]).count == 1)
  }
}
