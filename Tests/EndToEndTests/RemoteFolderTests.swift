import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Folders on a file system that another machine, or a program, serves: as `Tests/FaultShim/FileSystem.c` has them seen.
  @Suite struct RemoteFolders {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    /// A magic number of linux/magic.h.
    enum Kind: String, CaseIterable {
      case nfs = "0x6969"
      case cifs = "0xFF534D42"
      case smb2 = "0xFE534D42"
      case fuse = "0x65735546"
    }

    private func environment(_ kind: Kind, _ folder: String) -> [String: String] {
      [
        "LD_PRELOAD": Programs.preloaded, "FILE_SYSTEM_PATH": folder,
        "FILE_SYSTEM_TYPE": kind.rawValue,
      ]
    }

    private var refusal: String {
      "the state directory \(sandbox.state) is on a network file system or FUSE, on which SQLite"
        + " cannot keep its promises; name one on a local disk with --state\n"
    }

    @Test(arguments: Kind.allCases)
    func `a state on a network file system is refused before anything is made there`(kind: Kind)
      async throws
    {
      for folder in [sandbox.inbox, sandbox.outbox] {
        try FileManager.default.removeItem(atPath: folder)
      }
      for mode in [[], ["--once"]] {
        let outcome = try await run(
          Programs.watchd, sandbox.flags() + mode,
          environment: environment(kind, sandbox.state), within: .seconds(60))
        #expect(outcome.end == .exit(2))
        #expect(outcome.errorText == "watchd: " + refusal)
        #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.state) == [])
        for folder in [sandbox.inbox, sandbox.outbox] {
          #expect(!FileManager.default.fileExists(atPath: folder))
        }
      }
    }

    @Test(arguments: [
      ["retry", "bad.csv"], ["cancel", "bad.csv"], ["forget", "a.csv"],
      ["prune", "--older-than", "0s"],
    ])
    func `with no daemon watchctl does not write to such a state either`(command: [String])
      async throws
    {
      try sandbox.drop("a.csv", Sandbox.plays(1))
      try sandbox.drop("bad.csv", "Song,Date\nA,d\n")
      #expect(try await sandbox.once().end == .exit(1))
      let before = try await sandbox.query("SELECT * FROM manifest")
      let outcome = try await run(
        Programs.watchctl, ["--state", sandbox.state] + command,
        environment: environment(.nfs, sandbox.state))
      #expect(outcome.end == .exit(1))
      #expect(outcome.errorText == "watchctl: " + refusal)
      #expect(try await sandbox.query("SELECT * FROM manifest") == before)
      #expect(try sandbox.names(in: sandbox.state + "/archive").count == 2)
      #expect(try sandbox.names(in: sandbox.outbox).count == 3)
    }

    @Test func `an inbox on a network file system is looked through, and the log says so`()
      async throws
    {
      let (daemon, door) = try await sandbox.openDoor(
        ["--rescan", "200ms"], environment: environment(.nfs, sandbox.inbox))
      for number in 1...3 {
        try sandbox.drop("\(number).csv", Sandbox.plays(number, song: "\(number)"))
        try await sandbox.awaitAllFinished(number)
      }
      #expect(try await sandbox.statuses() == ["done": 3])
      #expect(try await sandbox.playsSum() == 6)
      // No event told of any.
      let metrics = try await door.get("/metrics").text
      #expect(metrics.contains("\nwatchd_inbox_found_by_rescan_total 3\n"), "\(metrics)")
      let warnings = try daemon.log().filter { $0.message.contains("may be a network file system") }
      #expect(warnings.map(\.level) == ["warning"])
      #expect(warnings.first?.message.contains(sandbox.inbox) == true)
      #expect(try await daemon.stop() == .exit(0))
    }
  }
}
