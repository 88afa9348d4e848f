package import Files
package import TaskModel

/// A file that was taken out of the inbox: it lies in `state/work/TASK/NAME`, and is a task from
/// now on.
package struct ClaimedFile: Hashable, Sendable {
  package let taskID: TaskID
  package let name: FileName
  /// In bytes, when it was taken.
  ///
  /// The reader compares: contents that the sender did not sync and that a power cut took are
  /// missing at the end of the file.
  package let size: Int64
  /// Non-nil where the inbox lies on another file system: the file there, of which this is a copy.
  ///
  /// The manifest's row must hold it (`FileStatus.text`), for a crash may come between the row and
  /// the removal of the file, and recovery must know which file the copy stands for.
  package let source: FileStatus?
  /// Of what was sent; nil where it did not come by an upload.
  package let sentSHA256: String?

  package init(
    taskID: TaskID, name: FileName, size: Int64, source: FileStatus?, sentSHA256: String? = nil
  ) {
    self.taskID = taskID
    self.name = name
    self.size = size
    self.source = source
    self.sentSHA256 = sentSHA256
  }
}

/// What the manifest has of a task, as far as recovery asks.
package struct KnownTask: Hashable, Sendable {
  package let name: FileName
  /// `ClaimedFile.source`, as it was recorded.
  package let source: FileStatus?

  package init(name: FileName, source: FileStatus?) {
    self.name = name
    self.source = source
  }
}
