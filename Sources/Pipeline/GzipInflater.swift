import CZlib
import TaskModel

/// Unpacks a gzip file (RFC 1952) as a stream: several members one after the other, as gzip(1) has it.
///
/// Memory is zlib's window and nothing more, whatever the file unpacks to.
///
/// Why the unsafe accesses hold: the stream state lies at an address of its own for the value's life, for
/// zlib keeps a pointer to it, and no other value has that address, so it may go to another thread; the two
/// buffers are the caller's and are used during a call only, and zlib never goes beyond the counts it
/// is given.
@safe
struct GzipInflater: ~Copyable, @unchecked Sendable {
  private let stream: UnsafeMutablePointer<z_stream>
  /// True between the end of one member and the first byte of the next.
  private var isBetweenMembers = false
  /// True once a member was read whole; the file may end then.
  private var hasMember = false

  init() {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 15 bits of window, and 16 for "gzip, not zlib" (zlib.h, inflateInit2).
    let code = unsafe inflateInit2_(
      stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(code == Z_OK, "zlib is the one we were built for, and there are 50 KiB to be had")
  }

  deinit {
    // Its result repeats what inflate has said.
    _ = unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// True where the file may end here.
  var isComplete: Bool { hasMember && isBetweenMembers }

  /// Unpacks as much as there is input, or room.
  ///
  /// - Returns: How many bytes of the input were used, and how many of the room.
  mutating func inflate(
    _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
  ) throws(GzipDamaged) -> (used: Int, made: Int) {
    var (used, made) = (0, 0)
    while used < input.count, made < room.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: input[used...])
      if isBetweenMembers {
        // Zeros behind the last member are padding (gzip(1) takes them so too).
        if unsafe rest[0] == 0 {
          used += 1
          continue
        }
        guard unsafe inflateReset(stream) == Z_OK else { throw GzipDamaged() }
        isBetweenMembers = false
      }
      let free = unsafe UnsafeMutableRawBufferPointer(rebasing: room[made...])
      unsafe stream.pointee.next_in = UnsafeMutablePointer(
        mutating: rest.assumingMemoryBound(to: UInt8.self).baseAddress)
      unsafe stream.pointee.avail_in = UInt32(rest.count)
      unsafe stream.pointee.next_out = free.assumingMemoryBound(to: UInt8.self).baseAddress
      unsafe stream.pointee.avail_out = UInt32(free.count)
      let code = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
      used += unsafe rest.count - Int(stream.pointee.avail_in)
      made += unsafe free.count - Int(stream.pointee.avail_out)
      switch code {
      case Z_OK: break
      case Z_STREAM_END: (isBetweenMembers, hasMember) = (true, true)
      default: throw GzipDamaged()
      }
    }
    return (used, made)
  }
}

/// The bytes are no gzip stream, or one whose checksum does not hold.
struct GzipDamaged: Error {}

extension FileFailure {
  /// What the sender is told; the byte counts in the file as it was sent.
  static func gzip(at byte: Int64, isTruncated: Bool) -> FileFailure {
    FileFailure(
      .encoding,
      isTruncated
        ? "The gzip stream ends early, at byte \(byte); pack the file and send it again."
        : "The file is no whole gzip stream (its first damage is before byte \(byte)); pack it and"
          + " send it again, or send it unpacked as NAME.csv.")
  }
}
