import Files
import Supervisor
import Testing

/// When the daemon is said to move, and when not.
struct WatchdogTests {
  private let start = SuspendingClock.now

  private func look(
    _ steps: UInt64, waitsFor time: Duration? = nil, _ id: String = "a"
  ) -> Watchdog.Look {
    Watchdog.Look(
      id: id, name: "task \(id)",
      Pulse.State(steps: steps, waitsUntil: time.map { start + $0 }))
  }

  /// Looks at the seconds given, at the same pulses each time but for those that `looks` changes.
  private func hanging(
    after seconds: ClosedRange<Int>, _ looks: (Int) -> [Watchdog.Look]
  ) -> [String] {
    var watchdog = Watchdog(patience: .seconds(10))
    var last: [String] = []
    for second in seconds {
      last = watchdog.hanging(looks(second), now: start + .seconds(second))
    }
    return last
  }

  @Test func `what takes steps does not hang`() {
    #expect(hanging(after: 0...100) { [look(UInt64($0 / 9))] } == [])
  }

  @Test func `what takes none for longer than the patience hangs, by its name`() {
    #expect(hanging(after: 0...10) { _ in [look(7)] } == [])
    #expect(hanging(after: 0...11) { _ in [look(7)] } == ["task a"])
  }

  @Test func `one that moves does not hide another that hangs`() {
    let names = hanging(after: 0...30) { [look(UInt64($0)), look(7, "b")] }
    #expect(names == ["task b"])
  }

  @Test func `waiting is no hanging, until the wait should be over`() {
    #expect(hanging(after: 0...70) { _ in [look(7, waitsFor: .seconds(60))] } == [])
    #expect(hanging(after: 0...81) { _ in [look(7, waitsFor: .seconds(60))] } == ["task a"])
  }

  @Test func `the time of a wait does not count against what comes after it`() {
    let names = hanging(after: 0...58) { second in
      [second < 50 ? look(7, waitsFor: .seconds(50)) : look(7)]
    }
    #expect(names == [])
  }

  @Test func `a new task has its own time`() {
    let names = hanging(after: 0...15) { $0 < 8 ? [look(7)] : [look(7, "b")] }
    #expect(names == [])
  }

  @Test func `a process that was stopped as a whole did not hang`() {
    var watchdog = Watchdog(patience: .seconds(10))
    _ = watchdog.hanging([look(7)], now: start)
    #expect(watchdog.hanging([look(7)], now: start + .seconds(500)) == [])
    #expect(watchdog.hanging([look(7)], now: start + .seconds(505)) == [])
    #expect(watchdog.hanging([look(7)], now: start + .seconds(511)) == ["task a"])
  }
}
