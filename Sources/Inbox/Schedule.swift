import TaskModel

/// Names by the time at which each is to be looked at again: a binary heap.
///
/// Adding and taking cost O(log n), so that thousands of files that settle at once do not cost
/// thousands of looks on each event. A name may stand in it more than once; which entry counts is
/// for the one who adds to say (`Candidate.due`).
struct Schedule {
  struct Entry {
    var due: SuspendingClock.Instant
    var name: FileName
  }

  private var heap: [Entry] = []

  /// The earliest time; nil where nothing waits.
  var next: SuspendingClock.Instant? { heap.first?.due }

  mutating func add(_ name: FileName, due: SuspendingClock.Instant) {
    heap.append(Entry(due: due, name: name))
    var index = heap.count - 1
    while index > 0 {
      let parent = (index - 1) / 2
      guard heap[index].due < heap[parent].due else { return }
      heap.swapAt(index, parent)
      index = parent
    }
  }

  /// Takes the earliest entry, where its time has come.
  mutating func takeDue(at now: SuspendingClock.Instant) -> Entry? {
    guard let first = heap.first, first.due <= now else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    sink()
    return first
  }

  mutating func removeAll() { heap.removeAll() }

  private mutating func sink() {
    var index = 0
    while true {
      let left = 2 * index + 1
      guard left < heap.count else { return }
      let right = left + 1
      let child = right < heap.count && heap[right].due < heap[left].due ? right : left
      guard heap[child].due < heap[index].due else { return }
      heap.swapAt(index, child)
      index = child
    }
  }
}
