import Files
import Synchronization
import TaskModel

/// Which set of names in the outbox each task is to have, so that no two tasks, and no file that
/// lies there already, meet under one name.
///
/// Reservations of running tasks live here, in memory; the one of a task that was committed stands in
/// the manifest too, and is tried first when the task runs again.
final class OutboxNames: Sendable {
  private let outbox: Directory
  private let reserved = Mutex<[FileName: TaskID]>([:])

  init(outbox: Directory) {
    self.outbox = outbox
  }

  /// Finds and reserves the first set that is free, from `number` on.
  ///
  /// `isOurs` is asked where a name exists: whether an earlier attempt of the same task wrote it.
  func reserve(
    for task: TaskRecord, from number: UInt32, isOurs: (OutputNames) throws -> Bool
  ) throws -> (number: UInt32, names: OutputNames) {
    for number in number...UInt32.max {
      let names = OutputNames(input: task.rawName, number: number)
      // Any of the three stands for the set, for only whole sets are reserved.
      let isFree = reserved.withLock { reserved in
        let holder = reserved[names.result]
        if holder == nil { reserved[names.result] = task.taskID }
        return holder == nil || holder == task.taskID
      }
      guard isFree else { continue }
      if try !exists(names) { return (number, names) }
      if try isOurs(names) { return (number, names) }
      release(names)
    }
    preconditionFailure("four thousand million names of one stem cannot exist in one directory")
  }

  /// Gives a reservation back, once the names exist or are not needed.
  func release(_ names: OutputNames) {
    reserved.withLock { reserved in _ = reserved.removeValue(forKey: names.result) }
  }

  private func exists(_ names: OutputNames) throws -> Bool {
    try [names.result, names.receipt, names.rejects].contains { name in
      try outbox.status(of: name) != nil
    }
  }
}
