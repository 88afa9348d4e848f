import Files
package import Inbox
import Logging
import Synchronization
package import TaskModel
package import TaskStore

extension Pipeline {
  /// Begins a file that comes by an upload.
  package func receive(_ name: FileName) throws -> IncomingFile {
    try IncomingFile(named: name, in: context.folders.work)
  }

  /// Throws where there is less space than is to stay free, once so many bytes more are written.
  package func requireSpace(for bytes: Int64 = 0) throws { try context.space.check(with: bytes) }

  /// Throws `QueueFull` where so many tasks wait that no more are to be recorded.
  package func requireRoom() throws(QueueFull) { try context.queue.requireRoom() }

  /// Has this called when a queue that was full has room again, on a worker's thread.
  package func whenThereIsRoom(_ call: @escaping @Sendable () -> Void) {
    onRoom.withLock { $0 = call }
  }

  /// Makes tasks of sealed files, all or none: durable in the manifest when it returns, then queued.
  ///
  /// - Parameters:
  ///   - files: With what `seal` made of each.
  ///   - key: By which a repetition is known.
  /// - Returns: The tasks; where the key is known already, those of the first upload with it, and of a file that came
  ///   before, the one it has. Nothing is left of files that are no task of their own.
  /// - Throws: What the database says; the files are no tasks, and none of a later start either, unless watchd is killed
  ///   before the failed commit is written over.
  package func record(
    _ files: [(file: IncomingFile, claim: ClaimedFile)], key: String?
  ) throws -> [UploadedTask] {
    let uploaded: [UploadedTask]
    do throws(StoreError) {
      uploaded = try context.store.add(
        files.map { NewTask($0.claim) }, key: key, onDuplicate: context.settings.onDuplicate,
        at: .now())
    } catch {
      if error.mayBeFoundCommitted {
        doubtful.withLock { $0 += files.map(\.file) }
        discardDoubtful()
      } else {
        for (file, _) in files { discard(file) }
      }
      throw error
    }
    let added = Set(uploaded.map(\.taskID))
    for (file, _) in files {
      guard added.contains(file.taskID) else {
        discard(file)
        continue
      }
      do throws(FileError) {
        try file.finish()
      } catch {
        // It is a task all the same, which waits for its file, and tries again until it has it.
        unnamed.withLock { $0[file.taskID] = file }
        context.logger.error(
          "an upload waits for its name",
          metadata: ["task_id": "\(file.taskID)", "error": "\(error)"])
      }
    }
    enqueue(files.map(\.claim).filter { added.contains($0.taskID) })
    return uploaded
  }

  /// Gives the file of an upload its name where that could not be done with its row.
  func finishUpload(_ task: TaskID) {
    guard let file = unnamed.withLock({ $0[task] }) else { return }
    do throws(FileError) {
      try file.finish()
      unnamed.withLock { $0[task] = nil }
    } catch {
      context.logger.debug("an upload still waits for its name: \(error)")
    }
  }

  /// Leaves nothing of files whose commit failed, once no start can find their rows in the database's log any more.
  ///
  /// While that cannot be made sure it is tried again, with the next upload that fails and the next task that ends. A process
  /// that is killed before leaves it to recovery, which goes by what the log then says: see `IncomingFile`.
  func discardDoubtful() {
    let files = doubtful.withLock { files in
      defer { files = [] }
      return files
    }
    guard !files.isEmpty else { return }
    do throws(StoreError) {
      try context.store.overwriteFailedCommit()
      for file in files { discard(file) }
    } catch {
      context.logger.warning(
        "what was sent of an upload is kept, for its row may be durable; that is looked at again",
        metadata: ["files": "\(files.count)", "error": "\(error)"])
      doubtful.withLock { $0 += files }
    }
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
