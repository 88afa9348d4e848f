import ArgumentParser
import Files
import TaskModel

/// What the three commands that change tasks have in common.
struct ChangedTasks: ParsableArguments {
  @Argument(
    help: ArgumentHelp("Task ids, unique prefixes of such, or file names.", valueName: "TASK"),
    completion: .task)
  var tasks: [String]

  @Flag(help: "JSON with the manifest's column names, one task after another.")
  var json = false

  @OptionGroup var state: StateOption

  func validate() throws {
    if tasks.contains("") { throw ValidationError("TASK is empty: name a task") }
  }

  /// Does it with each; what is refused is told, and the others are done all the same.
  ///
  /// - Throws: Exit code 1 where one was refused.
  func run(_ command: (String) -> Command, done: String) throws {
    var isRefused = false
    for task in tasks {
      switch try command(task).run(in: state) {
      case .done(let bytes):
        if json {
          try StandardOutput.show(String(decoding: bytes, as: UTF8.self))
        } else {
          try StandardOutput.show("\(task.escapedForTerminal): \(done)\n")
        }
      case .refused(let sentence):
        isRefused = true
        StandardError.write("watchctl: \(sentence)\n")
      }
    }
    if isRefused { throw ExitCode(1) }
  }
}

/// `watchctl cancel`.
struct Cancel: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Takes tasks back that wait or run; nothing of them is left.")

  @OptionGroup var changed: ChangedTasks

  func run() throws { try changed.run(Command.cancel, done: "cancelled") }
}

/// `watchctl forget`.
struct Forget: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Takes exactly these tasks' rows out of the totals; results and originals stay.")

  @OptionGroup var changed: ChangedTasks

  func run() throws { try changed.run(Command.forget, done: "its rows do not count any more") }
}

/// `watchctl retry`.
struct Retry: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Has failed or cancelled tasks done again, with their ids.")

  @Option(
    help: ArgumentHelp(
      "A corrected file, which takes the place of the one task's original.", valueName: "FILE"),
    completion: .file())
  var file: String?

  @OptionGroup var changed: ChangedTasks

  func validate() throws {
    if file != nil, changed.tasks.count > 1 {
      throw ValidationError("--file is for one task: name one")
    }
  }

  func run() throws {
    let path = try file.map { try Arguments.wholePath(of: $0) }
    try changed.run({ .retry($0, file: path) }, done: "it is tried again")
  }
}
