/// What groups are sorted by first: enough of the song to decide nearly always.
struct SortKey {
  let prefix: UInt64
  let group: UInt32
}

/// The groups of a tally in the order of the result; holds until the tally changes.
package struct SortedGroups: Sendable {
  fileprivate let order: [UInt32]

  package var count: Int { order.count }
}

extension Tally {
  /// Sorts the groups by the bytes of the song, then of the date.
  package borrowing func sorted() -> SortedGroups {
    var keys: [SortKey] = []
    keys.reserveCapacity(groups.count)
    for group in 0..<groups.count {
      keys.append(
        SortKey(prefix: unsafe orderingPrefix(groups.song(of: group)), group: UInt32(group)))
    }
    // A closure cannot borrow self, so the comparison sees the table through a pointer that ends here.
    unsafe withUnsafePointer(to: groups) { groups in
      keys.sort { left, right in
        if left.prefix != right.prefix { return left.prefix < right.prefix }
        let (a, b) = (Int(left.group), Int(right.group))
        let songs = unsafe compareBytes(groups.pointee.song(of: a), groups.pointee.song(of: b))
        if songs != 0 { return songs < 0 }
        return unsafe compareBytes(groups.pointee.date(of: a), groups.pointee.date(of: b)) < 0
      }
    }
    return SortedGroups(order: keys.map(\.group))
  }

  /// Calls `body` with each group and its exact sum, in order.
  ///
  /// The bytes are the tally's own and hold during the call only.
  package borrowing func forEachGroup<Failure: Error>(
    _ sorted: SortedGroups,
    _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, Int128) throws(Failure) -> Void
  ) throws(Failure) {
    for index in sorted.order {
      let group = Int(index)
      try unsafe body(groups.song(of: group), groups.date(of: group), groups.sum(of: group))
    }
  }

  /// Calls `body` with what the database is to keep, in the order of the groups.
  ///
  /// With `Keep.totals` that is one row a group; a sum outside Int64, which later runs of the file may
  /// bring back into range, is given in several rows whose sum it is. With `Keep.rows` it is every row
  /// that was added, the latest of a group first.
  package borrowing func forEachRow<Failure: Error>(
    _ sorted: SortedGroups,
    _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, Int64) throws(Failure) -> Void
  ) throws(Failure) {
    for index in sorted.order {
      let group = Int(index)
      let (song, date) = unsafe (groups.song(of: group), groups.date(of: group))
      switch keep {
      case .totals:
        var rest = groups.sum(of: group)
        repeat {
          let part = Int64(clamping: rest)
          try unsafe body(song, date, part)
          rest -= Int128(part)
        } while rest != 0
      case .rows:
        var link = groups.lastRow(of: group)
        while link != 0 {
          let row = rows[Int(link) - 1]
          try unsafe body(song, date, row.plays)
          link = row.previous
        }
      }
    }
  }
}
