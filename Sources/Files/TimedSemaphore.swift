import CLinux
package import Dispatch
import Glibc

/// A semaphore whose waits end by the clock that nobody sets.
///
/// Dispatch's own waits by the time of day on Linux (sem_timedwait(3)), whatever clock its deadline is of: where somebody sets the clock
/// back by an hour meanwhile, the wait takes an hour more.
///
/// Why it may be used by any thread (`@unchecked Sendable`), and the accesses hold: sem_overview(7) lets any number of
/// threads call all of its functions but the first and the last, which are called while nobody else has it; the memory is
/// this value's own.
@safe
package final class TimedSemaphore: @unchecked Sendable {
  private let semaphore: UnsafeMutablePointer<sem_t>

  package init() {
    unsafe semaphore = .allocate(capacity: 1)
    let result = unsafe sem_init(semaphore, 0, 0)
    precondition(result == 0, "sem_init(3) refuses too large values only, and this one is 0")
  }

  deinit {
    unsafe sem_destroy(semaphore)
    unsafe semaphore.deallocate()
  }

  package func signal() {
    let result = unsafe sem_post(semaphore)
    precondition(result == 0, "sem_post(3) fails at 2147483647 signals that nobody waited for")
  }

  /// Waits for a signal, until the deadline at the latest.
  ///
  /// - Returns: Whether there was one.
  package func wait(until deadline: DispatchTime) -> Bool {
    // DispatchTime counts CLOCK_MONOTONIC here; `distantFuture` is later than the kernel can count.
    let end = min(deadline.uptimeNanoseconds, UInt64(Int64.max))
    let result = unsafe linux_await_semaphore(semaphore, end)
    precondition(result == 0 || result == ETIMEDOUT, "sem_clockwait(3) knows no other failure")
    return result == 0
  }
}
