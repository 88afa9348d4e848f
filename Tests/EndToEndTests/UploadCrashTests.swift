import Foundation
import Glibc
import TestSupport
import Testing

extension Disasters {
  /// The daemon is killed, or refused something, at the first step of an upload, at its second, and so on until one
  /// comes through.
  ///
  /// The sender goes by the answer alone. After 202 its copy is deleted, so the files must count once without it. After
  /// anything else they count once or not at all, and the same upload, sent again with the same key, makes it once.
  @Suite struct UploadCrashes {
    /// How files are sent.
    enum Way: String, CaseIterable, CustomTestStringConvertible {
      case put = "PUT /inbox/NAME"
      case form = "POST /upload of two files"

      var testDescription: String { rawValue }
      /// Tasks, with the one that was there before.
      var tasks: Int { self == .put ? 2 : 3 }
    }

    /// What goes wrong, and what then is done to the daemon.
    private struct Trouble: Sendable, CustomStringConvertible {
      let action: Fault.Action
      let calls: [Fault.Calls]
      var code: Int32 = 0
      /// Killed as soon as there is an answer, which is before anything else is written.
      var isKilledThen = false

      var description: String {
        "\(action.rawValue) at \(calls.map(\.rawValue)) \(code)\(isKilledThen ? ", then killed" : "")"
      }
    }

    /// One way to send, with what a daemon that nothing disturbs makes of it.
    private struct Stand: Sendable {
      let way: Way
      let template: Sandbox
      let without: EndState
      let with: EndState
    }

    private static let structural: [Fault.Calls] = [
      .sync, .rename, .unlink, .mkdir, .truncate, .create,
    ]

    @Test(arguments: Way.allCases)
    func `killed before any step of an upload, its files count once where it was answered`(way: Way)
      async throws
    {
      // A form goes the same steps, once more for its second file.
      let stride = way == .put ? 1 : Soak.count(3, 1)
      try await countUp(
        Trouble(action: .killBefore, calls: Self.structural), try await stand(way), stride: stride)
    }

    @Test(arguments: Way.allCases)
    func `killed after any step or write of an upload, they count once where it was answered`(
      way: Way
    ) async throws {
      let trouble = Trouble(action: .killAfter, calls: Self.structural + [.write])
      try await countUp(trouble, try await stand(way), stride: Soak.count(11, 1))
    }

    /// Whatever is still to be done by then must not be what the answer says.
    @Test(arguments: Way.allCases)
    func `killed as soon as it has answered, the files of an upload count once`(way: Way)
      async throws
    {
      let stand = try await stand(way)
      let trouble = Trouble(action: .count, calls: Self.structural, isKilledThen: true)
      let nothing = Fault(action: .count, calls: Self.structural, number: 0)
      for _ in 1...Soak.count(4, 100) {
        #expect(try await !meets(nothing, trouble, stand))
      }
    }

    /// A commit whose sync failed may be found in the log by a later start all the same.
    @Test(arguments: [Fault.Action.fail, .failOn])
    func `a sync of an upload fails and the daemon is killed, and no task is without its file`(
      action: Fault.Action
    ) async throws {
      let trouble = Trouble(action: action, calls: [.sync], code: EIO, isKilledThen: true)
      try await countUp(trouble, try await stand(.put), stride: 1)
    }

    @Test(arguments: Soak.isOn ? Way.allCases : [.form])
    func `what the machine refuses of an upload costs nothing once it does not`(way: Way)
      async throws
    {
      let stand = try await stand(way)
      var dice = SeededGenerator(seed: Soak.seed)
      for refusal in Faults.refusals.shuffled(using: &dice).prefix(Soak.count(3, .max)) {
        for action in [Fault.Action.fail, .failOn] {
          let trouble = Trouble(
            action: action, calls: [refusal.calls], code: refusal.code,
            isKilledThen: action == .failOn)
          try await countUp(trouble, stand, stride: Soak.count(7, 1))
        }
      }
    }

    // MARK: Runs

    private func stand(_ way: Way) async throws -> Stand {
      let template = try Sandbox(root: Sandbox.memory)
      try template.drop("before.csv", Sandbox.plays(7, song: "Before"))
      #expect(try await template.once().end == .exit(0))
      let sandbox = try Sandbox(copyOf: template, root: Sandbox.memory)
      let (daemon, door) = try await sandbox.openDoor()
      #expect(try await send(way, to: door).status == 202)
      try await sandbox.awaitAllFinished(way.tasks)
      #expect(try await daemon.stop() == .exit(0))
      #expect(try await sandbox.playsSum() == (way == .put ? 12 : 312))
      return Stand(
        way: way, template: template, without: try await EndState(of: template),
        with: try await EndState(of: sandbox))
    }

