import Files
import TaskModel
import TaskStore

/// Gives a task's sealed files their names in the outbox: rejects, then the result, then the receipt.
///
/// Each was synced under its hidden name. The directory is synced after the result and again after the
/// receipt, so that whoever finds a receipt, even after a power cut, finds what it speaks of
/// (fsync(2): the entry needs the directory's own sync).
///
/// A task that runs again after a crash may find what its earlier attempt published (`EarlierOutput`):
/// what it would write again stays as it is; what it now knows better, because settings changed
/// in between, is taken back first. The manifest had not said that it was done.
struct Publisher: ~Copyable {
  private let context: PipelineContext
  private let task: TaskRecord
  private let earlier: EarlierOutput?
  private let rejects: SealedFile?
  private let result: SealedFile?
  private(set) var number: UInt32
  private(set) var names: OutputNames

  init(
    _ stored: StoredTask, rejects: SealedFile?, result: SealedFile?, context: PipelineContext
  ) throws {
    self.context = context
    task = stored.record
    let earlier = EarlierOutput(of: stored, rejects: rejects, result: result)
    self.earlier = earlier
    self.rejects = rejects
    self.result = result
    (number, names) = try Self.reserve(
      stored.record, from: stored.outputNumber ?? 1, earlier: earlier, context)
  }

  deinit { context.names.release(names, of: task.taskID) }

  /// Publishes everything; the receipt comes with all but the names, which are filled in here.
  ///
  /// - Returns: The receipt as it lies in the outbox.
  @discardableResult
  mutating func publish(_ receipt: Receipt) throws -> Receipt {
    let outbox = context.folders.outbox
    // Where each file is by now: under its hidden name or, after a name was taken, an earlier choice.
    var rejectsAt = rejects?.hiddenName
    var resultAt = result?.hiddenName
    let firstNumber = number
    while true {
      do {
        let receipt = completed(receipt)
        try earlier?.withdraw(
          from: outbox, names: names, receipt: receipt, rejects: rejects, result: result)
        rejectsAt = try place(rejects, at: rejectsAt, as: names.rejects)
        resultAt = try place(result, at: resultAt, as: names.result)
        try outbox.sync()
        if number != firstNumber {
          // Only now: killed before this, the next attempt looks from the old number on, and finds them.
          try context.store.reserveOutputNumber(
            task.taskID, number, resultName: result.map { _ in names.result },
            rejectsSHA256: rejects?.sha256)
        }
        if earlier != nil,
          try EarlierOutput.agrees(names.receipt, with: receipt, in: outbox)
        {
          return receipt
        }
        let sealed = try seal(receipt)
        _ = try place(sealed, at: sealed.hiddenName, as: names.receipt)
        try outbox.sync()
        return receipt
      } catch let error as FileError where error.isTaken {
        // Somebody else put a file under one of our names after they were reserved.
        context.names.release(names, of: task.taskID)
        (number, names) = try Self.reserve(task, from: number + 1, earlier: earlier, context)
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
    } catch {
      guard error.isTaken, earlier != nil, file.role != .receipt,
        try outbox.sha256(of: name) == file.sha256
      else { throw error }
      try outbox.remove(current)
    }
    return name
  }

  private func completed(_ receipt: Receipt) -> Receipt {
    var receipt = receipt
    receipt.rejectsName = rejects.map { _ in names.rejects.text }
    receipt.resultName = result.map { _ in names.result.text }
    receipt.resultBytes = result?.bytes
    receipt.resultSHA256 = result?.sha256
    return receipt
  }

  private func seal(_ receipt: Receipt) throws -> SealedFile {
    var file = try OutboxFile(.receipt, of: task.taskID, in: context.folders.outbox)
    try file.write(receipt.json)
    return try file.seal()
  }

  private static func reserve(
    _ task: TaskRecord, from number: UInt32, earlier: EarlierOutput?, _ context: PipelineContext
  ) throws -> (UInt32, OutputNames) {
    let outbox = context.folders.outbox
    return try context.names.reserve(for: task, from: number) { names in
      for name in names.all where try outbox.status(of: name) != nil {
        guard let earlier, try earlier.owns(name, of: names, in: outbox) else { return false }
      }
      return true
    }
  }
}
