import Testing

struct CodeFilterTests {
  @Test(arguments: [
    ("a // try?", "a        "), ("a /* b /* c */ d */ e", "a                   e"),
    (#"f("try?") + g"#, "f(      ) + g"), (#""a\"b" c"#, "       c"),
    (##"#"a"b"# c"##, "        c"), (#""a\(b + "c")d" e"#, "    b +        e"),
    (#""\(f(g(1)))" h"#, "   f(g(1))   h"), ("\"\"\"\na \" try!\n\"\"\" b", "   \n        \n    b"),
    ("#expect(a)", "#expect(a)"), ("func `a \"b`() {}", "func `____`() {}"),
    ("\"a // b\" + c // d", "         + c     "), ("a / b / c", "a / b / c"),
  ])
  func `comments and texts become spaces and code stays`(source: String, code: String) {
    #expect(CodeFilter.code(of: source) == code)
  }

  @Test func `every line keeps its number`() throws {
    for file in try SourceTree.sources.get() {
      #expect(file.lines.count == file.codeLines.count, "\(file.path)")
      let open = file.codeLines.joined().filter { $0 == "{" }.count
      let closed = file.codeLines.joined().filter { $0 == "}" }.count
      #expect(open == closed, "\(file.path): braces do not match, so the filter misread something")
    }
  }
}
