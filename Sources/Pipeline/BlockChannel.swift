import Dispatch
import Files
import PlayRows
import TaskStore

/// A block on its way between two threads; whoever got it last may change it.
///
/// Why it may be sent (`@unchecked Sendable`): a channel gives it to one side at a time, and the side that gave it
/// away does not look at it again.
final class BlockBox: Reusable, @unchecked Sendable {
  var block: RowBlock
  /// Which run of the task the rows belong to.
  var run = 0
  /// The rows as they will be loaded, where whoever filled the block has laid them out.
  var image: RowImage?

  init(_ block: consuming RowBlock, run: Int = 0) {
    self.block = block
    self.run = run
  }

  func empty() {
    block.removeAll()
    image = nil
  }
}

/// What a channel hands over again and again.
protocol Reusable: AnyObject, Sendable {
  /// Takes out what was read.
  func empty()
}

typealias BlockChannel = Channel<BlockBox>

extension BlockChannel {
  convenience init(blocks: Int, limit: Int) {
    self.init((0..<blocks).map { _ in BlockBox(RowBlock(limit: limit)) })
  }
}

/// Hands blocks from a thread that fills them to one that reads them, and back when they are read, so that the
/// faster one waits and memory is that of the few blocks there are.
final class Channel<Box: Reusable>: Sendable {
  private struct State: Sendable {
    var empty: [Box]
    var full: [Box] = []
    var isClosed = false
    var isAbandoned = false
  }

  private let state: Monitor<State>

  init(_ empty: [Box]) { state = Monitor(State(empty: empty)) }

  /// An empty block to fill; nil where nobody reads any more.
  func takeEmpty() -> Box? {
    state.wait { state in
      if state.isAbandoned { return .ready(nil) }
      guard let box = state.empty.popLast() else { return .wait(until: nil) }
      return .ready(box)
    }
  }

  func put(_ box: Box) { state.change { $0.full.append(box) } }

  /// Says that no more blocks will come.
  func close() { state.change { $0.isClosed = true } }

  /// Says that no more blocks will be read.
  func abandon() { state.change { $0.isAbandoned = true } }

  /// The next block, in the order in which they were put; nil at the end.
  func takeFull() -> Box? {
    state.wait { state in
      if !state.full.isEmpty { return .ready(state.full.removeFirst()) }
      return state.isClosed ? .ready(nil) : .wait(until: nil)
    }
  }

  func giveBack(_ box: Box) {
    box.empty()
    state.change { $0.empty.append(box) }
  }
}

/// Work on a thread of its own, whose end is waited for by blocking.
final class BackgroundWork<Success: Sendable, Failure: Error>: Sendable {
  private let result = Monitor<Result<Success, Failure>?>(nil)

  /// - Parameters:
  ///   - name: Of the thread.
  ///   - yieldsToOthers: True for work that another thread of the process is not to wait for.
  ///   - body: The work.
  /// - Throws: That the system has no thread to give.
  init(
    named name: String, yieldsToOthers: Bool = false,
    _ body: @escaping @Sendable () throws(Failure) -> Success
  ) throws(FileError) {
    try SystemThread.start(named: name) { [result] in
      if yieldsToOthers { SystemThread.yieldToOthers() }
      let outcome = Result(catching: body)
      result.change { $0 = outcome }
    }
  }

  /// Waits until the work has ended, for so long at most; true where it has.
  func hasEnded(within patience: Duration) -> Bool {
    let deadline = DispatchTime.after(patience)
    return result.wait { result in
      if result != nil { return .ready(true) }
      return DispatchTime.now() < deadline ? .wait(until: deadline) : .ready(false)
    }
  }

  /// Waits until the work has ended.
  func join() -> Result<Success, Failure> {
    result.wait { result in result.map { .ready($0) } ?? .wait(until: nil) }
  }
}
