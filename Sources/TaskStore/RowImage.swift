package import PlayRows

/// Whose rows an image holds.
package struct RowOwner: Sendable {
  /// `manifest.id`.
  let task: Int64
}

/// Rows laid out for SQLite ahead of the transaction that loads them, by a thread that has the time: the one that
/// loads is what a large file waits for.
///
/// Why it may be sent (`@unchecked Sendable`): the memory is its own, and whoever made it hands it over and does not
/// look at it again.
package final class RowImage: @unchecked Sendable {
  fileprivate var image: SQLiteRowImage
  fileprivate let owner: RowOwner

  /// Lays out all rows of a block; nil where they have to be loaded in another way: they are few, one is
  /// too long, or there is no memory for it.
  package init?(of rows: borrowing RowBlock, owner: RowOwner) {
    guard rows.count >= SQLiteRowLoader.fewestForImage,
      var image = SQLiteRowImage(task: owner.task, byteCount: rows.byteCount)
    else { return nil }
    var place = 0
    while let row = rows.next(&place) {
      guard image.append(row) else { return nil }
    }
    self.owner = owner
    self.image = image
  }

  /// Runs a body with the image where it is of all rows of a block and of this task.
  func use<Failure: Error>(
    for rows: borrowing RowBlock, of task: Int64,
    _ body: (inout SQLiteRowImage) throws(Failure) -> Void
  ) throws(Failure) -> Bool {
    guard owner.task == task, image.rowCount == rows.count else { return false }
    try body(&image)
    return true
  }
}
