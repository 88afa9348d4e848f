import Testing

@testable import TaskModel

struct UnitsTests {
  @Test(arguments: [
    ("0", 0), ("65536", 65_536), ("1b", 1), ("1 B", 1), ("1kB", 1000), ("2MB", 2_000_000),
    ("1GB", 1_000_000_000), ("1TB", 1_000_000_000_000), ("1KiB", 1024), ("16MiB", 16_777_216),
    ("2 GiB", 2_147_483_648), ("1TiB", 1_099_511_627_776), ("16m", 16_777_216), ("3K", 3072),
    ("1G", 1 << 30), ("1t", 1 << 40), ("007", 7), ("9223372036854775807", .max),
  ])
  func `a size is read as people write it`(text: String, bytes: Int) {
    #expect(ByteSize.parse(text) == bytes)
  }

  @Test(arguments: [
    "", " ", "MiB", "-1", "+1", "1.5GiB", "1,000", "16MB/s", "16 M B", "1e6", "0x10", "16XiB",
    " 16MiB", "9223372036854775808", "9223372036854775807KiB", "99999999999999999999TiB",
    "16mebibytes", "\u{661}\u{662}", "1\u{301}",
  ])
  func `what is no size, or too large a one, is refused`(text: String) {
    #expect(ByteSize.parse(text) == nil)
  }

  @Test(
    arguments: [
      (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (1_468_006, "1.4 MiB"),
      (1 << 30, "1.0 GiB"), (5 << 40, "5.0 TiB"), (5 << 50, "5120.0 TiB"),
    ] as [(Int64, String)])
  func `a size is shown with one decimal`(bytes: Int64, shown: String) {
    #expect(ByteSize.shown(bytes) == shown)
  }

  @Test(
    arguments: [
      ("0s", .zero), ("500ms", .milliseconds(500)), ("10s", .seconds(10)), ("5m", .seconds(300)),
      ("2h", .seconds(7200)), ("30d", .seconds(2_592_000)), ("10 s", .seconds(10)),
      ("1000000000ms", .seconds(1_000_000)), ("1000000000d", .seconds(86_400_000_000_000)),
    ] as [(String, Duration)])
  func `a time is read as people write it`(text: String, duration: Duration) {
    #expect(Duration(setting: text) == duration)
  }

  @Test(arguments: [
    "", "10", "s", "-1s", "+1s", "1.5s", "1e3s", "1min", "1M", "1S", "1 y", "1s ", " 1s",
    "1h30m", "1000000001s", "9223372036854775808s", "\u{661}s",
  ])
  func `what is no time, or too long a one, is refused`(text: String) {
    #expect(Duration(setting: text) == nil)
  }
}
