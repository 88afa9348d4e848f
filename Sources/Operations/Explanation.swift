package import TaskModel

/// Why a file is not, or not yet, loaded: contract, "never a silent file".
package struct Explanation: Sendable {
  /// For scripts; the raw values are public.
  package enum Reason: String, Sendable, CaseIterable, Encodable {
    // The task's, see `TaskStatus`.
    case queued
    /// An attempt did not succeed; the task is tried again by itself.
    case waiting
    case running
    case done
    case duplicate
    case failed
    case cancelled
    // Of a file in the inbox, see `Sighting.Reason`.
    case openByWriter = "open-by-writer"
    case settling
    case unseen
    case ignoredName = "ignored-name"
    case notRegular = "not-regular"
    case noSpace = "no-space"
    case queueFull = "queue-full"
    /// It could be taken, and nobody is there to do it.
    case daemonDown = "daemon-down"
    /// The daemon runs and leaves it there.
    case notTaken = "not-taken"
    // Of a file that is neither.
    /// Taken out of the inbox, and not in the manifest yet.
    case claimed
    /// It lies in another folder.
    case elsewhere
    case neverSeen = "never-seen"
  }

  /// As the person asked, or as the manifest has it.
  package let name: String
  package let reason: Reason
  /// Without the name and without a full stop.
  package var sentence: String
  package var task: TaskRecord?
}

extension Explanation: Encodable {
  private enum CodingKeys: String, CodingKey {
    case name
    case reason
    case sentence
    case task
  }

  /// `task` is null where there is none, so that a reader finds every key always.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(reason, forKey: .reason)
    try container.encode(sentence, forKey: .sentence)
    try container.encode(task, forKey: .task)
  }
}
