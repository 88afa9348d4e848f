import TestSupport
import Testing

@testable import HTTPAPI

struct MultipartReaderTests {
  /// What a body says, with the pieces of contents put together.
  private struct Part: Equatable {
    var head: MultipartReader.Part
    var contents: [UInt8] = []
    var isEnded = false
  }

  private func read(
    _ body: [UInt8], boundary: String = "b", cutInto size: () -> Int
  ) throws -> [Part] {
    var reader = MultipartReader(boundary: Array(boundary.utf8))
    var parts: [Part] = []
    var rest = body[...]
    while !rest.isEmpty {
      let piece = Array(rest.prefix(size()))
      rest = rest.dropFirst(piece.count)
      for event in try reader.read(piece) {
        switch event {
        case .begin(let head): parts.append(Part(head: head))
        case .bytes(let bytes):
          #expect(!bytes.isEmpty)
          parts[parts.count - 1].contents += bytes
        case .end: parts[parts.count - 1].isEnded = true
        }
      }
    }
    try reader.finish()
    return parts
  }

  private func read(_ body: String) throws -> [Part] {
    try read(Array(body.utf8)) { body.utf8.count }
  }

  private func head(_ name: String) -> String {
    "Content-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n"
  }

  private static let pieces = [
    "\r", "\n", "\r\n", "-", "--", "b", "--b", "\r\n--", "\r\n-", "a", ",",
  ]

  @Test func `a form is the same in whatever pieces it comes`() throws {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<400 {
      var body = "preamble"
      var expected: [String] = []
      for number in 0..<Int.random(in: 1...4, using: &random) {
        var contents = ""
        for _ in 0..<Int.random(in: 0...12, using: &random) {
          contents += Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &random)]
        }
        // A sender chooses a boundary that is not in the contents.
        contents = contents.replacing("\r\n--b", with: "\r\n--a")
        if (contents + "\r\n--b").ranges(of: "\r\n--b").count > 1 { contents = "" }
        body += "\r\n--b  \r\n\(head("\(number).csv"))\r\n\(contents)"
        expected.append(contents)
      }
      body += "\r\n--b--\r\nepilogue\r\n--b"
      for longest in [1, 2, 3, 5, 17, 1000] {
        let parts = try read(Array(body.utf8)) { Int.random(in: 1...longest, using: &random) }
        let contents = parts.map { String(decoding: $0.contents, as: UTF8.self) }
        #expect(contents == expected)
        #expect(!parts.contains { !$0.isEnded })
        let names = expected.indices.map { Array("\($0).csv".utf8) }
        #expect(parts.map(\.head.fileName) == names)
      }
    }
  }

  @Test func `any bytes come through, and nothing of them is kept`() throws {
    var random = SeededGenerator(seed: 8)
    let contents = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    let body =
      Array("--boundary\r\n\(head("a.csv"))\r\n".utf8) + contents + Array("\r\n--boundary--".utf8)
    let parts = try read(body, boundary: "boundary") { 1000 }
    #expect(parts.count == 1)
    #expect(parts.first?.contents == contents)
  }

  @Test(arguments: [
    ("a.csv", "a.csv"), ("a%22b.csv", "a\"b.csv"), ("a\\\"b.csv", "a\"b.csv"),
    ("a\\b.csv", "a\\b.csv"),
    ("a;b=c.csv", "a;b=c.csv"), ("100%.csv", "100%.csv"), ("a%0D%0Ab.csv", "a\r\nb.csv"),
    ("ä🎵.csv", "ä🎵.csv"),
    ("../a.csv", "../a.csv"), ("", ""),
  ])
  func `a file's name is what the sender meant`(written: String, meant: String) throws {
    let parts = try read("--b\r\nX: y\r\n\(head(written))Content-Type: text/csv\r\n\r\n\r\n--b--")
    #expect(parts.map(\.head.fileName) == [Array(meant.utf8)])
    #expect(parts.map(\.head.field) == [Array("file".utf8)])
  }

  @Test(
    arguments: [
      ("--b\r\n\r\nx\r\n--b--", nil),
      ("--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--", nil),
      ("--b\r\nCONTENT-disposition:Form-Data;NAME=f\r\n\r\nx\r\n--b--", "f"),
      ("--b\r\nContent-Disposition: attachment; name=f\r\n\r\nx\r\n--b--", nil),
    ] as [(String, String?)])
  func `a part that is no file has no name of one`(body: String, field: String?) throws {
    let parts = try read(body)
    #expect(parts.count == 1)
    #expect(parts.first?.head.fileName == nil)
    #expect(parts.first?.head.field == field.map { Array($0.utf8) })
    #expect(parts.first?.contents == Array("x".utf8))
  }

  @Test(
    arguments: [
      ("", .cutShort), ("--b", .cutShort), ("--b\r\n", .cutShort), ("--b\r\n\r\nx", .cutShort),
      ("--b\r\n\r\nx\r\n--b", .cutShort), ("--b\r\n\r\nx\r\n--b-", .cutShort),
      ("--b\r\n\r\nx\n--b--", .cutShort), ("--c--", .cutShort),
      ("--bx\r\n", .malformed), ("--b\r\n\r\nx\r\n--b \rx", .malformed),
      ("--b\r\nX: " + String(repeating: "y", count: 20_000), .headTooLong),
      ("--b" + String(repeating: " ", count: 20_000), .headTooLong),
      (String(repeating: "--b\r\n\r\n\r\n", count: 1001), .tooManyParts),
    ] as [(String, MultipartError)])
  func `what is no whole form is refused`(body: String, error: MultipartError) {
    for size in [1, 7, 100_000] {
      #expect(throws: error) { try read(Array(body.utf8)) { size } }
    }
  }
}
