import NIOCore
import Operations
import TaskModel

/// The files of one request: all of them become tasks, or none.
///
/// Owned by the one task that reads the request. What comes is written in pieces of some size, each on a thread for what
/// blocks, and the next is read when it is written: so the memory is that of a piece, and a slow disk slows the client.
struct UploadBatch {
  let uploads: Uploads
  private var files: [Upload] = []
  private var pending: [UInt8] = []
  private var received: Int64 = 0
  private var digest: BodyDigest

  private static let piece = 256 << 10

  init(_ uploads: Uploads, declaring digest: BodyDigest) {
    self.uploads = uploads
    self.digest = digest
  }

  var isEmpty: Bool { files.isEmpty }

  /// Counts what came of the request, its files or not.
  mutating func count(_ piece: ByteBuffer) throws(Problem) {
    received += Int64(piece.readableBytes)
    if received > uploads.limit { throw .tooLarge(limit: uploads.limit) }
    digest.take(piece)
  }

  mutating func begin(_ name: FileName) async throws {
    files.append(try await Answer.blocking { [uploads] in try uploads.begin(name) })
  }

  mutating func write(_ bytes: some Sequence<UInt8>) async throws {
    pending += bytes
    if pending.count >= Self.piece { try await flush() }
  }

  /// Ends a file: its bytes are durable, and nothing of it is open any more, but it is a task only after `commit`.
  mutating func end() async throws {
    if !pending.isEmpty { try await flush() }
    guard let file = files.last else { return }
    try await Answer.blocking { try file.end() }
  }

  private mutating func flush() async throws {
    guard let file = files.last else { return }
    let bytes = pending
    pending.removeAll(keepingCapacity: true)
    try await Answer.blocking { try file.write(bytes) }
  }

  /// Makes tasks of all of it, where it is what the request declares.
  func commit(key: String?) async throws -> [UploadedFile] {
    try digest.check()
    return try await Answer.blocking { [uploads, files] in try uploads.commit(files, key: key) }
  }

  /// Leaves nothing of what is no task, before the request ends: a daemon that stops waits for it.
  func discard() async {
    await Answer.inAnyCase { [files] in
      for file in files { file.discard() }
    }
  }
}
