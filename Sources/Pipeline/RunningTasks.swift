import Dispatch
import Files
import TaskModel

/// The tasks that workers have in hand, and which of them are to be given up.
///
/// A worker enters a task before it looks at its status, and leaves it when all is said in the manifest; one at a time, for
/// a task may stand in the queue twice (cancelled there, and tried again). So whoever reserves a task may change
/// it.
final class RunningTasks: Sendable {
  private struct State: Sendable {
    var flags: [TaskID: StopFlag] = [:]
    /// As people know the tasks; a worker learns it a moment after it has entered.
    var names: [TaskID: String] = [:]
    /// Nobody may enter these for now.
    var reserved: Set<TaskID> = []
  }

  enum Entrance: Sendable {
    /// With the flag that asks for its end.
    case entered(StopFlag)
    /// Another worker has it, and sees to it that it is taken up again where that is needed.
    case taken
    /// A command changes it; that takes a moment.
    case reserved
  }

  private let state = Monitor(State())

  func enter(_ task: TaskID, under parent: StopFlag) -> Entrance {
    state.change(waking: 0) { state in
      if state.flags[task] != nil { return .taken }
      if state.reserved.contains(task) { return .reserved }
      let flag = StopFlag(under: parent)
      state.flags[task] = flag
      return .entered(flag)
    }
  }

  func leave(_ task: TaskID) {
    state.change { state in
      state.flags[task] = nil
      state.names[task] = nil
    }
  }

  /// Says what a task that is entered is called.
  func name(_ task: TaskID, _ name: String) {
    state.change(waking: 0) { $0.names[task] = name }
  }

  /// Says that a task moves which does not look at its flag any more: it is being undone.
  func step(_ task: TaskID) {
    state.change(waking: 0) { $0.flags[task]?.pulse.step() }
  }

  /// All of them, and whether each moves.
  var work: [PipelineActivity.Work] {
    state.change(waking: 0) { state in
      state.flags.map { task, flag in
        PipelineActivity.Work(taskID: task, name: state.names[task], pulse: flag.pulse.state)
      }
    }
  }

  /// Runs the body while no worker has the task; where one has, waits until it has left, and asks it to where `stops` is
  /// true.
  ///
  /// - Throws: `CommandError.busy` where that takes more than ten seconds; else what the body throws.
  func reserve<Result>(
    _ task: TaskRecord, stops: Bool, _ body: () throws -> Result
  ) throws -> Result {
    try take(task, stops: stops)
    defer { giveBack(task.taskID) }
    return try body()
  }

  /// The first half of `reserve`, for who holds many tasks at once; each has to be given back.
  ///
  /// - Throws: `CommandError.busy` where that takes more than ten seconds; then there is nothing to give back.
  func take(_ task: TaskRecord, stops: Bool) throws(CommandError) {
    let deadline = DispatchTime.now() + .seconds(10)
    let id = task.taskID
    let isOurs = state.wait { state in
      if state.reserved.insert(id).inserted { return .ready(true) }
      return DispatchTime.now() < deadline ? .wait(until: deadline) : .ready(false)
    }
    guard isOurs else { throw CommandError.busy(task) }
    // Reserved first: a worker that leaves the task cannot have it again before us.
    let isFree = state.wait { state in
      guard let flag = state.flags[id] else { return .ready(true) }
      if stops { flag.request() }
      return DispatchTime.now() < deadline ? .wait(until: deadline) : .ready(false)
    }
    guard isFree else {
      giveBack(id)
      throw CommandError.busy(task)
    }
  }

  func giveBack(_ task: TaskID) {
    state.change { _ = $0.reserved.remove(task) }
  }
}
