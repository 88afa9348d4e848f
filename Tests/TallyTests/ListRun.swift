@testable import Tally

/// A sorted run that lies in memory, and that is as unkind as a database: the bytes of a row are gone
/// with the next `advance`.
///
/// A copy shares the page, so that one run must not be merged with its own copy.
///
/// Why the pointers hold: the page lives as long as the run refers to it, is as long as the longest key
/// of the run, and a row's key is copied into it before it is shown.
@safe
struct ListRun: SortedRun {
  /// The run cannot go on.
  struct Broken: Error {}

  @safe private final class Page {
    let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
      unsafe bytes = .allocate(byteCount: byteCount, alignment: 1)
    }

    deinit { unsafe bytes.deallocate() }
  }

  private let rows: [Row]
  private let breaksAt: Int?
  private let page: Page
  private var next = 0

  /// - Parameters:
  ///   - rows: In the order of their keys; keys may come more than once.
  ///   - breaksAt: The row at which `advance` throws.
  init(_ rows: [Row], breaksAt: Int? = nil) {
    self.rows = rows
    self.breaksAt = breaksAt
    page = Page(byteCount: rows.map { $0.key.song.count + $0.key.date.count }.max() ?? 0)
  }

  mutating func advance() throws -> Bool {
    if next == breaksAt { throw Broken() }
    for index in unsafe page.bytes.indices { unsafe page.bytes[index] = 0xAA }
    next += 1
    guard next <= rows.count else { return false }
    let key = rows[next - 1].key
    unsafe page.bytes.copyBytes(from: key.song + key.date)
    return true
  }

  var song: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(rebasing: page.bytes[..<rows[next - 1].key.song.count])
  }

  var date: UnsafeRawBufferPointer {
    let key = rows[next - 1].key
    let end = key.song.count + key.date.count
    return unsafe UnsafeRawBufferPointer(rebasing: page.bytes[key.song.count..<end])
  }

  var plays: Int64 { rows[next - 1].plays }
}

/// Merges runs and lists the groups.
func merged(_ runs: [ListRun]) throws -> [Group] {
  var groups: [Group] = []
  var merge = try RunMerge(runs)
  try unsafe merge.forEachGroup { song, date, sum in
    groups.append(Group(unsafe Key(Array(song), Array(date)), sum))
  }
  return groups
}
