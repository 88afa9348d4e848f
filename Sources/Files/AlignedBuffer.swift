import CLinux
import Glibc

/// Memory of a fixed size at an address that direct input and output accept.
///
/// Why it may be sent and accessed (`@unchecked Sendable`, unsafe pointers): the memory belongs to this one value,
/// and `append` writes within its capacity alone.
@safe
package struct AlignedBuffer: ~Copyable, @unchecked Sendable {
  private let base: UnsafeMutableRawPointer
  package let capacity: Int
  package private(set) var count = 0

  /// The largest logical block of today's devices, and the page size: what open(2), O_DIRECT, asks of addresses,
  /// lengths and offsets on all of them.
  package static let alignment = 4096

  /// - Parameter capacity: In bytes; a multiple of the alignment.
  package init(capacity: Int) {
    precondition(capacity > 0 && capacity % Self.alignment == 0)
    var memory: UnsafeMutableRawPointer?
    let code = unsafe posix_memalign(&memory, Self.alignment, capacity)
    guard code == 0, let memory = unsafe memory else {
      // Linux overcommits; where it does not, the process ends here, and the next start goes on.
      preconditionFailure("out of memory: \(capacity) bytes")
    }
    unsafe base = memory
    self.capacity = capacity
  }

  deinit { unsafe free(base) }

  package var isFull: Bool { count == capacity }

  /// Takes as many of the bytes as there is room for.
  ///
  /// - Returns: How many.
  package mutating func append(_ source: RawSpan) -> Int {
    let taken = min(source.byteCount, capacity - count)
    unsafe source.withUnsafeBytes { source in
      if let start = source.baseAddress, taken > 0 {
        unsafe (base + count).copyMemory(from: start, byteCount: taken)
      }
    }
    count += taken
    return taken
  }

  package mutating func removeAll() { count = 0 }

  fileprivate func withBytes(
    _ body: (RawSpan) throws(FileError) -> Void
  ) throws(FileError) {
    // The memory lives as long as this value, which is lent for the call.
    try body(unsafe RawSpan(_unsafeStart: base, byteCount: count))
  }
}

extension OpenFile {
  /// Writes what the buffer holds.
  package func write(_ buffer: borrowing AlignedBuffer) throws(FileError) {
    try buffer.withBytes { bytes throws(FileError) in try write(bytes) }
  }

  /// Has the file written past the page cache, where the file system can (open(2), O_DIRECT).
  ///
  /// A part that does not fit its alignment makes it go through the cache again: see `write`.
  package func setDirect() throws(FileError) {
    let code = linux_set_direct(descriptor)
    guard code == 0 || code == EINVAL else { throw FileError("write directly to", name, code) }
  }
}
