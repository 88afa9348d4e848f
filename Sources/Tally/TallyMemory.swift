import Glibc
import Synchronization

/// Large pieces of memory that the tallies of one file hand on.
///
/// A tally is filled, handed over and let go of, and the next one is of much the same size. What comes anew from the
/// system has to be zeroed by it at the first touch, a huge page at a time; a piece that was used before has not.
///
/// Why the pointers are safe: a piece has one owner, this or the `Storage` that took it, and is of the size under which it is
/// kept.
package final class TallyMemory: Sendable {
  /// Why it may be sent (`@unchecked Sendable`): nobody else has the pieces.
  @safe
  private struct Kept: @unchecked Sendable {
    var pieces = unsafe [Int: [UnsafeMutableRawPointer]]()
    var isOpen = true
  }

  private let kept = Mutex(Kept())

  /// In bytes: what is smaller is not worth the search.
  static let leastSize = 256 << 10

  package init() {}

  deinit { close() }

  /// Gives all that is kept back to the system, and keeps nothing from now on.
  package func close() {
    kept.withLock { kept in
      let pieces = unsafe kept.pieces.values.flatMap { unsafe $0 }
      for index in unsafe pieces.indices { unsafe free(pieces[index]) }
      unsafe kept.pieces = [:]
      kept.isOpen = false
    }
  }

  /// A piece of exactly that size, if there is one; what is in it is what its last owner left.
  func take(size: Int) -> UnsafeMutableRawPointer? {
    unsafe kept.withLock { kept in unsafe kept.pieces[size]?.popLast() }
  }

  /// Takes a piece over.
  func give(_ piece: UnsafeMutableRawPointer, size: Int) {
    let isKept = kept.withLock { kept in
      if kept.isOpen { unsafe kept.pieces[size, default: []].append(piece) }
      return kept.isOpen
    }
    if !isKept { unsafe free(piece) }
  }
}
