import ArgumentParser
import Operations
import TaskModel

/// `watchctl doctor`: a check of the set-up.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Checks the set-up; each finding has its remedy.",
    discussion: """
      Folders and rights, disk, file system, the daemon, the kernel's limits, the database (which is read \
      whole), files that wait, failed within a day, or lie in the inbox and are not taken. Exit code 0: \
      nothing is wrong; 1: there are findings.
      """)

  @Flag(help: "JSON: a list of check, ok, sentence and remedy.")
  var json = false

  @OptionGroup var state: StateOption

  func run() throws {
    var doctor = Doctor(stateDirectory: state.directory)
    let findings = doctor.examine()
    try StandardOutput.show(json ? try AnswerJSON.text(of: findings) : text(of: findings))
    if findings.contains(where: { !$0.isFine }) { throw ExitCode(1) }
  }

  private func text(of findings: [Doctor.Finding]) -> String {
    let terminal = Terminal.ofStandardOutput()
    let width = findings.map(\.check.count).max() ?? 0
    var text = ""
    for finding in findings {
      let mark = finding.isFine ? terminal.colored("ok", .green) : terminal.colored("!!", .red)
      text +=
        "\(mark)  \(finding.check.padded(to: width))  \(finding.sentence.escapedForTerminal)\n"
      if let remedy = finding.remedy {
        text += String(repeating: " ", count: width + 6) + remedy.escapedForTerminal + "\n"
      }
    }
    return text
  }
}
