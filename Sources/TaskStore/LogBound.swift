import Synchronization

/// Keeps readers that overlap from making the log grow for ever.
///
/// A log begins anew only at a moment at which nobody reads from it. Where one reader always begins before the last one ends,
/// though none reads for long, there is no such moment ("checkpoint starvation",
/// https://www.sqlite.org/wal.html#avoiding_excessively_large_wal_files). So a log beyond the bound is checkpointed in
/// the mode TRUNCATE: all that is in it is copied, so that whoever begins to read from then on reads from the database alone, and
/// those who began before are waited for, `patience` at most.
///
/// Whoever reads for longer holds the log all the same, until that ends. It is tried again each time that the log has grown by the
/// bound once more. Cost: writers wait as well, half a second for each so many bytes.
final class LogBound: Sendable {
  /// Bytes; twice of what the file keeps when it begins anew by itself (`ConnectionSettings`).
  static let standard: Int64 = 128 << 20
  /// Milliseconds.
  static let patience: Int32 = 500

  private let bound: Int64
  /// From which size on it is tried next.
  private let next: Mutex<Int64>

  init(bytes: Int64) {
    bound = bytes
    next = Mutex(bytes)
  }

  /// Whether the caller is to empty the log, whose file has so many bytes.
  func isReached(by size: Int64) -> Bool {
    next.withLock { next in
      if size < bound { next = bound }
      guard size >= next else { return false }
      next = size + bound
      return true
    }
  }
}
