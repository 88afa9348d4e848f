import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// The stream of what happens.
  @Suite struct EventStream {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    @Test func `a stream tells what happens as it does, and goes on where it broke`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      async let live = door.stream("/events", until: "\"kind\":\"done\"")
      try await eventually("somebody listens") {
        try await door.get("/metrics").text.contains("watchd_event_streams 1\n")
      }
      try sandbox.drop("a.csv", Sandbox.plays(1))
      let text = try await live
      #expect(text.contains("Content-Type: text/event-stream"))
      #expect(Self.kinds(text) == ["queued", "started", "ingested", "done"])
      #expect(Self.numbers(text) == Self.numbers(text).sorted())
      #expect(text.contains("\"name\":\"a.csv\""))
      let second = try #require(Self.numbers(text).dropFirst().first)
      let rest = try await door.stream(
        "/events", headers: ["Last-Event-ID: \(second)"], until: "\"kind\":\"done\"")
      #expect(Self.kinds(rest) == ["ingested", "done"])
      let all = try await door.stream("/events?after=0&task=a.csv", until: "\"kind\":\"done\"")
      #expect(Self.kinds(all) == ["queued", "started", "ingested", "done"])
      #expect(try await door.get("/events", headers: [("Last-Event-ID", "x")]).status == 400)
      #expect(try await door.get("/events?task=never.csv").status == 404)
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `nothing is left out of a stream, however much there is`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      // The only file that fails; its name alone may come earlier, as that of a task that runs.
      let end = "\"kind\":\"failed\""
      async let live = door.stream("/events?after=0", until: end)
      for number in 1...600 { try sandbox.drop("p\(number).csv", Sandbox.plays(number)) }
      try await sandbox.awaitAllFinished(600)
      async let late = door.stream("/events?after=0", until: end)
      try sandbox.drop("last.csv", "no header\n")
      for text in [try await live, try await late] {
        let kinds = Self.kinds(text)
        for kind in ["queued", "started", "ingested", "done"] {
          #expect(kinds.count { $0 == kind } >= 600, "\(kind)")
        }
        let numbers = Self.numbers(text)
        #expect(Set(numbers).count == numbers.count)
        #expect(numbers == numbers.sorted())
      }
      #expect(try await daemon.stop() == .exit(0))
    }

    private static func kinds(_ text: String) -> [String] {
      text.matches(of: /"kind":"([a-z]+)"/).map { String($0.1) }
    }

    private static func numbers(_ text: String) -> [Int] {
      text.matches(of: /id: ([0-9]+)\nevent/).compactMap { Int($0.1) }
    }
  }
}
