import ArgumentParser
import Files
import Foundation
import Operations
import TaskModel

/// `watchctl status`: every task, or one whole.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows every task, or one with its history.")

  @Argument(
    help: ArgumentHelp("A task id, a unique prefix of one, or a file name.", valueName: "TASK"),
    completion: .task)
  var task: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Only tasks of this status: queued, running, done, duplicate, failed or cancelled.",
      valueName: "STATUS"))
  var status: TaskStatus?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "At most so many, the newest first. Default: 100 in the table, all as JSON.", valueName: "N"))
  var limit: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Only tasks queued since then: a day (2026-01-31) or a time (2026-01-31T10:00:00Z) in UTC, or a time "
        + "ago such as 2h.",
      valueName: "TIME"))
  var since: Moment?

  @Flag(help: "JSON with the manifest's column names.")
  var json = false

  @Flag(help: "Redraws twice a second, until interrupted.")
  var watch = false

  @OptionGroup var state: StateOption

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1 on") }
    if task != nil, status != nil || limit != nil || since != nil {
      throw ValidationError("--status, --limit and --since choose among all tasks: leave TASK out")
    }
    if watch && json { throw ValidationError("--watch draws a table: leave --json out") }
  }

  func run() throws {
    if json, task == nil { return try list() }
    guard watch else { return try StandardOutput.show(try answer()) }
    var screen = Screen()
    var speeds = Speeds()
    try screen.show { try table(&speeds) }
  }

  private func answer() throws -> String {
    if json, let task {
      return try AnswerJSON.text(of: state.withOperations { try $0.task(matching: task) })
    }
    var speeds = Speeds()
    return try table(&speeds)
  }

  private func list() throws {
    var output = StandardOutput()
    var list = AnswerJSON.List()
    try state.withOperations { operations in
      try operations.forEachPage(of: filter) { try output.write(try list.text(of: $0)) }
    }
    try output.write(list.end())
    try output.flush()
  }

  private func table(_ speeds: inout Speeds) throws -> String {
    if let task {
      let (detail, motions) = try state.withOperations {
        (try $0.task(matching: task), try $0.motions())
      }
      speeds.note([detail.record], motions: motions, at: .now)
      return TaskPage.text(of: detail, speeds: speeds)
    }
    let terminal = Terminal.ofStandardOutput()
    let (tasks, counts, motions, isLeft) = try state.withOperations { operations in
      let counts = try operations.counts()
      // Asked only where somebody should be at work: the kernel may take 20 ms to tell.
      let isLeft = try counts.keys.contains { !$0.isFinal } && operations.daemon() == nil
      return (
        try shownTasks(operations, on: terminal), counts, try operations.motions(), isLeft
      )
    }
    speeds.note(tasks, motions: motions, at: .now)
    return TaskTable.text(
      of: tasks, counts: counts, speeds: speeds, terminal: terminal, now: .now())
      + (isLeft ? "The daemon does not run: start watchd.\n" : "")
  }

  /// Of very many tasks the newest are what a person looks for.
  private static let shown = 100

  private func shownTasks(_ operations: Operations, on terminal: Terminal) throws -> [TaskRecord] {
    var filter = filter
    if limit == nil { filter.limit = Self.shown }
    guard watch, limit == nil, let height = terminal.height else {
      return try operations.tasks(filter)
    }
    // A picture that is drawn again and again must not scroll away; title, gap, summary and what may stand below it take five lines.
    var room = max(1, height - 5)
    filter.limit = room
    let newest = try operations.tasks(filter)
    // What runs is older than all that waits, and is what a person watches.
    let running = status == nil && since == nil ? try operations.running() : []
    let chosen =
      running.reversed() + newest.filter { task in !running.contains { $0.taskID == task.taskID } }
    return Array(
      chosen.prefix { task in
        room -= TaskTable.lines(of: task, on: terminal)
        return room >= 0
      })
  }

  private var filter: Operations.Filter {
    Operations.Filter(status: status, since: since?.timestamp, limit: limit)
  }
}

/// A moment, given as such or as a time ago.
struct Moment: ExpressibleByArgument {
  let timestamp: Timestamp

  init?(argument: String) {
    // As the manifest has it, or without what is zero.
    let spellings = [argument, argument.replacing("Z", with: ".000Z"), argument + "T00:00:00.000Z"]
    if let timestamp = spellings.lazy.compactMap({ Timestamp($0) }).first {
      self.timestamp = timestamp
    } else if let ago = Duration(setting: argument) {
      let now = Int64(Date().timeIntervalSince1970 * 1000)
      timestamp = Timestamp(milliseconds: now - ago.components.seconds * 1000)
    } else {
      return nil
    }
  }
}

extension TaskStatus: ExpressibleByArgument {}
