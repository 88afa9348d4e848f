import Crypto
import Files
import TaskModel

/// A file of the outbox in the making: under a hidden name of the task's own until it is whole.
///
/// It is written through a buffer, hashed on the way, and synced before it gets its name. The hidden name
/// holds the task id, so that start-up knows what a killed daemon left, and nobody else's file
/// can have it.
struct OutboxFile: ~Copyable {
  enum Role: String, CaseIterable {
    case result
    case rejects
    case receipt
  }

  private let role: Role
  private let hiddenName: FileName
  private var file: OpenFile
  private var hasher = SHA256()
  private(set) var bytesWritten: Int64 = 0

  /// Makes the hidden file, in place of one that an attempt before this one left.
  init(_ role: Role, of task: TaskID, in outbox: Directory) throws(FileError) {
    self.role = role
    hiddenName = Self.hiddenName(role, of: task)
    do throws(FileError) {
      file = try outbox.createFile(hiddenName)
    } catch  where error.isTaken {
      try outbox.remove(hiddenName)
      file = try outbox.createFile(hiddenName)
    }
  }

  mutating func write(_ bytes: [UInt8]) throws(FileError) {
    try file.write(bytes, count: bytes.count)
    hasher.update(data: bytes)
    bytesWritten += Int64(bytes.count)
  }

  /// Makes the contents durable; the name still is the hidden one.
  mutating func seal() throws(FileError) -> SealedFile {
    try file.sync()
    try file.close()
    return SealedFile(
      role: role, hiddenName: hiddenName, bytes: bytesWritten,
      sha256: hasher.finalize().hexadecimal)
  }

  /// Takes away what an attempt left half-written.
  static func removeAll(of task: TaskID, from outbox: Directory) throws(FileError) {
    for role in Role.allCases { try remove(role, of: task, from: outbox) }
  }

  static func remove(
    _ role: Role, of task: TaskID, from outbox: Directory
  ) throws(FileError) {
    try outbox.remove(hiddenName(role, of: task))
  }

  private static func hiddenName(_ role: Role, of task: TaskID) -> FileName {
    guard let name = FileName(".watchd-\(task).\(role.rawValue)") else {
      preconditionFailure("a task id and a word make a name")
    }
    return name
  }
}

/// A whole, synced file that waits for its name.
struct SealedFile: Sendable {
  let role: OutboxFile.Role
  let hiddenName: FileName
  let bytes: Int64
  let sha256: String
}
