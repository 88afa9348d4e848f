import Operations
import Testing

struct FilePathTests {
  @Test(arguments: [
    (Array("/a/b c%41é.csv".utf8), "/a/b c%41é.csv"),
    (Array("/a ".utf8) + [0xFF, 0x0A] + Array("%/b.csv".utf8), "file:///a%20%FF%0A%25/b.csv"),
    ([UInt8(ascii: "/"), 0xC3], "file:///%C3"),
  ])
  func `a path of any bytes comes back as it was`(path: [UInt8], text: String) {
    #expect(FilePath.text(of: path) == text)
    #expect(FilePath.bytes(of: text) == path)
  }

  @Test func `what is no such URL is a path`() {
    for text in ["file://%F", "file", "/file://%41", "http://%41"] {
      #expect(FilePath.bytes(of: text) == Array(text.utf8))
    }
  }
}
