import TaskModel
import Testing

@testable import Inbox

@Suite struct ScheduleTests {
  @Test func `names come out by their time, and none before it`() throws {
    var schedule = Schedule()
    let start = SuspendingClock.now
    // 7919 is prime to 1000, so this is every number below 1000 once, in a wild order.
    for number in 0..<1000 {
      let due = number * 7919 % 1000
      let name = try #require(FileName("\(due)"))
      schedule.add(name, due: start + .milliseconds(due))
    }
    #expect(schedule.next == start)
    var taken: [String] = []
    for now in [99, 100, 999] {
      while let entry = schedule.takeDue(at: start + .milliseconds(now)) {
        #expect(entry.due <= start + .milliseconds(now))
        taken.append(entry.name.text)
      }
      #expect(taken.count == now + 1)
    }
    #expect(taken == (0..<1000).map(String.init))
    #expect(schedule.next == nil)
  }
}

@Suite struct MailboxTests {
  private let past = SuspendingClock.now

  @Test func `one word a name is kept, and a change of rights does not hide how it came`() {
    let mailbox = Mailbox()
    mailbox.post(.written, name: "a.csv")
    mailbox.post(.movedIn, name: "a.csv")
    mailbox.post(.touched, name: "a.csv")
    mailbox.post(.touched, name: "b.csv")
    let contents = mailbox.take(until: past)
    #expect(contents.hints == ["a.csv": .movedIn, "b.csv": .touched])
    #expect(mailbox.take(until: past).isEmpty)
  }

  @Test func `a full box becomes a rescan and still takes news of the names that it has`() {
    let mailbox = Mailbox(limit: 2)
    for name: FileName in ["a.csv", "b.csv", "c.csv"] { mailbox.post(.written, name: name) }
    mailbox.post(.movedIn, name: "a.csv")
    let contents = mailbox.take(until: past)
    #expect(contents.hints == ["a.csv": .movedIn, "b.csv": .written])
    #expect(contents.rescans == [.mailboxFull])
  }
}
