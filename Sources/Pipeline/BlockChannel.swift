import Files
import PlayRows
import TaskStore

/// A block on its way between two threads; whoever got it last may change it.
///
/// Why it may be sent (`@unchecked Sendable`): a channel gives it to one side at a time, and the side that gave it
/// away does not look at it again.
final class BlockBox: @unchecked Sendable {
  var block: RowBlock
  /// Which run of the task the rows belong to.
  var run = 0
  /// The rows as they will be loaded, where whoever filled the block has laid them out.
  var image: RowImage?

  init(_ block: consuming RowBlock, run: Int = 0) {
    self.block = block
    self.run = run
  }
}

/// Hands blocks from a thread that fills them to one that reads them, and back when they are read, so that the
/// faster one waits and memory is that of the few blocks there are.
final class BlockChannel: Sendable {
  private struct State: Sendable {
    var empty: [BlockBox]
    var full: [BlockBox] = []
    var isClosed = false
    var isAbandoned = false
  }

  private let state: Monitor<State>

  init(blocks: Int, limit: Int) {
    state = Monitor(State(empty: (0..<blocks).map { _ in BlockBox(RowBlock(limit: limit)) }))
  }

  /// An empty block to fill; nil where nobody reads any more.
  func takeEmpty() -> BlockBox? {
    state.wait { state in
      if state.isAbandoned { return .ready(nil) }
      guard let box = state.empty.popLast() else { return .wait(until: nil) }
      return .ready(box)
    }
  }

  func put(_ box: BlockBox) { state.change { $0.full.append(box) } }

  /// Says that no more blocks will come.
  func close() { state.change { $0.isClosed = true } }

  /// Says that no more blocks will be read.
  func abandon() { state.change { $0.isAbandoned = true } }

  /// The next block, in the order in which they were put; nil at the end.
  func takeFull() -> BlockBox? {
    state.wait { state in
      if !state.full.isEmpty { return .ready(state.full.removeFirst()) }
      return state.isClosed ? .ready(nil) : .wait(until: nil)
    }
  }

  func giveBack(_ box: BlockBox) {
    box.block.removeAll()
    box.image = nil
    state.change { $0.empty.append(box) }
  }
}

/// Work on a thread of its own, whose end is waited for by blocking.
final class BackgroundWork<Success: Sendable>: Sendable {
  private let result = Monitor<Result<Success, any Error>?>(nil)

  init(
    named name: String, _ body: @escaping @Sendable () throws -> Success
  ) throws(FileError) {
    try SystemThread.start(named: name) { [result] in
      let outcome = Result(catching: body)
      result.change { $0 = outcome }
    }
  }

  /// Waits until the work has ended.
  func join() -> Result<Success, any Error> {
    result.wait { result in result.map { .ready($0) } ?? .wait(until: nil) }
  }
}
