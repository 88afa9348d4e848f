import Dispatch
import TaskModel

/// The tasks that workers have in hand, and which of them are to be given up.
///
/// A worker enters a task before it looks at its status, and leaves it when all is said in the manifest. So whoever
/// finds that a task is not entered, and keeps it from being, may change it.
final class RunningTasks: Sendable {
  private struct State: Sendable {
    var flags: [TaskID: StopFlag] = [:]
    /// Nobody may enter these for now.
    var reserved: Set<TaskID> = []
  }

  private let state = Monitor(State())

  /// Enters a task, once nobody keeps it, and returns its flag.
  func enter(_ task: TaskID, under parent: StopFlag) -> StopFlag {
    state.wait { state in
      guard !state.reserved.contains(task) else { return .wait(until: nil) }
      let flag = StopFlag(under: parent)
      state.flags[task] = flag
      return .ready(flag)
    }
  }

  func leave(_ task: TaskID) { state.change { $0.flags[task] = nil } }

  /// Runs the body while no worker has the task, which is first asked to give it up where `stops` is true.
  ///
  /// - Throws: `TaskIsBusy` where a worker does not leave it within ten seconds; else what the body throws.
  func reserve<Result>(
    _ task: TaskID, stops: Bool, _ body: () throws -> Result
  ) throws -> Result {
    let deadline = DispatchTime.now() + .seconds(10)
    let isReserved = state.wait { state in
      if state.reserved.contains(task) || state.flags[task] != nil {
        if stops { state.flags[task]?.request() }
        return DispatchTime.now() < deadline ? .wait(until: deadline) : .ready(false)
      }
      state.reserved.insert(task)
      return .ready(true)
    }
    guard isReserved else { throw TaskIsBusy(task: task) }
    defer { state.change { _ = $0.reserved.remove(task) } }
    return try body()
  }
}

/// A worker has the task in hand and does not let go of it.
struct TaskIsBusy: Error, CustomStringConvertible {
  let task: TaskID

  var description: String {
    "task \(task) is being worked on and does not end; ask watchctl status what it does, and try again"
  }
}
