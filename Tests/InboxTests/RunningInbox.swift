import Dispatch
import Files
import Foundation
import Logging
import Synchronization
import TaskModel
import TestSupport

@testable import Inbox

/// A real inbox in a folder of its own, on a thread of its own; what it takes is collected here.
final class RunningInbox: Sendable {
  /// Where everything lies.
  let rootPath: String
  private let temporary: TemporaryDirectory
  let folder: Folder
  /// On the same file system, beside the inbox.
  let outside: Folder
  let work: Directory
  let inbox: Inbox

  private struct State {
    var claims: [ClaimedFile] = []
    var isReady = false
    var failure: (any Error)?
    var isRunning = false
    /// How many calls of `record` shall fail.
    var refusals = 0
  }
  private let state: SharedState
  private let ended = DispatchSemaphore(value: 0)

  private final class SharedState: Sendable {
    let value = Mutex(State())
  }

  struct Refused: Error {}

  /// Makes the folders; nothing runs yet.
  ///
  /// The time between scans is so long that no test passes because a scan came to help, unless it is
  /// about that.
  init(
    rootPath: String? = nil, inboxPath: String? = nil, settle: Duration = .milliseconds(40),
    rescan: Duration = .seconds(3600), refusals: Int = 0,
    requireSpace: @escaping @Sendable () throws -> Void = {},
    requireRoom: @escaping @Sendable () throws -> Void = {}, mostRemembered: Int = 65_536,
    maximumBatch: Int = 256,
    interposed: Inbox.Interposed = Inbox.Interposed(), log: LogLines? = nil,
    afterRecording: @escaping @Sendable ([ClaimedFile]) throws -> Void = { _ in }
  ) throws {
    temporary = try TemporaryDirectory()
    self.rootPath = rootPath ?? temporary.path
    let path = inboxPath ?? self.rootPath + "/inbox"
    folder = try Folder(path)
    outside = try Folder(self.rootPath + "/outside")
    let stateFolder = try Directory.open(self.rootPath + "/state")
    work = try stateFolder.directory("work")
    let state = SharedState()
    state.value.withLock { $0.refusals = refusals }
    self.state = state
    var options = InboxOptions()
    options.settle = settle
    options.rescan = rescan
    options.requireSpace = requireSpace
    options.requireRoom = requireRoom
    options.mostRemembered = mostRemembered
    options.maximumBatch = maximumBatch
    let logger = Logger(label: "test") { _ in CollectingLog(log ?? LogLines()) }
    inbox = Inbox(
      directory: try Directory.open(path), work: work, wake: stateFolder, options: options,
      logger: logger, onReady: { state.value.withLock { $0.isReady = true } },
      interposed: interposed,
      record: { files in
        try state.value.withLock { state in
          if state.refusals > 0 {
            state.refusals -= 1
            throw Refused()
          }
          state.claims += files
        }
        try afterRecording(files)
      })
  }

  deinit {
    inbox.stop()
    if state.value.withLock({ $0.isRunning }) { ended.wait() }
  }

  /// Runs it; returns when the watch is armed and the first scan is done.
  func start() async throws {
    state.value.withLock { $0.isRunning = true }
    let thread = Thread { [inbox, state, ended] in
      do {
        try inbox.run()
      } catch {
        state.value.withLock { $0.failure = error }
      }
      ended.signal()
    }
    thread.start()
    try await eventually("the inbox is ready") {
      try state.value.withLock { state in
        if let failure = state.failure { throw failure }
        return state.isReady
      }
    }
  }

  /// Ends it; returns when its threads have ended.
  func stop() throws {
    inbox.stop()
    ended.wait()
    try state.value.withLock { state in
      state.isRunning = false
      if let failure = state.failure { throw failure }
    }
  }

  /// What was recorded so far, in order.
  var claims: [ClaimedFile] { state.value.withLock { $0.claims } }

  /// Waits until as many files were recorded, and returns them.
  @discardableResult
  func awaitClaims(
    _ count: Int, within limit: Duration = .seconds(60)
  ) async throws -> [ClaimedFile] {
    try await eventually(within: limit, "\(count) files are taken") {
      try state.value.withLock { state in
        if let failure = state.failure { throw failure }
        return state.claims.count >= count ? state.claims : nil
      }
    }
  }

  /// Waits until a name is left for this reason.
  func awaitReason(_ reason: Sighting.Reason, of name: FileName) async throws {
    try await eventually("\(name.shown) is left: \(reason)") {
      try inbox.sightings().contains(Sighting(name: name, reason: reason))
    }
  }

  /// Drops a file in the slow way and waits until it is taken, twice: whatever came before it and
  /// settles as it does is due before the second one comes.
  func pass() async throws {
    for _ in 1...2 {
      let before = claims.count
      try folder.append("fence", to: "zz-fence.csv")
      try await eventually("the fence is taken") {
        claims.dropFirst(before).contains { $0.name == "zz-fence.csv" }
      }
    }
  }

  /// Names and contents of what was taken, the fences aside, in order of arrival.
  func taken() throws -> [Taken] {
    try claims.filter { $0.name != "zz-fence.csv" }.map { claim in
      let folder = try work.directory(Claimer.folderName(claim.taskID), create: false)
      let contents = try Folder(folder.path).contents(claim.name)
      return Taken(name: claim.name, contents: contents)
    }
  }

  struct Taken: Hashable, Comparable {
    var name: FileName
    var contents: String?

    static func < (left: Self, right: Self) -> Bool {
      (left.name, left.contents ?? "") < (right.name, right.contents ?? "")
    }
  }
}
