import Crypto
import Files
import Foundation
import TaskModel
import TaskStore

/// Gives a task's sealed files their names in the outbox: rejects, then the result, then the receipt.
///
/// Each was synced under its hidden name. The directory is synced after the result and again after the
/// receipt, so that whoever finds a receipt, even after a power cut, finds what it speaks of
/// (fsync(2): the entry needs the directory's own sync).
///
/// A task that runs again after a crash makes the same bytes, finds its own earlier files by their hash
/// (the receipt by its task id, for it has times in it) and leaves them as they are.
struct Publisher: ~Copyable {
  private let context: PipelineContext
  private let task: TaskRecord
  /// The set that an earlier attempt reserved in the manifest; only under this number can files that
  /// exist be the task's own.
  private let earlierNumber: UInt32?
  private let rejects: SealedFile?
  private let result: SealedFile?
  private(set) var number: UInt32
  private(set) var names: OutputNames

  init(
    _ stored: StoredTask, rejects: SealedFile?, result: SealedFile?, context: PipelineContext
  ) throws {
    self.context = context
    task = stored.record
    earlierNumber = stored.outputNumber
    self.rejects = rejects
    self.result = result
    (number, names) = try Self.reserve(
      task, from: stored.outputNumber ?? 1, earlier: stored.outputNumber, rejects, result, context)
  }

  deinit { context.names.release(names) }

  /// Publishes everything; the receipt comes with all but the names, which are filled in here.
  mutating func publish(_ receipt: Receipt) throws {
    let outbox = context.folders.outbox
    // Where each file is by now: under its hidden name or, after a name was taken, an earlier choice.
    var rejectsAt = rejects?.hiddenName
    var resultAt = result?.hiddenName
    while true {
      do {
        rejectsAt = try place(rejects, at: rejectsAt, as: names.rejects)
        resultAt = try place(result, at: resultAt, as: names.result)
        try outbox.sync()
        let sealed = try seal(receipt)
        _ = try place(sealed, at: sealed.hiddenName, as: names.receipt)
        try outbox.sync()
        return
      } catch let error as FileError where error.isTaken {
        try takeNextNumber()
      }
    }
  }

  /// Renames a file, or finds that it has its name already.
  private func place(
    _ file: SealedFile?, at current: FileName?, as name: FileName
  ) throws(FileError) -> FileName? {
    guard let file, let current, current != name else { return current }
    let outbox = context.folders.outbox
    do throws(FileError) {
      try outbox.rename(current, to: outbox, as: name)
    } catch  where error.isTaken && number == earlierNumber {
      let isOurs =
        try file.role == .receipt
        ? Self.isOurReceipt(name, task, in: outbox) : Self.isOurs(name, file, in: outbox)
      guard isOurs else { throw error }
      try outbox.remove(current)
    }
    return name
  }

  private func seal(_ receipt: Receipt) throws -> SealedFile {
    var receipt = receipt
    receipt.rejectsName = rejects.map { _ in names.rejects.text }
    receipt.resultName = result.map { _ in names.result.text }
    receipt.resultBytes = result?.bytes
    receipt.resultSHA256 = result?.sha256
    var file = try OutboxFile(.receipt, of: task.taskID, in: context.folders.outbox)
    try file.write(receipt.json)
    return try file.seal()
  }

  /// Somebody else put a file under one of our names after they were reserved.
  private mutating func takeNextNumber() throws {
    context.names.release(names)
    (number, names) = try Self.reserve(
      task, from: number + 1, earlier: earlierNumber, rejects, result, context)
    try context.store.reserveOutputNumber(
      task.taskID, number, resultName: result.map { _ in names.result })
  }

  private static func reserve(
    _ task: TaskRecord, from number: UInt32, earlier: UInt32?, _ rejects: SealedFile?,
    _ result: SealedFile?, _ context: PipelineContext
  ) throws -> (UInt32, OutputNames) {
    let outbox = context.folders.outbox
    return try context.names.reserve(for: task, from: number) { names in
      guard number == earlier, names == OutputNames(input: task.rawName, number: number) else {
        return false
      }
      return try isFreeOrOurs(names.rejects, rejects, in: outbox)
        && isFreeOrOurs(names.result, result, in: outbox)
        && (outbox.status(of: names.receipt) == nil
          || isOurReceipt(names.receipt, task, in: outbox))
    }
  }

  private static func isFreeOrOurs(
    _ name: FileName, _ file: SealedFile?, in outbox: Directory
  ) throws(FileError) -> Bool {
    if try outbox.status(of: name) == nil { return true }
    guard let file else { return false }
    return try isOurs(name, file, in: outbox)
  }

  /// Whether a file of the outbox has the bytes that the task published before it was interrupted.
  private static func isOurs(
    _ name: FileName, _ file: SealedFile, in outbox: Directory
  ) throws(FileError) -> Bool {
    guard let existing = try outbox.openFile(name), try existing.status().size == file.bytes else {
      return false
    }
    return try existing.sha256() == file.sha256
  }

  private static func isOurReceipt(
    _ name: FileName, _ task: TaskRecord, in outbox: Directory
  ) throws(FileError) -> Bool {
    // A receipt is small; what is not small is none.
    guard let existing = try outbox.openFile(name), try existing.status().size < 1 << 20 else {
      return false
    }
    let text = try String(decoding: existing.readAll(), as: UTF8.self)
    return text.contains("\"task_id\" : \"\(task.taskID)\"")
  }
}

extension OpenFile {
  /// Of all bytes from the current offset on.
  fileprivate func sha256() throws(FileError) -> String {
    var hasher = SHA256()
    var buffer = [UInt8](repeating: 0, count: 256 << 10)
    while true {
      let count = try fill(&buffer)
      hasher.update(data: buffer[..<count])
      if count < buffer.count { return hasher.finalize().hexadecimal }
    }
  }
}

extension Receipt {
  /// Indented, with sorted keys and a final newline.
  var json: [UInt8] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }
  }
}
