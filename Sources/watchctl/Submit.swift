import ArgumentParser
import Files
import Operations
import TaskModel
import TaskStore

/// `watchctl submit`: puts files into the inbox as a careful user would.
struct Submit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Puts files into the inbox: a hidden copy, synced, renamed, never over another.",
    discussion: """
      Exit code 0: all lie in the inbox, or were taken; 1: some do not. With --wait it is that of \
      watchctl wait, unless some file was not submitted.
      """)

  @Argument(help: ArgumentHelp("CSVs, or .csv.gz.", valueName: "FILE"), completion: .file())
  var files: [String]

  @Flag(help: "Waits for the tasks of exactly these files, and says how they ended.")
  var wait = false

  @OptionGroup var timeout: TimeoutOption

  @Option(
    help: ArgumentHelp(
      "The inbox. Default: where the daemon of the state directory worked when it last started.",
      valueName: "DIR"), completion: .directory)
  var inbox: String?

  @Flag(help: "JSON: what was submitted, and with --wait the tasks.")
  var json = false

  @OptionGroup var state: StateOption

  func validate() throws {
    if timeout.timeout != nil, !wait { throw ValidationError("--timeout goes with --wait") }
  }

  func run() throws {
    if wait {
      let code = try state.withReader { reader in
        // Before anything is put anywhere: `--state` may be wrong.
        let path = try inbox ?? Operations(reader).inboxPath()
        let deadline = timeout.deadline
        let (submitted, allDone) = try submit(to: path)
        var waiting = Waiting(reader)
        for file in submitted { waiting.add(file) }
        let code = try EndsOfTasks(json: json).await(&waiting, until: deadline)
        return allDone ? code : 1
      }
      throw ExitCode(code)
    }
    let path = try inbox ?? state.withOperations { operations in try operations.inboxPath() }
    let (submitted, allDone) = try submit(to: path)
    if json { try StandardOutput.show(try AnswerJSON.text(of: submitted.map(Answer.init))) }
    if !allDone { throw ExitCode(1) }
  }

  private struct Answer: Encodable {
    let name: String
    let bytes: Int64
    let inbox: String

    init(_ file: Submitted) {
      name = file.name.text
      bytes = file.size
      inbox = file.inbox
    }
  }

  /// - Returns: What lies in the inbox or was taken, and whether that is all.
  private func submit(to inbox: String) throws -> ([Submitted], Bool) {
    let submission = try Submission(inbox: inbox)
    Endings.holdBack()
    defer { Endings.letGo() }
    var submitted: [Submitted] = []
    for path in files {
      do {
        let file = try submission.submit(Arguments.bytes(of: path), isStopped: Endings.areAsked)
        submitted.append(file)
        if !json {
          try StandardOutput.show(
            "\(file.name.shown): in \(inbox.escapedForTerminal), \(ByteSize.shown(file.size))\n")
        }
      } catch SubmissionError.stopped {
        throw SubmissionError.stopped
      } catch is NobodyReads {
        // What is still to be submitted does not depend on who reads.
      } catch {
        StandardError.write("watchctl: \(error)\n")
      }
    }
    return (submitted, submitted.count == files.count)
  }
}
