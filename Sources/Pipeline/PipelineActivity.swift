package import Files
package import TaskModel

/// What the pipeline is at, at one moment: for the service manager, and whoever else wants to see whether it moves.
package struct PipelineActivity: Sendable {
  /// A task that a worker has in hand.
  package struct Work: Hashable, Sendable {
    package let taskID: TaskID
    /// Nil for the moment before its row was read.
    package let name: String?
    package let pulse: Pulse.State
  }

  package let running: [Work]
  /// How many tasks wait for a worker or their next attempt.
  package let queued: Int
  /// Each task that a worker takes is a step; the queue waits where no task may be taken now.
  package let queue: Pulse.State
  package let summary: Pipeline.Summary
}

extension Pipeline {
  /// From any thread.
  package var activity: PipelineActivity {
    let queue = context.queue.activity
    return PipelineActivity(
      running: running.work, queued: queue.waiting, queue: queue.pulse, summary: summary)
  }
}
