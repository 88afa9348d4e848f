import Files

/// Appends to a large file past the page cache, on a thread of its own.
///
/// What goes through the cache is copied into fresh pages, and the sync at the end waits for all of it. Written
/// directly, a part is on its way to the disk while the next one is made, and the sync finds little left to do.
struct DirectAppender: ~Copyable {
  /// Why it may be sent (`@unchecked Sendable`): the channel gives it to one side at a time.
  private final class Part: Reusable, @unchecked Sendable {
    var buffer = AlignedBuffer(capacity: 1 << 20)

    func empty() { buffer.removeAll() }
  }

  /// Why it may be sent (`@unchecked Sendable`): the thread that writes has it, and after that thread's end the appender.
  private final class Target: @unchecked Sendable {
    var file: OpenFile

    init(_ file: consuming OpenFile) { self.file = file }
  }

  private let parts: Channel<Part>
  private let target: Target
  private let writing: BackgroundWork<Void, FileError>
  private var filling: Part?

  /// - Parameter file: Stands at its end, which is a multiple of `AlignedBuffer.alignment`.
  /// - Throws: What the file system says, or that the system has no thread to give.
  init(_ file: consuming OpenFile) throws(FileError) {
    let (target, parts) = (Target(file), Channel((0..<4).map { _ in Part() }))
    try target.file.setDirect()
    writing = try BackgroundWork(named: "direct") { () throws(FileError) in
      defer { parts.abandon() }
      while let part = parts.takeFull() {
        try target.file.write(part.buffer)
        parts.giveBack(part)
      }
    }
    (self.target, self.parts) = (target, parts)
  }

  /// Ends the thread, wherever it is; where the file was not sealed, it is closed without more.
  deinit { parts.close() }

  /// - Throws: What the file system said of this part or one before it.
  mutating func write(_ bytes: RawSpan) throws(FileError) {
    var done = 0
    while done < bytes.byteCount {
      guard let part = filling ?? parts.takeEmpty() else {
        try end()
        preconditionFailure(
          "the thread ends by an error, or because of a seal, behind which nothing is written")
      }
      done += part.buffer.append(bytes.extracting(droppingFirst: done))
      filling = part
      if part.buffer.isFull { putFilling() }
    }
  }

  /// Makes all that was written durable, and closes the file.
  mutating func seal() throws(FileError) {
    putFilling()
    try end()
    try target.file.sync()
    try target.file.close()
  }

  private mutating func putFilling() {
    if let part = filling.take() { parts.put(part) }
  }

  private func end() throws(FileError) {
    parts.close()
    try writing.join().get()
  }
}
