import Files
import Logging
import TaskModel
import TaskStore

/// What every task's processing needs; made once, but for the settings.
struct PipelineContext: Sendable {
  /// Those of the moment: a task has the ones with which it began to its end.
  var settings: Settings
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

  /// What must stay free where it writes.
  var space: DiskSpace { folders.space(settings) }
}
