import ArgumentParser
import Operations
import TaskModel

/// `watchctl why`: one sentence for one file.
struct Why: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says in one sentence why a file is not, or not yet, loaded.",
    discussion: """
      The manifest is asked first: a task is queued behind others, waits to be tried again, is being \
      read, is done, failed at a line, or is a duplicate. A file without a task is looked for in the \
      inbox: still open by a writer, settling, left alone for its name or its kind, or not taken \
      because the daemon does not run.
      """)

  @Argument(
    help: ArgumentHelp(
      "A file's name or path, a task id, or a unique prefix of one.", valueName: "FILE|TASK"),
    completion: .task)
  var file: String

  @Flag(help: "JSON: name, reason, sentence, and the task or null.")
  var json = false

  @OptionGroup var state: StateOption

  func validate() throws {
    if file.isEmpty { throw ValidationError("FILE is empty: name a file or a task") }
  }

  func run() throws {
    var explanation = try state.withOperations { operations in try operations.why(file) }
    if Self.open.contains(explanation.reason),
      let hindrance = try hindrance(of: explanation.reason)
    {
      explanation.sentence += "; \(hindrance)"
    }
    if json { return try StandardOutput.show(try AnswerJSON.text(of: explanation)) }
    try StandardOutput.show(
      "\(explanation.name.escapedForTerminal): \(explanation.sentence.escapedForTerminal)\n")
  }

  /// Where the manifest may be behind what the daemon knows.
  private static let open: [Explanation.Reason] = [
    .claimed, .queued, .waiting, .running, .unseen, .notTaken, .neverSeen,
  ]

  /// What a running daemon knows and could not record: a database that is locked, above all.
  ///
  /// Of a file that was taken a moment ago it is all that keeps files from being taken; of others, that the database
  /// cannot be written to, for the rest would be in the manifest.
  private func hindrance(of reason: Explanation.Reason) throws -> String? {
    guard let hindrance = try state.hindrance() else { return nil }
    if reason == .claimed || reason == .queued { return hindrance.problem }
    return hindrance.ofDatabase
  }
}
