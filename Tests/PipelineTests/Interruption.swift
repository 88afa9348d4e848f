import Files
import Inbox
import TaskModel
import TaskStore
import Testing

@testable import Pipeline

/// How far a process came with a file before it was killed: each state that the manifest, the work
/// folder and the outbox can be in together.
enum Interruption: String, CaseIterable, CustomTestStringConvertible {
  case recorded
  case started
  case runInDatabase
  case resultHidden
  case prepared
  case ingested
  case resultNamed
  case receiptHidden
  case receiptNamed
  case finished

  var testDescription: String { rawValue }
}

extension Workplace {
  /// Takes a claimed file so far and no further, through the steps of `TaskRun` and with its means.
  func interrupt(_ claim: ClaimedFile, after last: Interruption) throws {
    let pipeline = pipeline()
    let context = pipeline.context
    try pipeline.record([claim])
    if last == .recorded { return }
    try store.start(claim.taskID, at: .now())
    let stored = try #require(try store.task(claim.taskID))
    if last == .started { return }
    let input = try InputFile(of: stored.record, in: folders.work)
    var ingest = try Ingest(stored.record, input: input, context: context)
    try ingest.run()
    if last == .runInDatabase { return try ingest.load(ingest.lastParts) }
    let totals = try Totals.write(of: stored.record, &ingest, context: context)
    if last == .resultHidden { return }
    let publisher = try Publisher(stored, rejects: nil, result: totals.file, context: context)
    let found = ingest.columns
    let columns = try #require(found)
    let summary = IngestSummary(
      progress: ingest.progress, sha256: ingest.sha256, groups: totals.groups,
      playsSum: totals.playsSum, columns: columns,
      outputNumber: publisher.number, resultName: publisher.names.result,
      resultBytes: totals.file.bytes, resultSHA256: totals.file.sha256, rejectsSHA256: nil)
    try publisher.prepare()
    if last == .prepared { return }
    _ = try store.finishIngest(
      claim.taskID, summary: summary, rows: totals.lastRows, of: totals.lastBlock, rejects: [],
      onDuplicate: .reuse, at: .now())
    try publish(stored, totals, as: publisher.names, until: last)
  }

  /// Takes a claimed file that is at fault so far that its rejects and receipt are out, and the manifest does
  /// not say yet that it failed.
  func interruptFailing(_ claim: ClaimedFile) throws {
    let pipeline = pipeline()
    try pipeline.record([claim])
    try store.start(claim.taskID, at: .now())
    let stored = try #require(try store.task(claim.taskID))
    var ingest = try Ingest(
      stored.record, input: try InputFile(of: stored.record, in: folders.work),
      context: pipeline.context)
    try ingest.run()
    let rejects = try ingest.sealRejects()
    var publisher = try Publisher(
      stored, rejects: rejects, result: nil, context: pipeline.context)
    try publisher.prepare()
    let found = ingest.failure
    let failure = try #require(found)
    try store.beginFailing(
      claim.taskID, failure, progress: ingest.progress, sha256: ingest.wholeSHA256,
      columns: ingest.columns, rejects: ingest.takePendingRejects(),
      outputNumber: publisher.number, rejectsSHA256: rejects?.sha256)
    var receipt = Receipt(of: stored.record, status: .failed)
    receipt.error = failure.sentence
    try publisher.publish(receipt)
  }

  /// The steps of `Publisher.publish` and `TaskRun.succeed` one by one.
  private func publish(
    _ stored: StoredTask, _ totals: borrowing Totals, as names: OutputNames,
    until last: Interruption
  ) throws {
    if last == .ingested { return }
    let task = stored.record
    let outbox = folders.outbox
    try outbox.rename(totals.file.hiddenName, to: outbox, as: names.result)
    if last == .resultNamed { return }
    var receipt = Receipt(of: task, status: .done)
    receipt.resultName = names.result.text
    var file = try OutboxFile(.receipt, of: task.taskID, in: outbox)
    try file.write(receipt.json)
    let sealed = try file.seal()
    if last == .receiptHidden { return }
    try outbox.rename(sealed.hiddenName, to: outbox, as: names.receipt)
    if last == .receiptNamed { return }
    try store.finish(
      task.taskID, as: .done, resultName: names.result, resultBytes: totals.file.bytes,
      resultSHA256: totals.file.sha256, at: .now())
  }
}
