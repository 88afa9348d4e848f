import Files

/// Runs blocking work on a thread of its own and waits for it without blocking the caller's.
///
/// Swift's cooperative pool has as many threads as the machine has cores and expects that none of them
/// ever waits for a disk; the reading, the database and the inbox's watch do nothing else.
package func onThread<Result: Sendable>(
  named name: String, _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    do throws(FileError) {
      try SystemThread.start(named: name) {
        continuation.resume(with: Swift.Result(catching: body))
      }
    } catch {
      continuation.resume(throwing: error)
    }
  }
}
