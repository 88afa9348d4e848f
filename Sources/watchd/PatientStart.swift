import Files
import Logging
import Pipeline
import TaskStore

/// Waits until there is room on the disk for what a start writes: the database's log and index, and what recovery
/// changes.
///
/// A start that ended for want of space would be started again and again by its service manager, until that gives up; this
/// one says what it waits for, and goes on by itself. What a step has done before it met the full disk is done again
/// with it. A signal ends the process while it waits, as at any other moment.
struct StartingRoom {
  /// Path of the state directory.
  let state: String
  /// Whether it waits, or throws at once.
  let isPatient: Bool
  let logger: Logger
  /// Called for each attempt, so that whoever watches the start sees that it waits, and does not hang.
  let onStep: @Sendable () -> Void

  /// SQLite reports a file that could not grow in many ways, an I/O error among them; with less than this free it is that.
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
        guard isPatient, isShortage(error) else { throw error }
        let delay = Backoff.delay(beforeRetry: attempt)
        logger.error(
          "watchd waits for disk space before it can start",
          metadata: ["error": "\(error)", "retry_in": "\(delay)"])
        try await Task.sleep(for: delay)
        attempt += 1
      }
    }
  }

  private func isShortage(_ error: any Error) -> Bool {
    switch error {
    case let error as FileError: return error.isFull
    case StoreError.full: return true
    case is StoreError:
      do throws(FileError) {
        return try Directory.open(state, create: false).freeBytes() < Self.leastFree
      } catch {
        // Then it is something else that is wrong, and the first error says more of it.
        return false
      }
    default: return false
    }
  }
}
