import Files
import Logging
import TaskModel
import TaskStore

/// Gives a task's sealed files their names in the outbox: rejects, then the result, then the receipt.
///
/// Each was synced under its hidden name. The directory is synced after the result and again after the
/// receipt, so that whoever finds a receipt, even after a power cut, finds what it speaks of
/// (fsync(2): the entry needs the directory's own sync).
///
/// A sync that fails is not tried again, for the kernel may have dropped what it could not write: what has a name goes back under
/// its hidden one, and the next attempt renames it anew, which a sync then has to hold. What a consumer has taken by then
/// cannot go back, and need not.
///
/// A task that was interrupted while it published goes on with what is not out yet (`Publication`). One that
/// runs again all the same may find what its earlier attempt published (`EarlierOutput`):
/// what it would write again stays as it is; what it now knows better, because settings changed
/// in between, is taken back first. The manifest had not said that it was done.
struct Publisher: ~Copyable {
  private let context: PipelineContext
  private let task: TaskRecord
  private let earlier: EarlierOutput?
  private let rejects: SealedFile?
  private let result: SealedFile?
  /// What an interrupted attempt published of just these files.
  private let published: Set<OutboxFile.Role>
  /// The number that the manifest has, or will before anything gets a name.
  private var recorded: UInt32
  /// Of that what somebody has taken since, by the names that they had.
  private let taken: [OutboxFile.Role: FileName]
  private(set) var number: UInt32
  private(set) var names: OutputNames

  init(
    _ stored: StoredTask, rejects: SealedFile?, result: SealedFile?, context: PipelineContext,
    resuming published: Set<OutboxFile.Role>? = nil
  ) throws {
    self.context = context
    self.published = published ?? []
    task = stored.record
    let earlier = EarlierOutput(of: stored, rejects: rejects, result: result)
    self.earlier = earlier
    self.rejects = rejects
    self.result = result
    (number, names, taken) = try Self.begin(
      stored, earlier: earlier,
      published: [rejects, result].compactMap(\.self)
        .filter { (published ?? []).contains($0.role) }, context)
    recorded = published == nil ? number : stored.outputNumber ?? 1
  }

  /// Reserves names, and finds what is under none of them any more.
  private static func begin(
    _ stored: StoredTask, earlier: EarlierOutput?, published: [SealedFile],
    _ context: PipelineContext
  ) throws -> (UInt32, OutputNames, taken: [OutboxFile.Role: FileName]) {
    let task = stored.record
    let recorded = stored.outputNumber ?? 1
    let (number, names) = try reserve(task, from: recorded, earlier: earlier, context)
    do throws(FileError) {
      var taken: [OutboxFile.Role: FileName] = [:]
      for file in published
      where try context.folders.outbox.sha256(of: names[file.role]) != file.sha256 {
        taken[file.role] = OutputNames(input: task.rawName, number: recorded)[file.role]
      }
      return (number, names, taken)
    } catch {
      context.names.release(names, of: task.taskID)
      throw error
    }
  }

  /// What the result is called, or was before it was taken.
  var resultName: FileName { taken[.result] ?? names.result }

  /// Makes durable, under hidden names, all that is to be published and what tells an interrupted publication how far
  /// it came (`Publication`); called before the manifest says `publishing`.
  func prepare() throws(FileError) {
    let outbox = context.folders.outbox
    try OutboxFile.touch(.receipt, of: task.taskID, in: outbox)
    try OutboxFile.touch(.publishing, of: task.taskID, in: outbox)
    try outbox.sync(since: context.folders.outboxMark)
  }

  deinit { context.names.release(names, of: task.taskID) }

