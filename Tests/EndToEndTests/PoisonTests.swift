import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// A file in whose midst the daemon ends each time, as by a defect of ours.
  @Suite struct Poison {
    private static let innocents = 40

    /// The file taken out of the inbox by a daemon that is killed right then.
    ///
    /// - Returns: Where, and the task's id.
    private func taken() async throws -> (Sandbox, task: String) {
      var number = 0
      while true {
        number += 1
        let sandbox = try Sandbox(root: Sandbox.memory)
        try sandbox.drop("poison.csv", Sandbox.plays(1000, song: "Poison"))
        let kill = Fault(action: .killBefore, calls: [.sync, .rename], number: number)
        let (_, report) = try await sandbox.once([], meeting: kill)
        try #require(report.faults == 1)
        if try sandbox.names(in: sandbox.inbox).isEmpty {
          return (sandbox, try #require(try sandbox.names(in: sandbox.state + "/work").first))
        }
      }
    }

    @Test func `a file that ends the daemon each time holds up no other, and is not given up`()
      async throws
    {
      let (sandbox, task) = try await taken()
      for number in 1...Self.innocents {
        try sandbox.drop("\(number).csv", Sandbox.plays(1, song: "Song \(number)"))
      }
      // Whoever makes this file of the task ends the process.
      var fault = Fault(action: .killBefore, calls: [.create], number: 1)
      fault.path = ".watchd-\(task).result"
      var starts = 0
      repeat {
        starts += 1
        let (outcome, _) = try await sandbox.once([], meeting: fault)
        #expect(outcome.end == .signal(SIGKILL), "\(outcome.errorText)")
      } while try await sandbox.statuses()["done"] != Self.innocents && starts < 12
      #expect(try await sandbox.statuses()["done"] == Self.innocents)
      let why = try await sandbox.watchctl(["why", task])
      #expect(why.end == .exit(0), "\(why.errorText)")

      // Those that come later are done before it is begun, in one start.
      for number in 1...Self.innocents {
        try sandbox.drop("later-\(number).csv", Sandbox.plays(1, song: "Later \(number)"))
      }
      let (later, _) = try await sandbox.once([], meeting: fault)
      #expect(later.end == .signal(SIGKILL), "\(later.errorText)")
      #expect(
        later.errorText.contains("watchd ended again and again while this file was processed"))
      #expect(try await sandbox.statuses()["done"] == 2 * Self.innocents)

      // Nobody holds it against the file.
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try await sandbox.statuses() == ["done": 2 * Self.innocents + 1])
      #expect(try await sandbox.playsSum() == 1000 + 2 * Self.innocents)
    }
  }
}
