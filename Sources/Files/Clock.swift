import Glibc
package import TaskModel

extension Timestamp {
  /// The time of day, for what people read; intervals are measured by a monotonic clock instead.
  package static func now() -> Timestamp {
    var time = timespec()
    let result = unsafe clock_gettime(CLOCK_REALTIME, &time)
    precondition(result == 0, "CLOCK_REALTIME exists on every Linux (clock_gettime(2))")
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}

/// The clock that does not jump, as the service manager reads it.
package enum MonotonicTime {
  package static func microseconds() -> Int64 {
    var time = timespec()
    let result = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    precondition(result == 0, "CLOCK_MONOTONIC exists on every Linux (clock_gettime(2))")
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
  }
}

extension TaskID {
  /// A new id of this moment.
  package static func make() -> TaskID {
    var random = SystemRandomNumberGenerator()
    return TaskID(milliseconds: Timestamp.now().milliseconds, random: &random)
  }
}
