extension Disasters {
  /// Tries a fault at the first step, at the second, and so on until one run comes through.
  ///
  /// Several at a time, for most of each is waiting; a few beyond the end are tried too.
  ///
  /// - Parameters:
  ///   - first: The first step.
  ///   - stride: From one step to the next.
  ///   - width: How many are tried at a time.
  ///   - attempt: Whether the run met its fault at this step.
  /// - Returns: How many did.
  /// - Throws: What an attempt throws.
  static func countUp(
    from first: Int, stride: Int, width: Int = 6,
    _ attempt: @escaping @Sendable (Int) async throws -> Bool
  ) async throws -> Int {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      var next = first
      func tryNext() {
        let step = next
        next += stride
        group.addTask { try await attempt(step) }
      }
      for _ in 0..<width { tryNext() }
      var (met, isThrough) = (0, false)
      while let hasMet = try await group.next() {
        if hasMet { met += 1 } else { isThrough = true }
        if !isThrough { tryNext() }
      }
      return met
    }
  }
}
