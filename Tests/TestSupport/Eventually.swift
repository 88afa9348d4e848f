/// A condition that did not come true in time; the test fails with this sentence.
package struct NeverHappened: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}

/// Waits until `condition` gives a value, and returns it: the only place of the tests that waits.
///
/// Looks every ten milliseconds at first, and less often the longer it takes, so that looking does not
/// slow down what is awaited. Neither the interval nor the limit is part of any promise: the limit is
/// only there so that a test that will never pass ends with a sentence instead of hanging.
///
/// - Parameters:
///   - limit: Generous; many times what the event takes on a busy machine.
///   - what: What is awaited, for the failure message.
///   - condition: Nil for "not yet".
/// - Returns: The value.
/// - Throws: `NeverHappened`, or what the condition throws.
package func eventually<Value>(
  within limit: Duration = .seconds(60), _ what: @autoclosure () -> String,
  _ condition: () async throws -> Value?
) async throws -> Value {
  let clock = ContinuousClock()
  let start = clock.now
  let end = start + limit
  while true {
    if let value = try await condition() { return value }
    guard clock.now < end else {
      throw NeverHappened("did not happen within \(limit): \(what())")
    }
    let pause = (clock.now - start) / 20
    try await Task.sleep(for: min(max(pause, .milliseconds(10)), .milliseconds(500)))
  }
}

/// Waits until `condition` holds.
package func eventually(
  within limit: Duration = .seconds(60), _ what: @autoclosure () -> String,
  _ condition: () async throws -> Bool
) async throws {
  let _: Void = try await eventually(within: limit, what()) { try await condition() ? () : nil }
}
