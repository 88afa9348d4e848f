import Dispatch
import Testing

@testable import Pipeline

struct MonitorTests {
  @Test func `a waiter sees each change until it is content`() async throws {
    let monitor = Monitor(0)
    async let seen = onThread(named: "waiter") {
      monitor.wait { $0 >= 100 ? .ready($0) : .wait(until: nil) }
    }
    for _ in 0..<100 { monitor.change { $0 += 1 } }
    #expect(try await seen == 100)
  }

  @Test func `every waiter wakes at a change`() async throws {
    let monitor = Monitor(false)
    try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<16 {
        group.addTask {
          try await onThread(named: "waiter-\(number)") {
            monitor.wait { $0 ? .ready(number) : .wait(until: nil) }
          }
        }
      }
      monitor.change { $0 = true }
      let woken = try await group.reduce(into: Set<Int>()) { $0.insert($1) }
      #expect(woken == Set(0..<16))
    }
  }

  @Test func `a waiter looks again when its time has come, without any change`() {
    let monitor = Monitor(0)
    let deadline = DispatchTime.now() + .milliseconds(10)
    let looks = monitor.wait { looks in
      looks += 1
      return DispatchTime.now() >= deadline ? .ready(looks) : .wait(until: deadline)
    }
    #expect(looks >= 2)
  }

  @Test func `what a look changes stays changed`() {
    let monitor = Monitor([1, 2, 3])
    let first = monitor.wait { .ready($0.removeFirst()) }
    #expect(first == 1)
    #expect(monitor.change { $0 } == [2, 3])
  }
}