    private func send(_ way: Way, to door: Door) async throws -> Door.Answer {
      let key = ("Idempotency-Key", "8e03978e-40d5-43dd-bc93-6894a57f9324")
      guard way == .form else {
        return try await door.put("a.csv", Data(Sandbox.plays(5).utf8), headers: [key])
      }
      let files = [("a.csv", Sandbox.plays(5)), ("b.csv", Sandbox.plays(300, song: "Other"))]
      let parts = files.map { name, contents in
        "--b0undary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n\r\n"
          + contents + "\r\n"
      }
      return try await door.request(
        "POST", "/upload",
        headers: [("Content-Type", "multipart/form-data; boundary=b0undary"), key],
        body: Data((parts.joined() + "--b0undary--\r\n").utf8))
    }

    private func countUp(_ trouble: Trouble, _ stand: Stand, stride: Int) async throws {
      let idle = Fault(action: .count, calls: trouble.calls, number: 0)
      let before = try await calls(ofIdle: idle, stand)
      var dice = SeededGenerator(seed: Soak.seed)
      let first = before + Int.random(in: 1...stride, using: &dice)
      let met = try await Disasters.countUp(from: first, stride: stride) { number in
        let fault = Fault(
          action: trouble.action, calls: trouble.calls, number: number, code: trouble.code)
        return try await meets(fault, trouble, stand)
      }
      Soak.announce("\(stand.way.rawValue): \(trouble), \(met) times, every \(stride)")
      // With a stride there may be fewer such calls.
      #expect(met > 0 || stride > 1)
    }

    /// What a daemon does before it is sent anything.
    private func calls(ofIdle fault: Fault, _ stand: Stand) async throws -> Int {
      let sandbox = try Sandbox(copyOf: stand.template, root: Sandbox.memory)
      let (daemon, _, report) = try await start(sandbox, meeting: fault)
      try await daemon.kill()
      return try FaultReport(path: report).calls
    }

    private func start(
      _ sandbox: Sandbox, meeting fault: Fault
    ) async throws -> (RunningDaemon, Door, report: String) {
      let report = sandbox.desk + "/report"
      let (daemon, door) = try await sandbox.openDoor(
        environment: fault.environment(report: report))
      let socket = sandbox.state + "/watchd.sock"
      try await eventually("watchd listens at all its doors") {
        guard FileManager.default.fileExists(atPath: socket) else { return false }
        let mode = try FileManager.default.attributesOfItem(atPath: socket)[.posixPermissions]
        return mode as? Int == 0o600
      }
      return (daemon, door, report)
    }

    /// Sends to a daemon that meets the fault, and compares what is left after a restart.
    ///
    /// - Returns: Whether it met the fault before it had stopped in order.
    private func meets(_ fault: Fault, _ trouble: Trouble, _ stand: Stand) async throws -> Bool {
      let sandbox = try Sandbox(copyOf: stand.template, root: Sandbox.memory)
      let (daemon, door, path) = try await start(sandbox, meeting: fault)
      let status = try await statusOfAnswer(stand.way, door, daemon)
      if trouble.isKilledThen {
        daemon.send(SIGKILL)
      } else if status == 202 {
        try await eventually("the upload is done, or watchd is not there") {
          guard daemon.isRunning else { return true }
          return try await sandbox.statuses()["done"] == stand.way.tasks
        }
      }
      let end = try await daemon.stop()
      let report = try FaultReport(path: path)
      let place = "\(stand.way.rawValue), \(fault) (\(report.first)), answered \(status ?? 0)"
      let isKilled = trouble.isKilledThen || report.faults > 0 && trouble.code == 0
      // Where the database cannot be closed it says so.
      let ends: [ChildProcess.End] =
        isKilled ? [.signal(SIGKILL)] : report.faults > 0 ? [.exit(0), .exit(2)] : [.exit(0)]
      #expect(ends.contains(end), "\(place)")

      let restart = try await sandbox.once()
      #expect(restart.end == .exit(0), "\(place): \(restart.errorText)")
      let state = try await EndState(of: sandbox)
      let isThere = status == 202 || state != stand.without
      let missing = isThere ? state.differences(from: stand.with) : []
      #expect(missing == [], "\(place): \(missing.joined(separator: "\n"))")
      if status != 202 { try await sendAgain(stand, sandbox, place) }
      return report.faults > 0
    }

    /// Nil where the daemon ended before it answered.
    private func statusOfAnswer(
      _ way: Way, _ door: Door, _ daemon: RunningDaemon
    ) async throws -> Int? {
      do {
        return try await send(way, to: door).status
      } catch let error as NeverHappened {
        guard try await daemon.end() == .signal(SIGKILL) else { throw error }
        return nil
      }
    }

    /// A sender that does not know what became of it does this.
    private func sendAgain(_ stand: Stand, _ sandbox: Sandbox, _ place: String) async throws {
      let (daemon, door) = try await sandbox.openDoor()
      #expect(try await send(stand.way, to: door).status == 202, "\(place)")
      try await sandbox.awaitAllFinished(stand.way.tasks)
      #expect(try await daemon.stop() == .exit(0))
      let differences = try await EndState(of: sandbox).differences(from: stand.with)
      #expect(differences == [], "\(place), sent again: \(differences.joined(separator: "\n"))")
    }
  }
}
