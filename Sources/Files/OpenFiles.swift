import Glibc

/// How many descriptors the process may have open.
package enum OpenFiles {
  /// As many as the administrator allows: the soft limit of 1024 is for programs that use select(2) (getrlimit(2)), and
  /// the one use of it here is of a descriptor that is open before this is called.
  ///
  /// - Returns: The limit now in force; nil where the system does not tell.
  @discardableResult
  package static func raiseLimit() -> Int? {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard unsafe getrlimit(resource, &limit) == 0 else { return nil }
    let wanted = rlimit(rlim_cur: limit.rlim_max, rlim_max: limit.rlim_max)
    let isRaised = unsafe withUnsafePointer(to: wanted) { unsafe setrlimit(resource, $0) == 0 }
    return Int(clamping: isRaised ? wanted.rlim_cur : limit.rlim_cur)
  }
}
