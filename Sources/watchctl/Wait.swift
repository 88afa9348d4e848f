import ArgumentParser
import Foundation
import Operations
import TaskModel

/// `watchctl wait`: until tasks are over.
struct Wait: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Waits until tasks are over; the exit code says how they ended.",
    discussion: """
      Exit code 0: done, or a duplicate; 2: done, but records were rejected; 3: failed; 4: cancelled; \
      124: not over in time. Of several tasks the highest one. With the daemon down it waits for one to \
      be started. A file that still lies in the inbox under that name is waited for as well.
      """)

  @Argument(
    help: ArgumentHelp("Task ids, unique prefixes of them, or file names.", valueName: "TASK"),
    completion: .task)
  var tasks: [String]

  @OptionGroup var timeout: TimeoutOption

  @Flag(help: "JSON: the tasks that are over, and timed_out, what the others were called.")
  var json = false

  @OptionGroup var state: StateOption

  func run() throws {
    let code = try state.withReader { reader in
      var waiting = Waiting(reader)
      for task in tasks { try waiting.add(task) }
      return try EndsOfTasks(json: json).await(&waiting, until: timeout.deadline)
    }
    throw ExitCode(code)
  }
}

/// `--timeout`.
struct TimeoutOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Waits no longer: seconds, or a time such as 500ms or 5m. Default: for ever.", valueName: "S")
  )
  var timeout: Timeout?

  /// Counted from the call on.
  var deadline: ContinuousClock.Instant? { timeout.map { .now + $0.duration } }
}

struct Timeout: ExpressibleByArgument {
  let duration: Duration

  init?(argument: String) {
    if let duration = Duration(setting: argument) {
      self.duration = duration
    } else if let seconds = Double(argument), (0...1e9).contains(seconds) {
      duration = .seconds(seconds)
    } else {
      return nil
    }
  }
}

/// Says how tasks end, and with which exit code.
struct EndsOfTasks {
  let json: Bool

  private struct Answer: Encodable {
    var tasks: [TaskRecord] = []
    var timedOut: [String] = []

    private enum CodingKeys: String, CodingKey {
      case tasks
      case timedOut = "timed_out"
    }
  }

  /// - Returns: The worst exit code. One that nobody reads is still right.
  func await(
    _ waiting: inout Waiting, until deadline: ContinuousClock.Instant?
  ) throws -> Int32 {
    var answer = Answer()
    answer.timedOut = try waiting.wait(until: deadline) { task in
      answer.tasks.append(task)
      try show("\(task.name): \(task.endSentence)")
    }
    for name in answer.timedOut { try show("\(name): it is not over in time") }
    if json { try unlessUnread { try StandardOutput.show(try AnswerJSON.text(of: answer)) } }
    return answer.timedOut.isEmpty ? answer.tasks.map(\.exitCode).max() ?? 0 : 124
  }

  private func show(_ sentence: String) throws {
    if json { return }
    try unlessUnread { try StandardOutput.show(sentence.escapedForTerminal + "\n") }
  }

  private func unlessUnread(_ body: () throws -> Void) throws {
    do { try body() } catch is NobodyReads {
      // The exit code is the answer.
    }
  }
}
