import Glibc

/// A growing array of trivial values, without copy on write and with nothing between an index and
/// its memory in release builds.
///
/// It grows by realloc(3), which moves large pieces by changing the page table (mremap(2)): no moment has the
/// old and the new piece in memory, and what was never written takes none.
///
/// Why the unsafe accesses hold: the memory belongs to this one value, each index is checked against
/// `count`, and `Element` is trivial (`BitwiseCopyable`), so that nothing needs deinitialising and bytes
/// may be moved. Sole ownership also is why it may go to another thread.
@safe
struct Storage<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
  private var base: UnsafeMutablePointer<Element>
  private(set) var capacity: Int
  private(set) var count = 0

  init(minimumCapacity: Int = 16) {
    capacity = minimumCapacity
    unsafe base = Self.reallocate(nil, capacity: minimumCapacity)
  }

  deinit { unsafe free(base) }

  /// Bytes of the elements there are; what lies behind them was never touched.
  var memoryInUse: Int { count * MemoryLayout<Element>.stride }

  /// The elements; the pointer holds until the next call that may grow the storage.
  var start: UnsafeMutablePointer<Element> {
    @inline(__always) get { unsafe base }
  }

  subscript(index: Int) -> Element {
    @inline(__always) get {
      precondition(index >= 0 && index < count)
      return unsafe base[index]
    }
    @inline(__always) set {
      precondition(index >= 0 && index < count)
      unsafe base[index] = newValue
    }
  }

  @inline(__always)
  mutating func append(_ element: Element) {
    if count == capacity { grow(to: count + 1) }
    unsafe (base + count).initialize(to: element)
    count += 1
  }

  /// Appends elements that lie elsewhere.
  @inline(__always)
  mutating func append(contentsOf source: UnsafePointer<Element>, count added: Int) {
    if count + added > capacity { grow(to: count + added) }
    unsafe (base + count).initialize(from: source, count: added)
    count += added
  }

  /// Appends elements that are all alike.
  mutating func append(repeating element: Element, count added: Int) {
    if count + added > capacity { grow(to: count + added) }
    unsafe (base + count).initialize(repeating: element, count: added)
    count += added
  }

  mutating func removeAll() { count = 0 }

  @inline(never)
  private mutating func grow(to needed: Int) {
    let newCapacity = max(needed, capacity * 2)
    unsafe base = Self.reallocate(base, capacity: newCapacity)
    capacity = newCapacity
  }

  private static func reallocate(
    _ old: UnsafeMutablePointer<Element>?, capacity: Int
  ) -> UnsafeMutablePointer<Element> {
    guard let memory = unsafe realloc(old, capacity * MemoryLayout<Element>.stride) else {
      // Linux overcommits; where it does not, the process ends here, and the next start goes on.
      preconditionFailure(
        "out of memory: \(capacity) elements of \(MemoryLayout<Element>.stride) bytes")
    }
    return unsafe memory.assumingMemoryBound(to: Element.self)
  }
}
