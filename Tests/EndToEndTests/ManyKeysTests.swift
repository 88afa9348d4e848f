import Foundation
import TestSupport
import Testing

extension Disasters {
  /// A file that has nothing to add up: each of its keys is there once.
  @Suite struct ManyKeys {
    /// Ten million with the memory that is the default, in the soak; else fewer, with as little for each.
    @Test
    func `as many keys as rows take no more memory than is set, and one more file counts as ever`()
      async throws
    {
      let rows = Soak.count(200_000, 10_000_000)
      let memory = Soak.count(8, 256)
      let sandbox = try Sandbox()
      let file = try await sandbox.generate(rows: rows)
      let original = sandbox.desk + "/original.csv"
      try FileManager.default.linkItem(atPath: file, toPath: original)
      let daemon = try await sandbox.daemon(["--memory", "\(memory)MiB"])
      try sandbox.moveIn(file)
      // The most bytes that the database's log had meanwhile, as far as was looked.
      var log = 0
      try await sandbox.awaitAllFinished(1, within: .seconds(600)) { _ in
        let status = try FileManager.default.attributesOfItem(
          atPath: sandbox.state + "/watchd.db-wal")
        log = max(log, status[.size] as? Int ?? 0)
      }
      let peak = try daemon.peakMemory()
      try sandbox.drop("more.csv", Sandbox.plays(5, song: "one more"))
      try await sandbox.awaitAllFinished(2)
      let held = try daemon.anonymousMemory()
      Soak.announce(
        "\(rows) keys: peak \(peak >> 20) MiB, log \(log >> 20) MiB, then \(held >> 20) MiB")
      // What it promises: the memory that is set and a fixed base. 512 MiB by default.
      #expect(peak < (memory + 256) << 20)
      // `journal_size_limit` of the database.
      #expect(log <= 64 << 20)

      #expect(try await sandbox.statuses() == ["done": 2])
      let compared = try await run(
        Programs.python,
        [Programs.script("unique.py"), original, sandbox.outbox + "/large.csv"],
        within: .seconds(600))
      #expect(compared.end == .exit(0), "\(compared.errorText)")
      let found = compared.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
      #expect(found.count == 2 && found.first == rows)
      let totals = try await sandbox.query("SELECT COUNT(*) AS n, SUM(plays) AS s FROM plays")
      #expect(
        totals == [["n": "\(rows + 1)", "s": "\((found.last ?? 0) + 5)"]], "\(compared.output)")
      #expect(try await daemon.stop() == .exit(0))
    }
  }
}
