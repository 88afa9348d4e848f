import Glibc
import Subprocess
import Synchronization

/// What is known of a hook's program while it runs: its process group, and what it says.
final class RunningProgram: Sendable {
  private struct State {
    var group: pid_t?
    var errors = Excerpt()
  }

  private let state = Mutex(State())

  func began(_ processID: pid_t) { state.withLock { $0.group = processID } }

  func wrote(_ chunk: SubprocessOutputSequence.Buffer) {
    state.withLock { $0.errors.append(chunk.bytes) }
  }

  var errors: String { state.withLock { $0.errors.text } }

  /// Ends what the program left running, once it has ended itself; a program that was not started has nothing.
  ///
  /// The group has the number of its first process, which was collected a moment ago. While anybody is in the group, the kernel
  /// gives that number to nobody else; where nobody is, it hands numbers out in turn, so it would have to go through all of them in
  /// that moment to hit a stranger.
  func killGroup() {
    guard let group = state.withLock({ $0.group }) else { return }
    // ESRCH, the usual answer: nobody is left.
    _ = kill(-group, SIGKILL)
  }
}
