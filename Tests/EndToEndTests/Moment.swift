import TestSupport
import Testing

extension EndToEnd {
  /// Where a large file is on its way, and what tells that.
  struct Moment: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// True in the manifest then.
    var sql = ""
    /// At which the daemon stands still, to go on when it is thawed.
    var fault: Fault?

    static let all = [
      Moment(testDescription: "reading", sql: "rows_read > 0"),
      Moment(
        testDescription: "spilling",
        sql: "bytes_read < size_bytes AND EXISTS (SELECT 1 FROM batches)"),
      Moment(testDescription: "read whole", sql: "bytes_read = size_bytes"),
      Moment(testDescription: "writing the result", sql: "groups > 100000"),
      Moment(
        testDescription: "syncing the result",
        fault: Fault(action: .stop, calls: [.sync], number: 1, path: ".result")),
      Moment(
        testDescription: "publishing the result",
        // The first one to that name is the claim.
        fault: Fault(action: .stop, calls: [.rename], number: 2, path: "large.csv")),
    ]

    /// Has a daemon load large.csv with so little memory that it spills and merges, and awaits the moment.
    func meet(in sandbox: Sandbox, rows: Int = 2_000_000) async throws -> RunningDaemon {
      let report = sandbox.desk + "/report"
      let daemon = try RunningDaemon(
        sandbox.flags() + ["--memory", "16MiB"],
        environment: fault?.environment(report: report) ?? [:])
      try await daemon.awaitReady()
      try sandbox.moveIn(try await sandbox.generate(rows: rows))
      try await eventually(within: .seconds(120), testDescription) {
        if fault != nil { return try daemon.isStopped() }
        guard sandbox.hasDatabase() else { return false }
        return try await sandbox.value("SELECT 1 FROM manifest WHERE \(sql)") == "1"
      }
      return daemon
    }
  }
}
