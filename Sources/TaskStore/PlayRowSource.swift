/// Rows on their way into the database, handed over one at a time as borrowed bytes.
///
/// The bytes are valid during the call of `body` only, and `body` keeps no pointer into them. A
/// transaction that fails is rolled back and may be tried again with the same source: it must then
/// give the same rows again.
package protocol PlayRowSource {
  /// Calls `body` once a row, in the order in which the rows shall lie in the database.
  ///
  /// - Parameter body: Takes the song and the date, as UTF-8 without NUL and maybe empty, and the
  ///   plays.
  /// - Throws: What `body` throws, which ends the iteration.
  mutating func forEachRow(
    _ body: (_ song: UnsafeRawBufferPointer, _ date: UnsafeRawBufferPointer, _ plays: Int64)
      throws(StoreError) -> Void
  ) throws(StoreError)
}

/// A source without rows: for a last batch that holds nothing.
package struct NoPlayRows: PlayRowSource {
  package init() {}

  package mutating func forEachRow(
    _ body: (_ song: UnsafeRawBufferPointer, _ date: UnsafeRawBufferPointer, _ plays: Int64)
      throws(StoreError) -> Void
  ) throws(StoreError) {}
}
