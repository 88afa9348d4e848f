import Dispatch
import Files
import Synchronization
import TaskModel

/// The results that are being looked at as tables: the last ones are kept, so that their next page does not cost a pass
/// over the file.
///
/// A table is of one file as it was when its hash was compared, not of its bytes: another file with the same ones, of a
/// duplicate, may be changed or go when this one does not. Who asks for a table that is just being made waits for it.
package final class ResultTables: Sendable {
  private struct State {
    /// The last one asked for is the last.
    var kept: [(file: FileStatus, table: ResultTable)] = []
    /// Those who wait for one that is being made.
    var waiters: [FileStatus: [DispatchSemaphore]] = [:]
  }

  private enum Turn {
    case known(ResultTable)
    case wait(DispatchSemaphore)
    case make
  }

  /// Each keeps its file open.
  private static let most = 16
  private static let mostMemory = 64 << 20

  private let operations: Operations
  private let state = Mutex(State())

  package init(_ operations: Operations) {
    self.operations = operations
  }

  /// A page of the result of a task, as text for `Operations.task`.
  package func page(
    _ question: TableQuestion, of text: String, stop: PassStop
  ) throws -> TablePage {
    try answer(of: text, stop) { try $0.page(question, stop: stop) }
  }

  package func chart(of text: String, stop: PassStop) throws -> ResultChart {
    try answer(of: text, stop) { $0.chart }
  }

  /// Whether the answer needs no pass over a large file; nil for the chart.
  package func isBrief(_ question: TableQuestion?, of text: String) throws -> Bool {
    let (status, isHashed) = try operations.resultFile(of: text)
    if status.size <= Operations.briefSize { return true }
    guard isHashed, let table = known(status) else { return false }
    return question.map(table.isBrief) ?? true
  }

  private func answer<Answer>(
    of text: String, _ stop: PassStop, _ body: (ResultTable) throws -> Answer
  ) throws -> Answer {
    let content = try operations.openResult(of: text, stop: stop)
    let answer = try body(try table(of: content, stop))
    // What was read is what was hashed.
    try content.requireUnchanged()
    return answer
  }

  private func known(_ file: FileStatus) -> ResultTable? {
    state.withLock { state in
      guard let index = state.kept.firstIndex(where: { $0.file == file }) else { return nil }
      let entry = state.kept.remove(at: index)
      state.kept.append(entry)
      return entry.table
    }
  }

  private func table(of content: OutboxContent, _ stop: PassStop) throws -> ResultTable {
    while true {
      switch turn(for: content.status) {
      case .known(let table): return table
      case .wait(let woken):
        stop.whenStopped { woken.signal() }
        woken.wait()
        try stop.check()
      case .make: return try make(content, stop)
      }
    }
  }

  private func turn(for file: FileStatus) -> Turn {
    if let table = known(file) { return .known(table) }
    return state.withLock { state in
      guard state.waiters[file] != nil else {
        state.waiters[file] = []
        return .make
      }
      let woken = DispatchSemaphore(value: 0)
      state.waiters[file]?.append(woken)
      return .wait(woken)
    }
  }

  private func make(_ content: OutboxContent, _ stop: PassStop) throws -> ResultTable {
    var made: ResultTable?
    defer {
      let waiters = state.withLock { state in
        if let made { Self.keep(made, of: content.status, in: &state) }
        return state.waiters.removeValue(forKey: content.status) ?? []
      }
      // Where it failed, the first of them makes it.
      for waiter in waiters { waiter.signal() }
    }
    let table = try ResultTable(content, stop: stop)
    made = table
    return table
  }

  private static func keep(_ table: ResultTable, of file: FileStatus, in state: inout State) {
    state.kept.append((file, table))
    var memory = state.kept.reduce(0) { $0 + $1.table.memory }
    while state.kept.count > 1, memory > mostMemory || state.kept.count > most {
      memory -= state.kept.removeFirst().table.memory
    }
  }
}
