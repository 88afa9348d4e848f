import Files
import Pipeline
import Synchronization
package import TaskModel
import TaskStore

/// A file of the outbox that is a task's, to the byte, and open: whatever becomes of its name, it can be read.
package final class OutboxContent: Sendable {
  package let task: TaskRecord
  package let name: FileName
  package let size: Int64
  /// 64 hexadecimal digits.
  package let sha256: String
  /// As it was when its hash was compared.
  let status: FileStatus
  private let place: ResultPlace
  private let file: OpenFile

  init(_ place: ResultPlace, status: FileStatus, file: consuming OpenFile) {
    task = place.task
    name = place.name
    size = status.size
    sha256 = place.sha256
    self.status = status
    self.place = place
    self.file = file
  }

  /// Up to so many bytes from an offset on; fewer only at the end of the file.
  package func read(at offset: Int64, count: Int) throws -> [UInt8] {
    try file.read(at: offset, count: count)
  }

  /// - Throws: `OperationError.resultReplaced` where it was written to since it was opened; another name does not
  ///   matter.
  package func requireUnchanged() throws {
    guard try file.status().hasSameContents(as: status) else {
      throw OperationError.resultReplaced(place)
    }
  }
}

extension Operations {
  /// The result of a task, open.
  ///
  /// - Throws: `OperationError`, where there is none or the file in the outbox is not it any more; `CancellationError`.
  package func openResult(of text: String, stop: PassStop) throws -> OutboxContent {
    try open(try result(of: text), stop)
  }

  /// Whether the result of a task is opened in a moment: one that is large is read whole, for its hash.
  ///
  /// - Throws: `OperationError`, where there is none.
  package func opensBriefly(_ text: String) throws -> Bool {
    let (status, isHashed) = try resultFile(of: text)
    return isHashed || status.size <= Self.briefSize
  }

  /// Up to here a hash and a pass are hundredths of a second.
  static let briefSize: Int64 = 8 << 20

  /// The file where the result of a task should lie, and whether its hash is known.
  func resultFile(of text: String) throws -> (status: FileStatus, isHashed: Bool) {
    let place = try result(of: text)
    guard let status = try outbox(of: place).status(of: place.name) else {
      throw OperationError.resultTaken(place)
    }
    return (status, KnownHashes.shared.isKnown(status))
  }

  /// The file of the records that were rejected, open.
  ///
  /// - Throws: `OperationError`, where there is none or the file in the outbox is not it any more.
  package func openRejects(of text: String, stop: PassStop) throws -> OutboxContent {
    let stored = try find(text)
    let record = stored.record
    guard record.rowsRejected > 0, record.status.isFinal, let number = stored.outputNumber,
      let sha256 = stored.rejectsSHA256
    else { throw OperationError.noRejects(record) }
    guard let outbox = try store.places()[.outbox] else { throw OperationError.outboxUnknown }
    return try open(
      ResultPlace(
        task: record, directory: outbox,
        name: OutputNames(input: record.rawName, number: number).rejects, sha256: sha256), stop)
  }

  /// The rejected records that the manifest has of a task, without the first `offset`.
  package func rejects(of text: String, offset: Int, limit: Int) throws -> [RejectedRecord] {
    try store.rejects(of: try find(text).record.taskID, limit: limit, offset: offset)
  }

  private func outbox(of place: ResultPlace) throws -> Directory {
    do {
      return try Directory.open(place.directory, create: false)
    } catch  where error.isMissing {
      throw OperationError.resultTaken(place)
    }
  }

  private func open(_ place: ResultPlace, _ stop: PassStop) throws -> OutboxContent {
    let outbox = try outbox(of: place)
    guard let file = try outbox.openFile(place.name) else {
      throw OperationError.resultTaken(place)
    }
    let status = try file.status()
    guard try KnownHashes.shared.hash(of: file, status, stop) == place.sha256 else {
      throw OperationError.resultReplaced(place)
    }
    return OutboxContent(place, status: status, file: file)
  }
}

/// The hashes of files that were read lately, so that a large one is not read whole for each page of it.
///
/// A file that is changed has another time of change (stat(2), st_ctim), which no program can set.
private final class KnownHashes: Sendable {
  static let shared = KnownHashes()

  private static let most = 256
  private let hashes = Mutex<[FileStatus: String]>([:])

  func isKnown(_ status: FileStatus) -> Bool { hashes.withLock { $0[status] != nil } }

  func hash(
    of file: borrowing OpenFile, _ status: FileStatus, _ stop: PassStop
  ) throws -> String {
    if let known = hashes.withLock({ $0[status] }) { return known }
    guard let hash = try file.sha256(isStopped: { stop.isStopped }) else {
      throw CancellationError()
    }
    // Of what was written to meanwhile nothing is known.
    guard try file.status() == status else { return hash }
    hashes.withLock { hashes in
      if hashes.count >= Self.most { hashes.removeAll() }
      hashes[status] = hash
    }
    return hash
  }
}
