import Testing

@testable import HTTPAPI

struct ByteRangeTests {
  @Test(
    arguments: [
      (nil, .whole), ("bytes=0-", .part(0...9)), ("bytes=0-0", .part(0...0)),
      ("bytes=3-5", .part(3...5)), ("bytes=3-99", .part(3...9)), ("bytes=-4", .part(6...9)),
      ("bytes=-99", .part(0...9)), ("bytes=-0", .unsatisfiable), ("bytes=10-", .unsatisfiable),
      ("bytes=99999999999999999999999-", .unsatisfiable), ("bytes=5-3", .whole),
      ("bytes=-", .whole), ("bytes=", .whole), ("bytes=a-b", .whole), ("bytes=1--2", .whole),
      ("bytes=0-1,3-4", .whole), ("lines=0-1", .whole), ("bytes=+1-2", .whole),
      ("bytes=0-99999999999999999999999", .part(0...9)),
    ] as [(String?, ByteRange)])
  func `a range is what RFC 9110 makes of it`(header: String?, range: ByteRange) {
    #expect(ByteRange(header, size: 10) == range)
  }

  @Test(arguments: ["bytes=0-", "bytes=-1", "bytes=0-0"])
  func `nothing of an empty file can be had`(header: String) {
    #expect(ByteRange(header, size: 0) == .unsatisfiable)
  }
}
