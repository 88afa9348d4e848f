/// One value of an answer, of whatever type SQLite gives it.
package enum Cell: Hashable, Sendable {
  case null
  /// Exact sums may exceed SQLite's 64 bits.
  case integer(Int128)
  case real(Double)
  case text(String)
  case bytes([UInt8])
}
