import Foundation
import TestSupport
import Testing

@testable import TaskModel

struct TimestampTests {
  /// Moments that calendars get wrong, in milliseconds since 1970.
  private static let edges: [String] = [
    "1970-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "1900-02-28T23:59:59.999Z",
    "1900-03-01T00:00:00.000Z", "2000-02-29T12:00:00.000Z", "2000-03-01T00:00:00.000Z",
    "2024-02-29T23:59:59.999Z", "2024-12-31T23:59:59.999Z", "2100-02-28T23:59:59.999Z",
    "2100-03-01T00:00:00.000Z", "1600-02-29T00:00:00.001Z", "0001-01-01T00:00:00.000Z",
    "2038-01-19T03:14:08.000Z", "9999-12-31T23:59:59.999Z", "0000-03-01T00:00:00.000Z",
  ]

  @Test(arguments: edges)
  func `edges of the calendar come back as they were written`(text: String) throws {
    #expect(try #require(Timestamp(text)).description == text)
  }

  @Test(
    arguments: [
      ("1970-01-01T00:00:00.000Z", 0), ("1969-12-31T23:59:59.999Z", -1),
      ("2000-03-01T00:00:00.000Z", 951_868_800_000),
      ("2001-09-09T01:46:40.000Z", 1_000_000_000_000),
      ("1900-03-01T00:00:00.000Z", -2_203_891_200_000),
      ("2100-03-01T00:00:00.000Z", 4_107_542_400_000),
    ] as [(String, Int64)])
  func `known moments have their known numbers`(text: String, milliseconds: Int64) {
    #expect(Timestamp(milliseconds: milliseconds).description == text)
    #expect(Timestamp(text)?.milliseconds == milliseconds)
  }

  /// Foundation's Gregorian calendar goes back to the Julian one before 1582, so the years from there
  /// on are compared.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func `random moments are written as Foundation writes them`(seed: UInt64) throws {
    let reference = try Reference()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<1000 {
      let milliseconds = Int64.random(in: -12_000_000_000_000..<250_000_000_000_000, using: &random)
      let text = try reference.text(of: milliseconds)
      #expect(Timestamp(milliseconds: milliseconds).description == text)
      #expect(Timestamp(text)?.milliseconds == milliseconds)
    }
  }

  @Test func `each day from 1900 to 2300 has its date`() throws {
    let reference = try Reference()
    let day: Int64 = 86_400_000
    // Every 13th, which meets each day of a month and of a leap cycle.
    for start in stride(from: -25_567 * day, to: 120_530 * day, by: Int(13 * day)) {
      let text = try reference.text(of: start)
      #expect(Timestamp(milliseconds: start).description == text)
    }
  }

  @Test func `moments order by time`() {
    let moments = [Int64.min, -86_400_000, -1, 0, 1, .max].map(Timestamp.init(milliseconds:))
    #expect(moments.shuffled().sorted() == moments)
  }

  @Test(arguments: [Int64.min, .max])
  func `the ends of the range can be written`(milliseconds: Int64) {
    #expect(Timestamp(milliseconds: milliseconds).description.hasSuffix("Z"))
  }

  @Test(arguments: [
    "", "2024", "2024-01-01", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000",
    "2024-01-01 00:00:00.000Z", "2024-01-01t00:00:00.000z", "2024-13-01T00:00:00.000Z",
    "2024-00-01T00:00:00.000Z", "2024-01-00T00:00:00.000Z", "2024-01-32T00:00:00.000Z",
    "2023-02-29T00:00:00.000Z", "1900-02-29T00:00:00.000Z", "2024-04-31T00:00:00.000Z",
    "2024-01-01T24:00:00.000Z", "2024-01-01T00:60:00.000Z", "2024-01-01T00:00:60.000Z",
    "2024-1-1T0:0:0.0Z", "24-01-01T00:00:00.000Z", "+2024-01-01T00:00:00.000Z",
    "2024-01-01T00:00:00.0000Z", "2024-01-01T00:00:00.000Z ", "2024:01:01T00-00-00.000Z",
    "2024-01-01T00:00:00.000+00:00", "2024--01-01T00:00:00.000Z", "nonsense",
  ])
  func `what no moment is written as is refused`(text: String) {
    #expect(Timestamp(text) == nil)
  }

  /// In a process of its own, for such a text once ended the whole one with an overflow.
  @Test func `numbers too large for a moment are refused`() async {
    await #expect(processExitsWith: .success) {
      let texts = [
        "9223372036854775807-01-01T00:00:00.000Z", "2024-01-9223372036854775807T00:00:00.000Z",
        "2024-01-01T9223372036854775807:00:00.000Z", "2024-01-01T00:00:00.9223372036854775807Z",
        "300000000-01-01T00:00:00.000Z",
      ]
      for text in texts { #expect(Timestamp(text) == nil) }
    }
  }
}

/// The oracle: the same moments by way of Foundation's calendar.
private struct Reference {
  private let calendar: Calendar

  init() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
    self.calendar = calendar
  }

  func text(of milliseconds: Int64) throws -> String {
    // Whole seconds: a Double of seconds cannot hold every millisecond.
    let rest = (milliseconds % 1000 + 1000) % 1000
    let date = Date(timeIntervalSince1970: Double((milliseconds - rest) / 1000))
    let parts = calendar.dateComponents(
      [.year, .month, .day, .hour, .minute, .second], from: date)
    let month = try padded(parts.month, 2)
    let day = try padded(parts.day, 2)
    let time = try [parts.hour, parts.minute, parts.second].map { try padded($0, 2) }
    return "\(try padded(parts.year, 4))-\(month)-\(day)T\(time.joined(separator: ":"))"
      + ".\(try padded(Int(rest), 3))Z"
  }

  private func padded(_ number: Int?, _ width: Int) throws -> String {
    let digits = String(try #require(number))
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
