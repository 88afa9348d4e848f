/// What a running task is at, besides what its record says.
package struct TaskMotion: Hashable, Sendable {
  /// How many batches it has in the database: what moves where a file is not read on.
  package var batches: Int
  /// Whether it goes over the part of its file that is loaded already.
  ///
  /// An attempt that goes on where another one was interrupted must know that the file is the same, and its hash.
  package var isGoingOver: Bool

  package init(batches: Int, isGoingOver: Bool) {
    self.batches = batches
    self.isGoingOver = isGoingOver
  }
}
