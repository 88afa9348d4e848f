import Files
import Logging
import TaskModel
import TaskStore

/// What every task's processing needs; made once.
struct PipelineContext: Sendable {
  let settings: Settings
  var folders: Folders
  let store: TaskStore
  let names: OutboxNames
  let queue: WorkQueue
  /// Of the daemon; a task that is worked on has one of its own under it.
  var stop: StopFlag
  let logger: Logger
  /// Of the tallies' hash tables: drawn anew by each process, so that nobody can prepare collisions.
  let hashSeed: UInt64
  let limits: IngestLimits
  let space: DiskSpace
}
