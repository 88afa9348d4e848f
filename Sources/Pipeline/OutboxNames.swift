import Files
import Synchronization
import TaskModel

/// Which set of names in the outbox each task is to have, so that no two tasks, and no file that
/// lies there already, meet under one name.
///
/// Reservations of running tasks live here, in memory; the one of a task that was committed stands in
/// the manifest too, and is tried first when the task runs again.
final class OutboxNames: Sendable {
  private let reserved = Mutex<[FileName: TaskID]>([:])

  /// Finds and reserves the first set that is free, from `number` on.
  ///
  /// `isFree` is asked whether nobody else's file has one of the names.
  func reserve(
    for task: TaskRecord, from number: UInt32, isFree: (OutputNames) throws -> Bool
  ) throws -> (number: UInt32, names: OutputNames) {
    for number in number...UInt32.max {
      let names = OutputNames(input: task.rawName, number: number)
      guard take(names, for: task.taskID) else { continue }
      do {
        if try isFree(names) { return (number, names) }
      } catch {
        release(names, of: task.taskID)
        throw error
      }
      release(names, of: task.taskID)
    }
    preconditionFailure("four thousand million names of one stem cannot exist in one directory")
  }

  /// Gives a reservation back, once the names exist or are not needed.
  func release(_ names: OutputNames, of task: TaskID) {
    reserved.withLock { reserved in
      for name in names.all where reserved[name] == task { reserved[name] = nil }
    }
  }

  /// All or none: the rejects of `a.csv` and the result of `a.rejects.csv` have one name.
  private func take(_ names: OutputNames, for task: TaskID) -> Bool {
    reserved.withLock { reserved in
      guard names.all.allSatisfy({ reserved[$0] == nil || reserved[$0] == task }) else {
        return false
      }
      for name in names.all { reserved[name] = task }
      return true
    }
  }
}
