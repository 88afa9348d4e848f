extension OpenFile {
  /// Reads until the buffer is full or the file ends.
  ///
  /// - Returns: The number of bytes read; fewer than the buffer holds only at the end of the file.
  package func fill(_ buffer: inout [UInt8]) throws(FileError) -> Int {
    var filled = 0
    while filled < buffer.count {
      // Both views end with the array they are made of, and live during the call.
      let count = try unsafe buffer.withUnsafeMutableBufferPointer { bytes throws(FileError) in
        let rest = unsafe UnsafeMutableBufferPointer(rebasing: bytes[filled...])
        return try unsafe read(into: UnsafeMutableRawBufferPointer(rest))
      }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// Reads from an offset until so many bytes are read or the file ends; where it stands does not change.
  package func read(at offset: Int64, count: Int) throws(FileError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    // The view ends with the array it is made of, and lives during the call.
    let filled = try unsafe buffer.withUnsafeMutableBufferPointer { bytes throws(FileError) in
      try unsafe read(at: offset, into: UnsafeMutableRawBufferPointer(bytes))
    }
    buffer.removeLast(count - filled)
    return buffer
  }

  /// Writes the first `count` bytes of the buffer.
  package func write(_ buffer: [UInt8], count: Int) throws(FileError) {
    // Bytes have no padding, which is what Span.bytes cannot know of every type.
    try write(unsafe buffer.span.bytes.extracting(first: count))
  }

  /// Appends all that is left to be read of another file.
  ///
  /// - Parameters:
  ///   - source: Read from where it stands.
  ///   - isStopped: Asked between two pieces of a megabyte.
  /// - Returns: False where it was stopped before the end.
  /// - Throws: What the file system says.
  package func write(
    contentsOf source: borrowing OpenFile, isStopped: () -> Bool = { false }
  ) throws(FileError) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      if isStopped() { return false }
      let count = try source.fill(&buffer)
      try write(buffer, count: count)
      if count < buffer.count { return true }
    }
  }

  /// Reads what is left of the file; for files that are known to be small.
  package func readAll() throws(FileError) -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = try fill(&buffer)
      all += buffer[..<count]
      if count < buffer.count { return all }
    }
  }
}
