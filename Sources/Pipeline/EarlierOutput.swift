import ContentHash
import Crypto
package import Files
import Foundation
import TaskModel
import TaskStore

/// How to know, in the outbox, what an interrupted attempt of the same task published.
///
/// The result and the rejects by their hashes, which the manifest has since before they got their names, or
/// by being what this attempt writes again; the receipt by its task id. Anything else is somebody's
/// file and is never touched.
struct EarlierOutput: Sendable {
  private let task: TaskID
  private let name: FileName
  private let number: UInt32
  private let resultHashes: Set<String>
  private let rejectsHashes: Set<String>

  /// Nil where no attempt before this one came so far as to have names.
  init?(of stored: StoredTask, rejects: SealedFile?, result: SealedFile?) {
    guard let number = stored.outputNumber else { return nil }
    self.number = number
    task = stored.record.taskID
    name = stored.record.rawName
    resultHashes = Set([stored.resultSHA256, result?.sha256].compactMap(\.self))
    rejectsHashes = Set([stored.rejectsSHA256, rejects?.sha256].compactMap(\.self))
  }

  /// Whether an existing file is this task's.
  func owns(
    _ name: FileName, of names: OutputNames, in outbox: Directory
  ) throws(FileError) -> Bool {
    if name == names.receipt { return try Self.isReceipt(name, of: task, in: outbox) }
    guard let hash = try outbox.sha256(of: name) else { return false }
    return (name == names.result ? resultHashes : rejectsHashes).contains(hash)
  }

  /// Takes back what the earlier attempt published and this one contradicts: the receipt first, for
  /// while it is there what it speaks of has to be.
  func withdraw(
    from outbox: Directory, names: OutputNames, receipt: Receipt, rejects: SealedFile?,
    result: SealedFile?
  ) throws {
    if try owns(names.receipt, of: names, in: outbox),
      try !Self.agrees(names.receipt, with: receipt, in: outbox)
    {
      try outbox.remove(names.receipt)
    }
    let files = [
      (names.result, result, resultHashes), (names.rejects, rejects, rejectsHashes),
    ]
    for (name, file, hashes) in files {
      guard let hash = try outbox.sha256(of: name), hashes.contains(hash), hash != file?.sha256
      else { continue }
      try outbox.remove(name)
    }
  }

  /// Takes back all that it published, the receipt first.
  ///
  /// And before it what stands for this outbox: what is missing from here on was not taken by a consumer.
  func withdraw(from outbox: Directory) throws {
    // Made before it is removed: where the sync of a removal has failed, only another removal is held by the next one.
    try OutboxFile.touch(.publishing, of: task, in: outbox)
    try OutboxFile.remove(.publishing, of: task, from: outbox)
    try outbox.sync()
    for name in try published(in: outbox) { try outbox.remove(name) }
    try outbox.sync()
  }

  /// The same where the receipt, too, is this task's: else names and contents may be a later task's by now.
  ///
  /// The receipt comes last, so that who was killed after the first of them knows the others again.
  func stillPublished(in outbox: Directory) throws(FileError) -> [FileName] {
    let names = OutputNames(input: name, number: number)
    guard try owns(names.receipt, of: names, in: outbox) else { return [] }
    return try published(in: outbox).reversed()
  }

  /// What of it lies in the outbox, the receipt first: while that is there, what it speaks of has to be.
  func published(in outbox: Directory) throws(FileError) -> [FileName] {
    let names = OutputNames(input: name, number: number)
    // A set of names is had as a whole: what lies beside a receipt of another task is that one's, whatever its bytes.
    if try outbox.status(of: names.receipt) != nil,
      try !owns(names.receipt, of: names, in: outbox)
    {
      return []
    }
    var published: [FileName] = []
    for name in [names.receipt, names.result, names.rejects]
    where try owns(name, of: names, in: outbox) {
      published.append(name)
    }
    return published
  }

  /// Whether there is a receipt of a task under a name.
  static func isReceipt(
    _ name: FileName, of task: TaskID, in outbox: Directory
  ) throws(FileError) -> Bool {
    try receipt(name, in: outbox)?.task == "\(task)"
  }

  /// Whether a published receipt says the same, its times aside.
  static func agrees(
    _ name: FileName, with receipt: Receipt, in outbox: Directory
  ) throws -> Bool {
    guard let published = try Self.receipt(name, in: outbox) else { return false }
    let ours = try JSONSerialization.jsonObject(with: Data(receipt.json))
    return withoutTimes(published.object) == withoutTimes(ours as? [String: Any] ?? [:])
  }

  private static func withoutTimes(_ receipt: [String: Any]) -> NSDictionary {
    receipt.filter { !$0.key.hasSuffix("_at") } as NSDictionary
  }

  private static func receipt(
    _ name: FileName, in outbox: Directory
  ) throws(FileError) -> (object: [String: Any], task: String?)? {
    // A receipt is small; what is not small is none.
    guard let file = try outbox.openFile(name), try file.status().size < 1 << 20 else { return nil }
    let bytes = try file.readAll()
    do {
      guard let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
      else { return nil }
      return (object, object["task_id"] as? String)
    } catch {
      // Not JSON, so somebody else's file.
      return nil
    }
  }
}

extension Directory {
  /// Of the bytes of a regular file, 64 hexadecimal digits; nil where there is none of that name.
  func sha256(of name: FileName) throws(FileError) -> String? {
    guard let file = try openFile(name) else { return nil }
    return try file.sha256()
  }
}

extension OpenFile {
  /// Of the bytes from where it stands to its end, 64 hexadecimal digits.
  package func sha256() throws(FileError) -> String {
    guard let hash = try sha256(isStopped: { false }) else {
      preconditionFailure("nobody stopped it")
    }
    return hash
  }

  /// - Parameter isStopped: Asked between two pieces.
  /// - Returns: The same; nil where it was stopped.
  /// - Throws: What the file system says.
  package func sha256(isStopped: () -> Bool) throws(FileError) -> String? {
    var hasher = SHA256()
    var buffer = [UInt8](repeating: 0, count: 256 << 10)
    while !isStopped() {
      let count = try fill(&buffer)
      hasher.update(data: buffer[..<count])
      if count < buffer.count { return hasher.finalize().hexadecimal }
    }
    return nil
  }
}

extension Receipt {
  /// Indented, with sorted keys and a final newline; nothing in it steers the terminal of who looks at it.
  package var json: [UInt8] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let text = String(decoding: try encoder.encode(self), as: UTF8.self)
      return Array((text.withInvisibleEscaped + "\n").utf8)
    }
  }
}
