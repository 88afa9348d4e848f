import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// Names of files are bytes that somebody else has chosen.
  @Suite struct Names {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    struct Case: Sendable, CustomTestStringConvertible {
      let testDescription: String
      /// The file's name without `.csv`.
      let stem: [UInt8]
      /// The result's name without `.csv`.
      let resultStem: [UInt8]

      init(_ name: String, _ stem: [UInt8], result: [UInt8]? = nil) {
        testDescription = name
        self.stem = stem
        resultStem = result ?? stem
      }

      init(_ stem: String) {
        self.init(stem.debugDescription, Array(stem.utf8))
      }
    }

    private static let cases: [Case] = [
      Case("two\nlines"), Case("tab\there"), Case("-rf"), Case("--help"), Case("%s%n"), Case("*"),
      Case("?[a-z]"), Case(" "), Case(" leading"), Case("trailing "), Case("🎵"),
      Case("e\u{301}"), Case("\u{E9}"), Case("$(touch x)"), Case("`id`"), Case("a;b|c&d"),
      Case("\"quoted\""), Case("it's"), Case("back\\slash"), Case("\u{1B}[31mred"),
      Case("\u{202E}vsc.exe"), Case("\u{7F}"), Case("a..b"), Case("a.csv"),
      Case("a.rejects"), Case("a.2"), Case("COM1"), Case("name with spaces"),
      Case("not UTF-8", [0x62, 0xFF, 0xFE, 0x62]),
      Case("half a letter", [0x61, 0xC3]),
      Case(
        "255 bytes", [UInt8](repeating: 0x78, count: 251),
        result: [UInt8](repeating: 0x78, count: 227)),
      // 62 times four bytes; 227 bytes would cut a letter, so 224 stay.
      Case(
        "252 bytes of emoji", Array(String(repeating: "🎵", count: 62).utf8),
        result: Array(String(repeating: "🎵", count: 56).utf8)),
      Case(
        "255 bytes and another end", [UInt8](repeating: 0x78, count: 250) + [0x79],
        result: [UInt8](repeating: 0x78, count: 227) + Array(".2".utf8)),
    ]

    /// Writes a file whose name is no text.
    private func write(_ name: [UInt8], _ text: String) throws {
      var path = (Array((sandbox.inbox + "/").utf8) + name).map { CChar(bitPattern: $0) }
      path.append(0)
      // open(2) reads the path up to its NUL, which is there, and keeps no pointer.
      let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL, 0o644)
      try #require(descriptor >= 0)
      let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      try handle.write(contentsOf: Data(text.utf8))
      try handle.close()
    }

    /// The names in a folder as bytes.
    private func entries(of folder: String) throws -> Set<[UInt8]> {
      guard let stream = unsafe opendir(folder) else {
        throw NeverHappened("\(folder) cannot be read")
      }
      defer { unsafe closedir(stream) }
      var names: Set<[UInt8]> = []
      // An entry is valid until the next call of readdir(3), and is copied before.
      while let entry = unsafe readdir(stream) {
        let length = unsafe strlen(&entry.pointee.d_name.0)
        let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
          unsafe Array($0.prefix(length))
        }
        if name.first != UInt8(ascii: ".") || name.count > 2 { names.insert(name) }
      }
      return names
    }

    private func bytes(_ stem: [UInt8], _ end: String) -> [UInt8] { stem + Array(end.utf8) }

    @Test func `any name that Linux allows is processed`() async throws {
      var expected: Set<[UInt8]> = []
      for (number, example) in Self.cases.enumerated() {
        try write(bytes(example.stem, ".csv"), Sandbox.plays(number, song: "Song \(number)"))
        expected.insert(bytes(example.resultStem, ".csv"))
        expected.insert(bytes(example.resultStem, ".csv.receipt.json"))
      }
      // Which of the two long names comes first, and so has no number, is open; so is a.2.
      let outcome = try await sandbox.once(["--workers", "1"])
      #expect(outcome.end == .exit(0), "\(outcome.errorText)")
      #expect(try await sandbox.statuses() == ["done": Self.cases.count])
      let found = try entries(of: sandbox.outbox)
      #expect(found.count == expected.count)
      #expect(
        found.symmetricDifference(expected).map { String(decoding: $0, as: UTF8.self) } == [])
      let sum = (0..<Self.cases.count).reduce(0, +)
      #expect(try await sandbox.playsSum() == sum)
      #expect(try entries(of: sandbox.inbox).isEmpty)
    }

    @Test func `a name cannot reach a terminal or a log unescaped`() async throws {
      let name = Array("\u{1B}[31mred\u{202E}\nfake".utf8) + [0xFF] + Array(".csv".utf8)
      try write(name, Sandbox.plays(1))
      for format in ["json", "text"] {
        let outcome = try await sandbox.once(["--log-format", format, "--log-level", "debug"])
        #expect(outcome.end == .exit(0))
        #expect(!outcome.standardError.contains(0x1B), "\(format)")
        #expect(!outcome.errorText.contains("\u{202E}"), "\(format)")
        #expect(!outcome.errorText.split(separator: "\n").contains { $0.hasPrefix("fake") })
        // The second run needs a file of its own.
        if format == "json" { try write(name, Sandbox.plays(2)) }
      }
      for arguments in [["status"], ["status", "--json"]] {
        let outcome = try await sandbox.watchctl(arguments)
        #expect(outcome.end == .exit(0))
        #expect(outcome.output.contains("red"))
        #expect(!outcome.standardOutput.contains(0x1B), "\(arguments)")
      }
      let table = try await sandbox.watchctl(["status"])
      #expect(!table.output.contains("\u{202E}"))
    }

    /// Each command, with the name as it is typed, on a terminal and in a pipe, for a file that is there and one that is not.
    @Test func `no name steers a terminal, is taken for a flag or cannot be asked for`()
      async throws
    {
      let swept = try await run(
        Programs.env,
        ["python3", Programs.script("names.py"), Programs.watchd, Programs.watchctl, sandbox.desk],
        within: .seconds(300))
      #expect(swept.end == .exit(0), "\(swept.output)\(swept.errorText)")
    }

    @Test func `what is not named as a file of plays is left alone`() async throws {
      let others = [
        ".hidden.csv", "a.csv.part", "a.csv.tmp", "a.csv.filepart", "a.csv.crdownload", "a.csv~",
        "a.txt", "csv", "a.csv.bak", ".csv", "a.xcsv",
      ]
      for name in others { try write(Array(name.utf8), Sandbox.plays(1)) }
      for (number, name) in ["a.CSV", "b.Csv"].enumerated() {
        try write(Array(name.utf8), Sandbox.plays(number + 1))
      }
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try entries(of: sandbox.inbox) == Set(others.map { Array($0.utf8) }))
      #expect(try await sandbox.statuses() == ["done": 2])
      #expect(try sandbox.result("a.csv") == Sandbox.total(1))
      #expect(try sandbox.result("b.csv") == Sandbox.total(2))
    }

    @Test func `what is no regular file is left in place and never opened`() async throws {
      let inbox = sandbox.inbox
      try FileManager.default.createDirectory(
        atPath: inbox + "/folder.csv", withIntermediateDirectories: false)
      let made = unsafe mkfifo(inbox + "/pipe.csv", 0o644)
      #expect(made == 0)
      let target = sandbox.desk + "/target.csv"
      try Data(Sandbox.plays(9).utf8).write(to: URL(fileURLWithPath: target))
      try FileManager.default.createSymbolicLink(
        atPath: inbox + "/link.csv", withDestinationPath: target)
      let before = try entries(of: inbox)
      let daemon = try await sandbox.daemon()
      // A daemon that had opened the FIFO would wait for its writer and never get here.
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await sandbox.receipt("a.csv").status == "done")
      #expect(try entries(of: inbox) == before)
      #expect(try await sandbox.statuses() == ["done": 1])
      #expect(try await daemon.stop() == .exit(0))
    }
  }
}
