import Testing

/// That the rules for pages can fail.
struct DocumentRuleTests {
  private static let page = Document(
    "A.md",
    """
    Run `make run`, then `make -j2 test lint`; make sure of `Sources/A`, `Sources/B*.swift (new)`.

    | name | what |
    | --- | --- |
    | `--keep` | `Tests/x` |

    | module | what |
    | --- | --- |
    | `CSV` `CLinux` | reads |
    | `Gone` | nothing |

        $ make bench SIZE=1  # make nothing

    ```
    make pack && make more
    `Sources/not-a-span`
    ```
    Not a flag: --keeper, ---dates, a--dates; but --max-record. An odd ` is no span.
    """)

  @Test func `a module without a row and a row without a module are found`() {
    let findings = Documents.moduleFindings(in: Self.page, modules: ["CLinux", "CSV", "Tally"])
    #expect(findings.count == 2)
    #expect(findings.first?.sentence.contains("`Tally`") == true)
    #expect(findings.last?.sentence.contains("`Gone`") == true)
    #expect(Documents.moduleFindings(in: Self.page, modules: ["CLinux", "CSV", "Gone"]).isEmpty)
  }

  @Test func `a page without a table of modules is found`() {
    #expect(Documents.moduleFindings(in: Document("A.md", "Text."), modules: ["CSV"]).count == 1)
    #expect(Documents.moduleFindings(in: Self.page, modules: ["Inbox"]).count == 1)
  }

  @Test func `a setting that is not mentioned as a whole is found`() {
    let names = ["keep", "keeper", "dates", "max-record", "max"]
    let findings = Documents.settingFindings(in: Self.page, names: names)
    #expect(
      findings.map(\.sentence.description) == [
        "does not mention the setting --dates", "does not mention the setting --max",
      ])
  }

  @Test func `a path that does not exist is found`() {
    let findings = Documents.pathFindings(in: Self.page) { $0 == "Sources/A" }
    #expect(
      findings.map(\.sentence) == [
        "Sources/B*.swift does not exist", "Tests/x does not exist",
      ])
    #expect(findings.map(\.line) == [1, 5])
  }

  @Test func `a make without a target is found`() {
    let makefile = ".PHONY: run\nrun: build\n\tmake: no\nbuild bench: a\nSIZE := 2\nlint := x\n"
    let findings = Documents.makeFindings(in: Self.page, makefile: makefile)
    let missing = ["test", "lint", "pack"]
    #expect(findings.map(\.sentence) == missing.map { "the Makefile has no target \($0)" })
  }

  @Test func `a star stands for any letters of a name`() throws {
    let tree = SourceTree.project
    #expect(try tree.existsMatching("Sources/Tally/Tally*.swift"))
    #expect(try tree.existsMatching("Sources/*"))
    #expect(try tree.existsMatching("Sources/Tally/"))
    #expect(try !tree.existsMatching("Sources/Tally/Nothing*.swift"))
    #expect(try !tree.existsMatching("Sources/Nothing/*.swift"))
    #expect(try !tree.existsMatching("Sources/Tally/Nothing.swift"))
  }

  @Test func `a command in a sentence that no test runs is found`() {
    let page = Document(
      "A.md",
      """
      Look with `watchctl why NAME`, then `watchctl retry TASK --file FILE`; `kill -9` does no harm, `watchctl` is a
      name, and `the inbox` another.

      ```sh
      runuser -u watchd -- watchctl why a.csv
      # kill -9 1
      ```
      """)
    let findings = RunbookCommands.findings(
      in: page, script: "check it as watchd \"watchctl retry bad.csv --file x\"")
    #expect(findings.map(\.sentence).count == 1)
    #expect(findings.first?.sentence.contains("`kill -9`") == true)
    #expect(RunbookCommands.findings(in: page, script: "").count == 2)
  }
}
