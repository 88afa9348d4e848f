import Files
import TaskModel
import Testing

@testable import Inbox

/// One way in which a file comes to lie in the inbox: what is done, and what is taken.
struct Arrival: Sendable, CustomTestStringConvertible {
  /// One thing that another program does.
  ///
  /// Names are of the inbox where nothing else is said.
  enum Step: Sendable {
    case open(FileName, as: String)
    case write(String, to: String)
    case close(String)
    /// Open, append, close.
    case append(String, to: FileName)
    /// The same in the folder beside the inbox.
    case appendOutside(String, to: FileName)
    case moveIn(FileName, as: FileName)
    case move(FileName, as: FileName)
    case linkIn(FileName, as: FileName)
    case linkTemporaryFile(String, as: FileName)
    case symbolicLink(FileName, to: String)
    case directory(FileName)
    case fifo(FileName)
    case socket(FileName)
    /// Until the inbox has looked and says this of the name.
    case awaitReason(Sighting.Reason, of: FileName)
    /// Until the inbox has had the time to take whatever it would take.
    case pass
    /// Until so many files are taken.
    case awaitClaims(Int)
    case expectNothingTaken
  }

  var testDescription: String
  var steps: [Step]
  var taken: [RunningInbox.Taken]
  /// What is still there at the end, and why.
  var left: [Sighting]

  init(
    _ description: String, _ steps: [Step], taken: KeyValuePairs<FileName, String> = [:],
    left: KeyValuePairs<FileName, Sighting.Reason> = [:]
  ) {
    testDescription = description
    self.steps = steps
    self.taken = taken.map { RunningInbox.Taken(name: $0, contents: $1) }
    self.left = left.map { Sighting(name: $0, reason: $1) }
  }

  /// Does the steps.
  func perform(in running: RunningInbox) async throws {
    var handles: [String: Int32] = [:]
    for step in steps {
      if try performFile(step, in: running, &handles) { continue }
      switch step {
      case .awaitReason(let reason, let name): try await running.awaitReason(reason, of: name)
      case .awaitClaims(let count): try await running.awaitClaims(count)
      case .expectNothingTaken: #expect(try running.taken() == [])
      default: try await running.pass()
      }
    }
    #expect(handles.isEmpty, "the script closes what it opens")
  }

  /// - Returns: False for a step that is not about a file.
  private func performFile(
    _ step: Step, in running: RunningInbox, _ handles: inout [String: Int32]
  ) throws -> Bool {
    let inbox = running.folder
    switch step {
    case .open(let name, let handle): handles[handle] = try inbox.open(name)
    case .write(let text, let handle):
      try inbox.write(text, to: try #require(handles[handle]))
    case .close(let handle):
      try inbox.close(try #require(handles[handle]))
      handles[handle] = nil
    case .append(let text, let name): try inbox.append(text, to: name)
    case .appendOutside(let text, let name): try running.outside.append(text, to: name)
    case .moveIn(let name, let newName): try running.outside.move(name, to: inbox, as: newName)
    case .move(let name, let newName): try inbox.move(name, to: inbox, as: newName)
    case .linkIn(let name, let newName): try running.outside.link(name, in: inbox, as: newName)
    case .linkTemporaryFile(let text, let name): try inbox.linkTemporaryFile(text, as: name)
    case .symbolicLink(let name, let target): try inbox.makeSymbolicLink(name, to: target)
    case .directory(let name): try inbox.makeDirectory(name)
    case .fifo(let name): try inbox.makeFIFO(name)
    case .socket(let name): try inbox.makeSocket(name)
    case .awaitReason, .pass, .awaitClaims, .expectNothingTaken: return false
    }
    return true
  }
}
