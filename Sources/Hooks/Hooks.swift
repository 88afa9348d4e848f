import Glibc
package import Logging
import Subprocess
import Synchronization
import SystemPackage
package import TaskModel

// Programs of the operator's that are run when a file is over: `on-done` and `on-failed`.
//
// Promises: the program gets the receipt on its standard input, byte for byte what lies in the outbox, once the manifest
// has the task's end. It is run without a shell, with a small environment, in the outbox. At most `atOnce` run at a time, each
// for `hook-timeout` at most: then its process group gets SIGTERM and, a second later, SIGKILL. However a program ends, what it
// left running in its group ends with it. `add` never waits, so that no task waits for a hook; where `mostWaiting` wait, the
// next is not run, and the log says so. A stop gives them `grace`, and no more.
//
// Not promised: that it is run. A daemon that is killed between the end of a task and its hook does not run it later, and one
// that is stopped drops those that still wait after the grace: a hook is for telling people, and the receipts in the outbox are
// for programs that must miss nothing. What it writes is discarded, but for the two ends of standard error where it fails, which
// go to the log.

/// Runs the hooks, one after another and some at a time.
package final class Hooks: Sendable {
  /// One task that is over.
  package struct Call: Sendable {
    let taskID: TaskID
    let name: String
    let status: TaskStatus
    let receipt: [UInt8]

    package init(taskID: TaskID, name: String, status: TaskStatus, receipt: [UInt8]) {
      self.taskID = taskID
      self.name = name
      self.status = status
      self.receipt = receipt
    }
  }

  package static let atOnce = 4
  package static let mostWaiting = 1000
  /// How long a stop lets them go on; with `patience` well within the five seconds in which watchd stops.
  package static let grace = Duration.seconds(2)
  /// Between SIGTERM and SIGKILL.
  private static let patience = Duration.seconds(1)

  private let current: Mutex<Settings>
  /// Where they run.
  private let directory: String
  private let environment: [Environment.Key: String]
  private let logger: Logger
  private let calls: AsyncStream<Call>
  private let sender: AsyncStream<Call>.Continuation

  /// - Parameters:
  ///   - settings: Which programs, and how long.
  ///   - outbox: Where they run, so that the names in a receipt lead somewhere.
  ///   - state: What they are told of the state directory, for `watchctl`.
  ///   - logger: For hooks that fail.
  package init(_ settings: Settings, outbox: String, state: String, logger: Logger) {
    directory = outbox
    current = Mutex(settings)
    self.logger = logger
    environment = [
      "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "WATCHD_STATE": state,
    ]
    (calls, sender) = AsyncStream.makeStream(
      of: Call.self, bufferingPolicy: .bufferingOldest(Self.mostWaiting))
  }

  /// Has the hook of a task run, where there is one for its status; never waits.
  package func add(_ call: Call) {
    guard current.withLock({ $0 }).hook(after: call.status) != nil else { return }
    var logger = logger
    logger[metadataKey: "task_id"] = "\(call.taskID)"
    logger[metadataKey: "name"] = "\(call.name)"
    switch sender.yield(call) {
    case .dropped:
      logger.error(
        "a hook is not run: too many are waiting",
        metadata: ["waiting": "\(Self.mostWaiting)"])
    case .terminated: logger.warning("a hook is not run, for watchd stops")
    default: break
    }
  }

  /// Has these settings from now on.
  package func use(_ settings: Settings) { current.withLock { $0 = settings } }

  /// Says that nothing more will be added.
  package func close() { sender.finish() }

  /// Runs what is added until it is closed, and all that was added by then.
  ///
  /// - Parameter stop: Returns when the daemon is told to stop: then nothing more is added, what was has `grace`, and after
  ///   that those that run are ended and those that wait are dropped.
  package func run(until stop: @escaping @Sendable () async -> Void) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.runAll() }
      group.addTask {
        await stop()
        // All came to their end before.
        if Task.isCancelled { return }
        self.close()
        self.logger.debug("waiting for hooks that run")
        // Cancelled where they end within it.
        do { try await Task.sleep(for: Self.grace) } catch {}
      }
      await group.next()
      group.cancelAll()
    }
  }

  private func runAll() async {
    await withTaskGroup(of: Void.self) { group in
      var running = 0
      var dropped = 0
      for await call in calls {
        if running == Self.atOnce {
          await group.next()
          running -= 1
        }
        // A cancelled stream still gives out what is in its buffer.
        if Task.isCancelled {
          dropped += 1
          continue
        }
        running += 1
        group.addTask { await self.run(call) }
      }
      if dropped > 0 {
        logger.warning(
          "hooks are not run, for watchd stops", metadata: ["count": "\(dropped)"])
      }
    }
  }

  private func run(_ call: Call) async {
    let settings = current.withLock { $0 }
    guard let command = settings.hook(after: call.status) else { return }
    var logger = logger
    logger[metadataKey: "task_id"] = "\(call.taskID)"
    logger[metadataKey: "name"] = "\(call.name)"
    logger[metadataKey: "hook"] = "\(command.joined(separator: " "))"
    let program = RunningProgram()
    do {
      let status = try await within(settings.hookTimeout) {
        try await self.end(of: command, call, program)
      }
      let said: Logger.Metadata = ["error": "\(program.errors)"]
      switch status {
      case nil where Task.isCancelled:
        logger.warning("a hook was ended, for watchd stops", metadata: said)
      case nil: logger.warning("a hook took too long and was ended", metadata: said)
      case .exited(0): logger.debug("a hook was run")
      case let status?:
        logger.warning(
          "a hook failed", metadata: said.merging(["status": "\(status)"]) { $1 })
      }
    } catch {
      logger.warning("a hook could not be run", metadata: ["error": "\(error)"])
    }
  }

  private func end(
    of command: [String], _ call: Call, _ program: RunningProgram
  ) async throws -> TerminationStatus {
    // The library ends the group only while its first process lives.
    defer { program.killGroup() }
    var options = PlatformOptions()
    // A session of its own, so that what the program starts ends with it.
    options.createSession = true
    options.teardownSequence = [
      .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: Self.patience)
    ]
    let receipt = try Self.pipe(holding: call.receipt)
    let result = try await Subprocess.run(
      .path(FilePath(command[0])), arguments: Arguments(Array(command.dropFirst())),
      environment: .custom(environment), workingDirectory: FilePath(directory),
      platformOptions: options, input: .fileDescriptor(receipt, closeAfterSpawningProcess: true),
      output: .discarded, error: .sequence
    ) { execution in
      program.began(execution.processIdentifier.value)
      for try await chunk in execution.standardError {
        program.wrote(chunk)
        // What of its group still writes would hold us here.
        if Task.isCancelled { break }
      }
    }
    return result.terminationStatus
  }

  /// The end of a pipe to read all of the bytes from.
  ///
  /// They are in it before the program runs, for a receipt is far shorter than the 64 KiB that a pipe holds
  /// (pipe(7)): a program that does not read cannot break a write of ours.
  private static func pipe(holding bytes: [UInt8]) throws -> FileDescriptor {
    let (readEnd, writeEnd) = try FileDescriptor.pipe()
    do {
      try writeEnd.closeAfter { _ = try writeEnd.writeAll(bytes.prefix(60 << 10)) }
    } catch {
      try readEnd.close()
      throw error
    }
    return readEnd
  }

  /// The result of the body; nil where it takes longer than the limit, or the caller is cancelled.
  ///
  /// The body is then cancelled, and awaited.
  private func within<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        do { try await Task.sleep(for: limit) } catch is CancellationError {}
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }
}

extension Settings {
  /// The program to be run after a task ended so, and its arguments; nil where there is none.
  fileprivate func hook(after status: TaskStatus) -> [String]? {
    switch status {
    case .done, .duplicate: onDone
    case .failed: onFailed
    case .queued, .running, .cancelled: nil
    }
  }
}
