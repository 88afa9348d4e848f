import Files
import TaskModel
import TaskStore

/// In what the machine failed a task: few words, so that a monitor can count by them; the sentence is `why`'s.
package enum Hindrance: String, CaseIterable, Sendable {
  /// No room on a disk, or less than is to stay free.
  case space
  /// No descriptor, thread or memory.
  case scarcity
  /// Another failed call on a file.
  case disk
  /// The database is locked, moved or damaged.
  case database
  /// The file changed while it was read, or waits for another one of the same bytes.
  case file

  init(_ error: any Error) {
    self =
      switch error {
      case is SpaceShortage, StoreError.full: .space
      case let error as FileError where error.isNoSpace: .space
      case let error as FileError where error.isScarcity: .scarcity
      case is FileError: .disk
      case is StoreError: .database
      default: .file
      }
  }
}

/// What the machine's failures come to, for metrics and status.
package struct Hindrances: Sendable {
  /// How often an attempt failed since the start.
  package private(set) var failures: [Hindrance: Int] = [:]
  private var waiting: [TaskID: Hindrance] = [:]
  private var lastTrouble: [Hindrance: String] = [:]

  /// How many tasks wait for their next attempt, by what the last one met.
  package var waitingTasks: [Hindrance: Int] {
    waiting.values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  /// The last sentence about the database, where tasks wait for it: their events cannot tell of it.
  package var databaseTrouble: String? {
    waiting.values.contains(.database) ? lastTrouble[.database] : nil
  }

  mutating func note(_ error: any Error, of task: TaskID) {
    let hindrance = Hindrance(error)
    failures[hindrance, default: 0] += 1
    waiting[task] = hindrance
    lastTrouble[hindrance] = "\(error)"
  }

  mutating func clear(_ task: TaskID) { waiting[task] = nil }
}
