import Files
import Foundation
import TaskModel
import TestSupport
import Testing

@testable import Operations

extension OutboxContent {
  /// An open result of such a text.
  convenience init(text: String, in directory: TemporaryDirectory) throws {
    let path = directory.path + "/r.csv"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    let file = try OpenFile.open(path: path)
    let name = try #require(FileName("r.csv"))
    let task = TaskRecord(
      taskID: TaskID.make(), rawName: name, status: .done, sizeBytes: 0, queuedAt: .now())
    self.init(
      ResultPlace(task: task, directory: directory.path, name: name, sha256: ""),
      status: try file.status(), file: file)
  }
}
