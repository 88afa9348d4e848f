import TestSupport
import Testing

@testable import TaskModel

struct FileNameTests {
  @Test(
    arguments: [
      Array("plays.csv".utf8), [0x01], [0xFF, 0xFE], Array("...".utf8), Array(" ".utf8),
      Array("a\\b\n\u{1B}[31m".utf8), Array(repeating: 0x80, count: 255),
    ] as [[UInt8]])
  func `any bytes that Linux allows are a name, and are kept`(bytes: [UInt8]) throws {
    #expect(try #require(FileName(bytes: bytes)).bytes == bytes)
  }

  @Test(
    arguments: [
      [], Array("/".utf8), Array("a/b".utf8), Array("/etc/passwd".utf8), [0x61, 0x00],
      Array(".".utf8), Array("..".utf8), Array("../a".utf8), Array(repeating: 0x61, count: 256),
    ] as [[UInt8]])
  func `what cannot name an entry of a directory is refused`(bytes: [UInt8]) {
    #expect(FileName(bytes: bytes) == nil)
  }

  @Test func `the length that counts is that in bytes`() {
    #expect(FileName(String(repeating: "\u{E9}", count: 127)) != nil)
    #expect(FileName(String(repeating: "\u{E9}", count: 128)) == nil)
  }

  @Test func `composed and decomposed letters are two names`() {
    #expect(FileName("caf\u{E9}.csv") != FileName("cafe\u{301}.csv"))
  }

  @Test func `names order by their bytes`() {
    let names = ["B", "a", "\u{E9}", "\u{FFFD}", "\u{10000}"].compactMap { FileName($0) }
    #expect(names.count == 5)
    #expect(names.reversed().sorted() == names)
  }

  @Test(
    arguments: [
      (Array("plays \u{E9}\u{1F3B5}.csv".utf8), "plays \u{E9}\u{1F3B5}.csv"),
      ([0xFF], "\\xFF"), ([0x61, 0xE9, 0x2E], "a\\xE9."),
      ([0xC3], "\\xC3"), ([0xE2, 0x82], "\\xE2\\x82"), ([0xE2, 0x82, 0x61], "\\xE2\\x82a"),
      ([0xED, 0xA0, 0x80], "\\xED\\xA0\\x80"), ([0xC0, 0xAF], "\\xC0\\xAF"),
      ([0xF4, 0x90, 0x80, 0x80], "\\xF4\\x90\\x80\\x80"),
      ([0x80, 0xC3, 0xA9, 0x80], "\\x80\u{E9}\\x80"),
    ] as [([UInt8], String)])
  func `the text is exact, with each byte that is no text by its number`(
    bytes: [UInt8], text: String
  ) throws {
    #expect(try #require(FileName(bytes: bytes)).text == text)
  }

  @Test func `the text of any bytes loses none of them`() throws {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<500 {
      let count = Int.random(in: 1...30, using: &random)
      let bytes = (0..<count).map { _ in UInt8.random(in: 0x80...0xFF, using: &random) }
      let text = try #require(FileName(bytes: bytes)).text
      #expect(unescaped(text) == bytes, "\(text)")
    }
  }

  @Test(arguments: [
    ("plays.csv", "plays.csv"), ("Caf\u{E9} \u{1F3B5}", "Caf\u{E9} \u{1F3B5}"),
    ("a\nb", "a\\u{A}b"), ("\u{1B}[31m", "\\u{1B}[31m"), ("a\u{7F}\u{9B}", "a\\u{7F}\\u{9B}"),
    ("a\u{202E}vsc", "a\\u{202E}vsc"), ("\u{2066}\u{2069}\u{200F}", "\\u{2066}\\u{2069}\\u{200F}"),
    ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"), ("\u{FEFF}a\u{200B}", "\\u{FEFF}a\\u{200B}"),
    ("\u{E000}\u{E0041}", "\\u{E000}\\u{E0041}"), ("a\r\nb\t", "a\\u{D}\\u{A}b\\u{9}"),
  ])
  func `what could move a cursor or turn a line around is escaped`(
    name: String, shown: String
  ) throws {
    #expect(try #require(FileName(name)).shown == shown)
  }

  @Test func `a suffix needs something before it`() throws {
    #expect(try #require(FileName("a.csv")).hasSuffix(".csv"))
    #expect(try !#require(FileName(".csv")).hasSuffix(".csv"))
    #expect(try !#require(FileName("a.CSV")).hasSuffix(".csv"))
    #expect(try !#require(FileName("v")).hasSuffix(".csv"))
  }

  /// The bytes of a text in which no escape stood before it was made.
  private func unescaped(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(3).dropFirst(), as: UTF8.self)
      bytes.append(UInt8(digits, radix: 16) ?? 0)
      rest = rest.dropFirst(3)
    }
    return bytes
  }
}
