import CLinux
import Glibc

/// Threads for work that blocks.
///
/// Foundation's `Thread` does not say when the system refuses one (a limit of processes, of the service's tasks, of
/// memory): whoever waits for its work would wait for ever.
package enum SystemThread {
  private final class Work: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// The default of secondary threads is what `ulimit -s` says, or less; records are long.
  private static let stackSize = 8 << 20

  /// Lets the other threads of the process go first, for the rest of the calling thread's life.
  ///
  /// On Linux the nice value is a thread's own (setpriority(2), NOTES).
  package static func yieldToOthers() {
    // A thread may always be nicer; were it refused, everything would be as fast as without.
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
  }

  /// Starts a thread that ends with its work; nobody joins it.
  ///
  /// Why the unsafe calls hold: the work is retained for the thread, which alone takes that reference over,
  /// and released here where there is no thread.
  ///
  /// - Parameters:
  ///   - name: What `top -H` shows: the first 15 bytes of it.
  ///   - body: The work.
  /// - Throws: `FileError` with what pthread_create(3) says: EAGAIN where a limit is reached.
  package static func start(
    named name: String, _ body: @escaping @Sendable () -> Void
  ) throws(FileError) {
    let work = unsafe Unmanaged.passRetained(Work(name: name, body: body))
    var attributes = pthread_attr_t()
    var code = unsafe pthread_attr_init(&attributes)
    if code == 0 {
      _ = unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
      _ = unsafe pthread_attr_setstacksize(&attributes, stackSize)
      var thread = pthread_t()
      code = unsafe pthread_create(
        &thread, &attributes,
        { argument in
          if let argument = unsafe argument {
            let work = unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
            unsafe linux_name_thread(work.name)
            work.body()
          }
          return nil
        }, work.toOpaque())
      _ = unsafe pthread_attr_destroy(&attributes)
    }
    if code != 0 {
      unsafe work.release()
      throw FileError("start", "the thread \(name)", code)
    }
  }
}
