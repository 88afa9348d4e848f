import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// A daemon that is stopped, wherever its file is: reading, merging, publishing.
  ///
  /// A file that waits for another with the same bytes, and one that is being uploaded, are in `DuplicateTests` and `UploadTests`.
  @Suite struct Stops {
    private static let rows = 1_000_000
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    @Test(arguments: Moment.all)
    func `a stop puts it back, and the next start ends what was begun, once`(
      moment: Moment
    )
      async throws
    {
      let daemon = try await moment.meet(in: sandbox, rows: Self.rows)
      daemon.send(SIGTERM)
      daemon.thaw()
      // How long it takes is a matter of the release build (`Tests/Service/service-test`); here, that it does not go on to the end.
      #expect(try await daemon.end(within: .seconds(60)) == .exit(0))
      // Whole or not at all: there is no result without its receipt once the task is over.
      let status = try await sandbox.value("SELECT status FROM manifest")
      if status == "done" {
        #expect(moment.fault != nil, "it was not stopped in the middle, but went on to the end")
        #expect(try sandbox.names(in: sandbox.outbox) == ["large.csv", "large.csv.receipt.json"])
      } else {
        #expect(status == "queued" || status == "running", "\(status ?? "no task")")
        #expect(try sandbox.receiptNow("large.csv") == nil)
        #expect(try await sandbox.value("SELECT count(*) FROM plays") == "0")
      }

      #expect(try await sandbox.once(["--memory", "16MiB"]).end == .exit(0))
      let receipt = try await sandbox.receipt("large.csv")
      #expect(receipt.rows == [Self.rows, Self.rows, 0])
      #expect(try sandbox.names(in: sandbox.outbox) == ["large.csv", "large.csv.receipt.json"])
      #expect(try await sandbox.value("SELECT count(*) FROM manifest WHERE status = 'done'") == "1")
      #expect(
        try await sandbox.value("SELECT sum(plays) FROM plays")
          == sandbox.value("SELECT plays_sum FROM manifest"))
      #expect(try await sandbox.value("PRAGMA integrity_check") == "ok")
    }
  }
}
