import Dispatch
import Files
import Logging
import TaskModel
package import TaskStore

// What the daemon does by itself beside its files, on one thread: it applies the setting `retention`, and takes out the rows
// that commands leave. Those of a large file take seconds, and a command takes effect with one commit: since then nobody
// sees them. So that commit is all that a person waits for.

/// What `keepRetention` waits for beside its time.
struct RetentionWatch: Sendable {
  var isOver = false
  /// How often they changed.
  var settings = 0
  /// Tasks whose rows are to be taken out.
  var leftovers: [TaskID] = []

  mutating func takeLeftover() -> TaskID? { leftovers.isEmpty ? nil : leftovers.removeFirst() }
}

extension Pipeline {
  /// Nil: nothing is removed but by command.
  package var retention: Duration? { context.settings.retention }

  /// Looked at most so often, and a short retention as often as it is long.
  private static let longestPause = Duration.seconds(3600)

  private enum RetentionStep {
    case apply
    case removeLeftovers
    case end
  }

  /// Applies the retention now, and again and again until `endRetention`, and takes out in between what commands leave.
  package func keepRetention() {
    var step = RetentionStep.apply
    while step != .end {
      let seen = retentionWatch.change(waking: 0) { $0.settings }
      applyRetention()
      let deadline = retention.map { retention in
        DispatchTime.now()
          + .milliseconds(Int(min(retention, Self.longestPause) / .milliseconds(1)))
      }
      repeat {
        tryToRemoveLeftovers()
        step = nextRetentionStep(seen: seen, deadline: deadline)
      } while step == .removeLeftovers
    }
  }

  private func nextRetentionStep(seen: Int, deadline: DispatchTime?) -> RetentionStep {
    retentionWatch.wait { watch in
      if watch.isOver { return .ready(.end) }
      if !watch.leftovers.isEmpty { return .ready(.removeLeftovers) }
      // Other settings: perhaps another retention.
      if watch.settings != seen { return .ready(.apply) }
      if let deadline, DispatchTime.now() >= deadline { return .ready(.apply) }
      return .wait(until: deadline)
    }
  }

  /// Ends `keepRetention`, and whatever removes something, between two steps.
  package func endRetention() {
    retentionStop.request()
    retentionWatch.change { $0.isOver = true }
  }

  /// Applies the retention once; what goes wrong is logged, for it goes better the next time or the time after.
  package func applyRetention() {
    guard let retention = context.settings.retention else { return }
    do {
      let report = try prune(endedBefore: Timestamp.now() - retention, isDryRun: false)
      if report.tasks > 0 {
        context.logger.info(
          "removed what is older than the retention",
          metadata: [
            "tasks": "\(report.tasks)", "rows": "\(report.rows)", "files": "\(report.files)",
            "bytes": "\(report.fileBytes + report.databaseBytes)",
          ])
      }
      if let trouble = report.trouble {
        context.logger.warning(
          "cannot remove all that is older than the retention",
          metadata: ["tasks": "\(report.left)", "error": "\(trouble)"])
      }
    } catch {
      context.logger.warning(
        "cannot remove what is older than the retention", metadata: ["error": "\(error)"])
    }
  }

  /// Has the rows of a task taken out that gave them up.
  func leaveRows(of task: TaskID) {
    retentionWatch.change { $0.leftovers.append(task) }
  }

  /// Takes out what cancelled and forgotten tasks have left; the daemon does it by itself (`keepRetention`).
  ///
  /// Stopped, or killed, in between, the next start goes on with it.
  package func removeLeftovers() throws(StoreError) {
    while !retentionStop.isRequested,
      let task = retentionWatch.change(waking: 0, { $0.takeLeftover() })
    {
      try context.store.removeLeftovers(of: task, unless: { retentionStop.isRequested })
    }
  }

  private func tryToRemoveLeftovers() {
    do {
      try removeLeftovers()
    } catch {
      context.logger.warning(
        "cannot remove the rows of a task; they count nowhere, and the next start removes them",
        metadata: ["error": "\(error)"])
    }
  }
}
