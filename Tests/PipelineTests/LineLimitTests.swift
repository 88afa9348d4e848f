import Testing

@testable import Pipeline

@Suite struct LineLimitTests {
  @Test
  func `of each kind of trouble so many lines a minute are let through, and the others counted`() {
    var limit = LineLimit()
    let begin = ContinuousClock.now
    for _ in 1...LineLimit.most { #expect(limit.admit(.space, at: begin) == 0) }
    for _ in 1...100_000 { #expect(limit.admit(.space, at: begin + .seconds(1)) == nil) }
    #expect(limit.admit(.disk, at: begin + .seconds(1)) == 0)
    #expect(limit.admit(.space, at: begin + LineLimit.window) == 100_000)
    #expect(limit.admit(.space, at: begin + LineLimit.window) == 0)
  }
}
