package import Files
import Foundation
import Glibc
import Synchronization

// What a service manager is told, and by what: sd_notify(3) without libsystemd.
//
// Promises: each call is one datagram to the socket that NOTIFY_SOCKET names, in the order of the calls; nothing is sent
// where the variable is missing, and nobody who tells anything has to ask whether somebody listens. WATCHDOG=1 is only sent
// by whoever has looked whether the daemon moves (`Watchdog`): a timer that feeds it tells that a timer runs.
//
// Not promised: that it arrives. The manager may be gone, and there is no answer; the first failure is kept for the log
// and the daemon goes on, for its work does not depend on it. VSOCK addresses (of virtual machines) are not spoken.
//
// Own code and not libsystemd because that is a shared library which a statically linked daemon would drag along, for
// four lines of a protocol that systemd promises to keep (https://systemd.io/PORTABILITY_AND_STABILITY/).

/// The service manager that started us, or nobody.
package final class Supervisor: Sendable {
  /// What can be told; the texts are those of sd_notify(3).
  package enum Message: Hashable, Sendable {
    case ready
    case reloading(monotonic: Int64)
    case stopping
    /// One line for `systemctl status`.
    case status(String)
    /// Start, or stop, takes longer than the unit says, and is still at work.
    case extendTimeout(Duration)
    /// The daemon moves.
    case watchdog

    var line: String {
      switch self {
      case .ready: "READY=1"
      case .reloading(let time): "RELOADING=1\nMONOTONIC_USEC=\(time)"
      case .stopping: "STOPPING=1"
      // A line break would begin another message.
      case .status(let text): "STATUS=" + text.replacing("\n", with: " ")
      case .extendTimeout(let duration): "EXTEND_TIMEOUT_USEC=\(duration.microseconds)"
      case .watchdog: "WATCHDOG=1"
      }
    }
  }

  private struct State {
    var failure: FileError?
  }

  private let socket: NotifySocket?
  private let state = Mutex(State())

  /// How long the daemon may be without a WATCHDOG=1 before it is killed; nil where nobody watches.
  package let watchdog: Duration?

  /// Who the environment says is there.
  ///
  /// - Parameters:
  ///   - environment: With NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, or without.
  ///   - process: Our own id: WATCHDOG_PID may be another's.
  /// - Throws: `FileError` where there is an address that we cannot speak to.
  package init(
    environment: [String: String] = ProcessInfo.processInfo.environment, process: Int32 = getpid()
  ) throws(FileError) {
    if let address = environment["NOTIFY_SOCKET"], !address.isEmpty {
      socket = try NotifySocket(address: address)
    } else {
      socket = nil
    }
    let isOurs = environment["WATCHDOG_PID"].map { $0 == "\(process)" } ?? true
    let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
    watchdog = isOurs && microseconds > 0 ? .microseconds(microseconds) : nil
  }

  /// Whether there is anybody to tell.
  package var isThere: Bool { socket != nil }

  /// The first failure, once.
  package func takeFailure() -> FileError? {
    state.withLock { state in
      defer { state.failure = nil }
      return state.failure
    }
  }

  /// Tells all of it at once.
  package func tell(_ messages: Message...) {
    guard let socket, !messages.isEmpty else { return }
    // The lock keeps the order: a READY must not overtake its RELOADING.
    state.withLock { state in
      do throws(FileError) {
        try socket.send(messages.map(\.line).joined(separator: "\n"))
      } catch {
        state.failure = state.failure ?? error
      }
    }
  }
}

extension Duration {
  fileprivate var microseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  }
}
