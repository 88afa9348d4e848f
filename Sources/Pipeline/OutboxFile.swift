import ContentHash
import Crypto
import Files
import Glibc
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
    /// Empty: it stands for the outbox in which a task publishes, from before the manifest says so until it says how
    /// the task ended (`Publication`).
    case publishing
  }

  private let role: Role
  private let hiddenName: FileName
  /// Until it grows large; then `direct` has it.
  private var file: OpenFile?
  private var direct: DirectAppender?
  private var hasher = SHA256()
  private(set) var bytesWritten: Int64 = 0

  /// What lies behind so many bytes is written past the page cache; a multiple of the alignment that this asks for.
  ///
  /// A file that is no larger is synced soon enough, and its readers find it in the cache.
  private static let largeSize: Int64 = 8 << 20

  /// Makes the hidden file, in place of one that an attempt before this one left.
  init(_ role: Role, of task: TaskID, in outbox: Directory) throws(FileError) {
    self.role = role
    hiddenName = Self.hiddenName(role, of: task)
    do throws(FileError) {
      file = try outbox.createFile(hiddenName)
    } catch  where error.isTaken && role == .receipt {
      // That it is there says that the receipt is not published, at every moment.
      file = try outbox.emptyFile(hiddenName)
    } catch  where error.isTaken {
      try outbox.remove(hiddenName)
      file = try outbox.createFile(hiddenName)
    }
  }

  mutating func write(_ bytes: [UInt8]) throws(FileError) {
    // Bytes have no padding, which is what Span.bytes cannot know of every type.
    let span = unsafe bytes.span.bytes
    let first = min(bytes.count, max(0, Int(Self.largeSize - bytesWritten)))
    if first > 0 { try file?.write(span.extracting(first: first)) }
    if first < bytes.count {
      if let file = file.take() { direct = try DirectAppender(file) }
      try direct?.write(span.extracting(droppingFirst: first))
    }
    hasher.update(data: bytes)
    bytesWritten += Int64(bytes.count)
  }

  /// Makes the contents durable; the name still is the hidden one.
  mutating func seal() throws(FileError) -> SealedFile {
    // Neither is there where going on past the cache failed: what was written so far is lost with it.
    guard file != nil || direct != nil else { throw FileError("sync", hiddenName.text, EBADF) }
    try file?.sync()
    try file?.close()
    try direct?.seal()
    return SealedFile(
      role: role, hiddenName: hiddenName, bytes: bytesWritten,
      sha256: hasher.finalize().hexadecimal)
  }

  /// Makes it, or empties it, without anything in it.
  static func touch(_ role: Role, of task: TaskID, in outbox: Directory) throws(FileError) {
    var file = try OutboxFile(role, of: task, in: outbox)
    try file.file?.close()
  }

  /// Whose hidden file a name is; nil for any other name.
  static func task(ofHidden name: FileName) -> TaskID? {
    guard name.text.hasPrefix(prefix) else { return nil }
    let parts = name.text.dropFirst(prefix.count).split(separator: ".")
    guard parts.count == 2, Role(rawValue: String(parts[1])) != nil else { return nil }
    return TaskID(String(parts[0]))
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

  private static let prefix = ".watchd-"

  static func hiddenName(_ role: Role, of task: TaskID) -> FileName {
    guard let name = FileName("\(prefix)\(task).\(role.rawValue)") else {
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
