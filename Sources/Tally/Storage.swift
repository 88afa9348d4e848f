import Glibc

/// A growing array of trivial values, without copy on write and with nothing between an index and
/// its memory in release builds.
///
/// Large pieces ask for huge pages (madvise(2), MADV_HUGEPAGE): tables are read and written at places all over them, and
/// with pages of 4 KiB many of these accesses first have to find the page. What was never written takes
/// no memory, to the huge page.
///
/// Why the unsafe accesses hold: the memory belongs to this one value, each index is checked against
/// `count`, and `Element` is trivial (`BitwiseCopyable`), so that nothing needs deinitialising and bytes
/// may be moved. Sole ownership also is why it may go to another thread.
@safe
struct Storage<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
  private var base: UnsafeMutablePointer<Element>
  private(set) var capacity: Int
  private(set) var count = 0
  /// From where large pieces come and to where they go; nil for the system.
  private let memory: TallyMemory?
  /// What to grow to once it is large: each step on the way there costs a copy.
  private let expectedCapacity: Int

  init(
    minimumCapacity: Int = 16, expecting expectedCapacity: Int = 0, from memory: TallyMemory? = nil
  ) {
    capacity = minimumCapacity
    self.expectedCapacity = expectedCapacity
    self.memory = memory
    unsafe base = Self.allocate(capacity: minimumCapacity, from: memory)
  }

  deinit { unsafe Self.release(base, capacity: capacity, to: memory) }

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
    var newCapacity = max(needed, capacity * 2)
    if Self.size(newCapacity) >= TallyMemory.leastSize {
      newCapacity = max(newCapacity, expectedCapacity)
    }
    let bigger = unsafe Self.allocate(capacity: newCapacity, from: memory)
    unsafe bigger.moveInitialize(from: base, count: count)
    unsafe Self.release(base, capacity: capacity, to: memory)
    unsafe base = bigger
    capacity = newCapacity
  }

  private static func size(_ capacity: Int) -> Int { capacity * MemoryLayout<Element>.stride }

  private static func allocate(
    capacity: Int, from kept: TallyMemory?
  ) -> UnsafeMutablePointer<Element> {
    let size = size(capacity)
    let hugePage = 2 << 20
    if size >= TallyMemory.leastSize, let piece = unsafe kept?.take(size: size) {
      return unsafe piece.assumingMemoryBound(to: Element.self)
    }
    var memory: UnsafeMutableRawPointer?
    let code = unsafe posix_memalign(&memory, size >= 2 * hugePage ? hugePage : 64, size)
    guard code == 0, let memory = unsafe memory else {
      // Linux overcommits; where it does not, the process ends here, and the next start goes on.
      preconditionFailure(
        "out of memory: \(capacity) elements of \(MemoryLayout<Element>.stride) bytes")
    }
    // Advice: where it is not taken, everything works as before.
    if size >= 2 * hugePage { _ = unsafe madvise(memory, size, MADV_HUGEPAGE) }
    return unsafe memory.assumingMemoryBound(to: Element.self)
  }

  private static func release(
    _ base: UnsafeMutablePointer<Element>, capacity: Int, to kept: TallyMemory?
  ) {
    if let kept, size(capacity) >= TallyMemory.leastSize {
      unsafe kept.give(base, size: size(capacity))
    } else {
      unsafe free(base)
    }
  }
}