  /// Publishes everything; the receipt comes with all but the names, which are filled in here.
  ///
  /// - Returns: The receipt as it lies in the outbox.
  @discardableResult
  mutating func publish(_ receipt: Receipt) throws -> Receipt {
    let outbox = context.folders.outbox
    // Where each file is by now: under its hidden name or, after a name was taken, an earlier choice.
    var rejectsAt = place(of: rejects)
    var resultAt = place(of: result)
    while true {
      do {
        let receipt = completed(receipt)
        if !published.contains(.receipt) {
          try earlier?.withdraw(
            from: outbox, names: names, receipt: receipt, rejects: rejects, result: result)
        }
        rejectsAt = try place(rejects, at: rejectsAt, as: names.rejects)
        resultAt = try place(result, at: resultAt, as: names.result)
        try syncOrTakeBack()
        try recordNumber()
        if published.contains(.receipt) { return receipt }
        if earlier != nil,
          try EarlierOutput.agrees(names.receipt, with: receipt, in: outbox)
        {
          return receipt
        }
        let sealed = try seal(receipt)
        _ = try place(sealed, at: sealed.hiddenName, as: names.receipt)
        try syncOrTakeBack()
        return receipt
      } catch let error as FileError where error.isTaken {
        // Somebody else put a file under one of our names after they were reserved.
        context.names.release(names, of: task.taskID)
        (number, names) = try Self.reserve(task, from: number + 1, earlier: earlier, context)
      }
    }
  }

  /// Where a file is as the publication begins; nil where it was taken.
  private func place(of file: SealedFile?) -> FileName? {
    guard let file, published.contains(file.role) else { return file?.hiddenName }
    return taken[file.role] == nil ? names[file.role] : nil
  }

  /// Tells the manifest under which number the names are.
  ///
  /// Before a file gets its first name, or a consumer could take it from under a name that, after a kill, nobody knows; and
  /// after one that has a name moves on to the next, for an attempt after a kill looks from the number in the manifest on.
  private mutating func recordNumber() throws {
    guard number != recorded else { return }
    try syncOrTakeBack()
    try context.store.reserveOutputNumber(
      task.taskID, number, resultName: result.map { _ in resultName },
      rejectsSHA256: rejects?.sha256)
    recorded = number
  }

  /// Renames a file, or finds that it has its name already.
  private mutating func place(
    _ file: SealedFile?, at current: FileName?, as name: FileName
  ) throws -> FileName? {
    guard let file, let current, current != name else { return current }
    if current == file.hiddenName { try recordNumber() }
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

  /// Makes durable what has a name by now.
  ///
  /// - Throws: That it is not; all that could go back is then under its hidden name again.
  private func syncOrTakeBack() throws(FileError) {
    let outbox = context.folders.outbox
    do throws(FileError) {
      try outbox.sync(since: context.folders.outboxMark)
    } catch {
      do throws(FileError) {
        // While a receipt is there, what it speaks of has to be.
        if try EarlierOutput.isReceipt(names.receipt, of: task.taskID, in: outbox) {
          try takeBack(.receipt, from: names.receipt)
        }
        for file in [result, rejects].compactMap(\.self)
        where try outbox.sha256(of: names[file.role]) == file.sha256 {
          try takeBack(file.role, from: names[file.role])
        }
      } catch let second {
        // On a file system that changes nothing any more no later sync succeeds either.
        context.logger.error(
          "what was not synced keeps its name: \(second)",
          metadata: ["task_id": "\(task.taskID)", "name": "\(task.name)"])
      }
      throw error
    }
  }

  private func takeBack(_ role: OutboxFile.Role, from name: FileName) throws(FileError) {
    let outbox = context.folders.outbox
    do throws(FileError) {
      try outbox.rename(name, to: outbox, as: OutboxFile.hiddenName(role, of: task.taskID))
    } catch  where error.isMissing {
      // A consumer was quicker.
      return
    }
  }

  private func completed(_ receipt: Receipt) -> Receipt {
    var receipt = receipt
    receipt.rejectsName = rejects.map { _ in (taken[.rejects] ?? names.rejects).text }
    receipt.resultName = result.map { _ in resultName.text }
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

extension OutputNames {
  fileprivate subscript(role: OutboxFile.Role) -> FileName {
    switch role {
    case .result: result
    case .rejects: rejects
    case .receipt, .publishing: receipt
    }
  }
}
