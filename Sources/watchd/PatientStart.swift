import Files
import Logging
import Pipeline
import TaskStore

/// Waits until the machine lets the daemon start: until there is room on the disk for the database's log and for what recovery
/// changes, a descriptor, a lock that another program holds, or a call of the disk's that succeeds.
///
/// A start that ended for such a reason would be started again and again by its service manager, until that gives up; this
/// one says what it waits for, and goes on by itself. What a step has done before it failed is done again
/// with it. A signal ends the process while it waits, as at any other moment.
struct PatientStart {
  /// Path of the state directory.
  let state: String
  /// Whether it waits, or throws at once.
  let isPatient: Bool
  let logger: Logger
  /// Called for each attempt, so that whoever watches the start sees that it waits, and does not hang.
  let onStep: @Sendable () -> Void

  /// SQLite reports a file that could not grow in many ways; with less than this free it is that.
  private static let leastFree: Int64 = 256 << 10

  /// Does a step on a thread of its own, as often as it takes.
  func waiting<Result: Sendable>(
    _ step: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    var attempt = 1
    while true {
      onStep()
      do {
        return try await onThread(named: "start", step)
      } catch {
        guard isPatient, mayPass(error) else { throw error }
        let delay = Backoff.delay(beforeRetry: attempt)
        logger.error(
          "watchd cannot start yet and tries again",
          metadata: ["error": "\(error)", "retry_in": "\(delay)"])
        try await Task.sleep(for: delay)
        attempt += 1
      }
    }
  }

  /// Whether it can pass without anybody changing a setting or a right.
  private func mayPass(_ error: any Error) -> Bool {
    switch error {
    case let error as FileError: return error.mayPass
    case StoreError.full, StoreError.busy: return true
    case let error as StoreError:
      return error.isDiskFailure || isShortOfRoom || (error.isRefusedOpening && isPermitted)
    default: return false
    }
  }

  /// Whether this user has the right to the database, whatever kept it from being opened.
  private var isPermitted: Bool {
    let file = state + "/" + TaskStore.fileName
    return Directory.mayWrite(file) ?? Directory.mayWrite(state) ?? false
  }

  private var isShortOfRoom: Bool {
    do throws(FileError) {
      return try Directory.open(state, create: false).freeBytes() < Self.leastFree
    } catch {
      // Then it is something else that is wrong, and the first error says more of it.
      return false
    }
  }
}
