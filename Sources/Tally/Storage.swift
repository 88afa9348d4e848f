/// A growing array of trivial values, without copy on write and with nothing between an index and
/// its memory in release builds.
///
/// Why the unsafe accesses hold: the memory belongs to this one value, each index is checked against
/// `count`, and `Element` is trivial (`BitwiseCopyable`), so that nothing needs deinitialising.
@safe
struct Storage<Element: BitwiseCopyable>: ~Copyable {
  private var base: UnsafeMutablePointer<Element>
  private(set) var capacity: Int
  private(set) var count = 0

  init(minimumCapacity: Int = 16) {
    capacity = minimumCapacity
    unsafe base = .allocate(capacity: minimumCapacity)
  }

  deinit { unsafe base.deallocate() }

  var memoryInUse: Int { capacity * MemoryLayout<Element>.stride }

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

  /// Makes `count` elements, all alike.
  mutating func fill(with element: Element, count newCount: Int) {
    if newCount > capacity { grow(to: newCount) }
    unsafe base.initialize(repeating: element, count: newCount)
    count = newCount
  }

  mutating func removeAll() { count = 0 }

  @inline(never)
  private mutating func grow(to needed: Int) {
    let newCapacity = max(needed, capacity * 2)
    let newBase = UnsafeMutablePointer<Element>.allocate(capacity: newCapacity)
    unsafe newBase.moveInitialize(from: base, count: count)
    unsafe base.deallocate()
    unsafe base = newBase
    capacity = newCapacity
  }
}
