import Files
package import Inbox
import Logging
package import TaskModel
package import TaskStore

extension Pipeline {
  /// Begins a file that comes by an upload.
  package func receive(_ name: FileName) throws -> IncomingFile {
    try IncomingFile(named: name, in: context.folders.work)
  }

  /// Throws where there is less space than is to stay free, once so many bytes more are written.
  package func requireSpace(for bytes: Int64 = 0) throws { try context.space.check(with: bytes) }

  /// Makes tasks of sealed files, all or none: durable in the manifest when it returns, then queued.
  ///
  /// - Parameters:
  ///   - files: With what `seal` made of each.
  ///   - key: By which a repetition is known.
  /// - Returns: The tasks; where the key is known already, those of the first upload with it: nothing was added.
  /// - Throws: What the database says.
  package func record(
    _ files: [(file: IncomingFile, claim: ClaimedFile)], key: String?
  ) throws -> [UploadedTask] {
    let claims = files.map(\.claim)
    if let earlier = try context.store.add(claims.map(NewTask.init), key: key, at: .now()) {
      return earlier
    }
    for (file, _) in files {
      do throws(FileError) {
        try file.finish()
      } catch {
        // It is a task all the same, which waits for its file, at the latest for the next start.
        context.logger.error(
          "an upload waits for its name",
          metadata: ["task_id": "\(file.taskID)", "error": "\(error)"])
      }
    }
    enqueue(claims)
    return claims.map { UploadedTask(taskID: $0.taskID, name: $0.name) }
  }

  /// Leaves nothing of a file that became no task.
  package func discard(_ file: IncomingFile) {
    do throws(FileError) {
      try file.discard()
    } catch {
      context.logger.warning(
        "what was sent of an upload is left until the next start",
        metadata: ["task_id": "\(file.taskID)", "error": "\(error)"])
    }
  }
}
