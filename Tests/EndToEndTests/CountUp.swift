extension Disasters {
  /// Tries a fault at the first step, at the second, and so on until one run comes through; a few beyond the end are
  /// tried too.
  ///
  /// - Parameters:
  ///   - first: The first step.
  ///   - stride: From one step to the next.
  ///   - attempt: Whether the run met its fault at this step.
  /// - Returns: How many did.
  /// - Throws: What an attempt throws.
  static func countUp(
    from first: Int, stride: Int, _ attempt: @escaping @Sendable (Int) async throws -> Bool
  ) async throws -> Int {
    let steps = Swift.stride(from: first, to: .max, by: stride)
    return try await several(of: steps, endsAtMiss: true, attempt)
  }

  /// Makes several attempts at a time, for most of each is waiting.
  ///
  /// - Parameters:
  ///   - items: What each is made with.
  ///   - width: How many are made at a time.
  ///   - endsAtMiss: Whether no other is begun once one says no.
  ///   - attempt: Made with each.
  /// - Returns: How many said yes.
  /// - Throws: What an attempt throws.
  static func several<Item: Sendable>(
    of items: some Sequence<Item>, width: Int = 6, endsAtMiss: Bool = false,
    _ attempt: @escaping @Sendable (Item) async throws -> Bool
  ) async throws -> Int {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      var rest = items.makeIterator()
      func tryNext() {
        guard let item = rest.next() else { return }
        group.addTask { try await attempt(item) }
      }
      for _ in 0..<width { tryNext() }
      var (hits, hasMissed) = (0, false)
      while let isHit = try await group.next() {
        if isHit { hits += 1 } else { hasMissed = true }
        if !(endsAtMiss && hasMissed) { tryNext() }
      }
      return hits
    }
  }
}
