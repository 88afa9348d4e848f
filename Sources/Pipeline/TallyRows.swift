import Tally
import TaskStore

/// The rows of a tally on their way into the database, in the order of its groups.
///
/// Why the pointer holds: a value is made only within `with`, which borrows the tally for as long.
@safe
struct TallyRows: PlayRowSource {
  private let tally: UnsafePointer<Tally>
  private let sorted: SortedGroups

  /// Lends a tally as a source of rows.
  static func with<Result>(
    _ tally: borrowing Tally, sorted: SortedGroups,
    _ body: (inout TallyRows) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    try unsafe withUnsafePointer(to: tally) { (pointer) throws(StoreError) -> Result in
      var rows = unsafe TallyRows(tally: pointer, sorted: sorted)
      return try body(&rows)
    }
  }

  mutating func forEachRow(
    _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, Int64) throws(StoreError) -> Void
  ) throws(StoreError) {
    try unsafe tally.pointee.forEachRow(sorted, body)
  }
}

extension StoredRun: SortedRun {}
