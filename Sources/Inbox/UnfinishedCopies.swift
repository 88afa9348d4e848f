import Synchronization
import TaskModel

/// Copies that are recorded and whose source could not be removed yet, by the source's name.
///
/// Shared by recovery, which may find such ones, and the run after it, which goes on with them.
/// It is a cache: the truth is `.partial` in the task's folder together with the task's row.
final class UnfinishedCopies: Sendable {
  private let copies = Mutex<[FileName: [ClaimedFile]]>([:])

  var names: [FileName] { copies.withLock { $0.keys.sorted() } }

  func of(_ name: FileName) -> [ClaimedFile] { copies.withLock { $0[name] ?? [] } }

  func add(_ file: ClaimedFile) {
    copies.withLock { copies in
      guard copies[file.name]?.contains(where: { $0.taskID == file.taskID }) != true else { return }
      copies[file.name, default: []].append(file)
    }
  }

  func remove(_ file: ClaimedFile) {
    copies.withLock { copies in
      copies[file.name]?.removeAll { $0.taskID == file.taskID }
      if copies[file.name]?.isEmpty == true { copies[file.name] = nil }
    }
  }
}
