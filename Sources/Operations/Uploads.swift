import Files
import Inbox
package import Pipeline
import Synchronization
package import TaskModel
package import TaskStore

// What can be sent. An upload is written where claimed files lie and becomes a task in one commit with its key: see
// `IncomingFile`.

/// The door for files that are sent and not dropped.
package struct Uploads: Sendable {
  private let pipeline: Pipeline
  private let store: TaskStore
  /// Bytes that one upload may have, all its files together.
  package let limit: Int64

  package init(_ pipeline: Pipeline, _ store: TaskStore, limit: Int64) {
    self.pipeline = pipeline
    self.store = store
    self.limit = limit
  }

  /// The tasks of the upload that had this key first; empty where there was none.
  package func earlier(_ key: String) throws -> [UploadedFile] {
    try store.uploads(of: key).map(UploadedFile.init)
  }

  /// - Throws: `UploadError.queueFull`, and `UploadError.noSpace` where so many bytes would leave less than is to stay
  ///   free.
  package func requireRoom(for bytes: Int64) throws {
    try telling {
      try pipeline.requireRoom()
      try pipeline.requireSpace(for: bytes)
    }
  }

  /// Begins a file.
  ///
  /// - Throws: `UploadError` where the inbox would not take the name, or there is no room.
  package func begin(_ name: FileName) throws -> Upload {
    if case .ignored(let reason) = InputName(name) { throw UploadError.name(name, reason) }
    return try telling {
      try pipeline.requireRoom()
      try pipeline.requireSpace()
      return Upload(file: try pipeline.receive(name), pipeline: pipeline)
    }
  }

  /// Makes tasks of whole files, all or none; durable when it returns.
  ///
  /// - Returns: The tasks; where the key is known already, those of the first upload with it, and of a file that came
  ///   before, the one it has. Nothing is left of files that are no task of their own.
  package func commit(_ uploads: [Upload], key: String?) throws -> [UploadedFile] {
    try telling {
      let sealed = try uploads.map { upload in (upload.file, try upload.file.seal()) }
      for upload in uploads { upload.handOver() }
      return try pipeline.record(sealed, key: key).map(UploadedFile.init)
    }
  }
}

/// A file that is being sent.
package final class Upload: Sendable {
  fileprivate let file: IncomingFile
  private let pipeline: Pipeline
  /// From the attempt to make a task of it on, what becomes of it is the pipeline's matter, for it may be one whatever is
  /// thrown.
  private let isHandedOver = Mutex(false)

  fileprivate init(file: IncomingFile, pipeline: Pipeline) {
    self.file = file
    self.pipeline = pipeline
  }

  package func write(_ bytes: [UInt8]) throws {
    try telling {
      try pipeline.requireSpace()
      try file.write(bytes)
    }
  }

  /// Nothing more comes: makes it durable, and closes it.
  package func end() throws {
    try telling { _ = try file.seal() }
  }

  fileprivate func handOver() { isHandedOver.withLock { $0 = true } }

  /// Leaves nothing of it, unless it was to become a task by now.
  package func discard() {
    if !isHandedOver.withLock({ $0 }) { pipeline.discard(file) }
  }
}

/// What has become of a file that was sent.
package struct UploadedFile: Sendable, Encodable {
  package let taskID: TaskID
  /// Nil where the task is not in the manifest any more.
  package let name: FileName?
  /// The same bytes came before under this name, and this is what became of them.
  package let isKnown: Bool

  fileprivate init(_ task: UploadedTask) {
    taskID = task.taskID
    name = task.name
    isKnown = task.isKnown
  }

  private enum CodingKeys: String, CodingKey {
    case taskID = "task_id"
    case name, known
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(taskID.description, forKey: .taskID)
    try container.encode(name?.text, forKey: .name)
    if isKnown { try container.encode(true, forKey: .known) }
  }
}

/// Why a file is not taken; the sender may try again, or with another name.
package enum UploadError: Error, CustomStringConvertible {
  case name(FileName, InputName.Reason)
  case noSpace(String)
  case queueFull(String)

  package var description: String {
    switch self {
    case .name(let name, let reason): "\(name.shown) is not taken: \(reason.rawValue)"
    case .noSpace(let sentence), .queueFull(let sentence): sentence
    }
  }
}

/// Tells the want of room from everything else that the machine may fail in.
private func telling<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as SpaceShortage {
    throw UploadError.noSpace("\(error)")
  } catch let error as QueueFull {
    throw UploadError.queueFull("\(error)")
  } catch let error as FileError where error.isNoSpace {
    throw UploadError.noSpace("\(error)")
  } catch StoreError.full(let path) {
    throw UploadError.noSpace("\(StoreError.full(path: path))")
  }
}
