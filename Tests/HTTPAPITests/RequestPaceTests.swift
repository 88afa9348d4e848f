import NIOCore
import Testing

@testable import HTTPAPI

struct RequestPaceTests {
  private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

  private func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

  private func pace() -> RequestPace {
    RequestPace(limits: RequestPace.Limits(), now: start)
  }

  @Test func `a head has its time, however many bytes of it come`() {
    var pace = pace()
    #expect(pace.deadline == at(20))
    pace.wait(at(5))
    #expect(pace.deadline == at(20))
  }

  @Test func `a body that comes at the least rate is never cut`() {
    var pace = pace()
    pace.beginBody(start)
    for second in 0..<3600 as Range<Int64> {
      pace.wait(at(second))
      #expect(pace.deadline.map { $0 > at(second + 1) } == true)
      pace.receive(1024, at(second + 1))
    }
  }

  @Test func `a byte now and then does not keep a body alive`() {
    var pace = pace()
    pace.beginBody(start)
    var second: Int64 = 0
    while second < 100 {
      pace.wait(at(second))
      if let deadline = pace.deadline, deadline <= at(second + 1) { break }
      second += 1
      pace.receive(1, at(second))
    }
    #expect(second == 20)
  }

  @Test func `the time that we take is not held against the client`() {
    var pace = pace()
    pace.beginBody(start)
    pace.wait(start)
    pace.receive(1, at(1))
    // No wish for more: the disk is busy.
    pace.wait(at(1000))
    #expect(pace.deadline.map { $0 > at(1018) && $0 < at(1020) } == true)
  }

  @Test func `no body takes for ever`() {
    var pace = pace()
    pace.beginBody(start)
    pace.receive(1 << 50, at(1))
    pace.wait(at(1))
    #expect(pace.deadline == start + .hours(12))
  }

  @Test func `while the answer is made nothing is asked of the client but to take it`() {
    var pace = pace()
    pace.beginBody(start)
    pace.endRequest()
    #expect(pace.deadline == nil)
    pace.setWritable(false, at(5))
    pace.setWritable(false, at(50))
    #expect(pace.deadline == at(65))
    pace.setWritable(true, at(60))
    #expect(pace.deadline == nil)
    pace.endAnswer(at(70))
    #expect(pace.deadline == at(90))
  }
}
