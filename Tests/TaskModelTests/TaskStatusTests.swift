import Testing

@testable import TaskModel

struct TaskStatusTests {
  @Test func `statuses and phases are the public words`() {
    let statuses = ["queued", "running", "done", "duplicate", "failed", "cancelled"]
    #expect(TaskStatus.allCases.map(\.rawValue) == statuses)
    #expect(TaskPhase.allCases.map(\.rawValue) == ["ingesting", "publishing"])
  }

  @Test(
    arguments: [
      (.queued, [.running, .cancelled]),
      (.running, [.queued, .done, .duplicate, .failed, .cancelled]),
      (.done, [.cancelled]), (.duplicate, [.cancelled]),
      (.failed, [.queued]), (.cancelled, [.queued]),
    ] as [(TaskStatus, Set<TaskStatus>)])
  func `a status changes to these and to no other`(
    status: TaskStatus, successors: Set<TaskStatus>
  ) {
    #expect(status.successors == successors)
  }

  @Test func `no task is done or failed without having run`() {
    let ends: Set<TaskStatus> = [.done, .duplicate, .failed]
    for status in TaskStatus.allCases where status != .running {
      #expect(status.successors.isDisjoint(with: ends), "\(status)")
    }
  }

  @Test func `every status can be reached, and left`() {
    let reached = Set(TaskStatus.allCases.flatMap(\.successors))
    #expect(reached == Set(TaskStatus.allCases))
    #expect(TaskStatus.allCases.allSatisfy { !$0.successors.isEmpty })
  }

  @Test func `a task is final unless it waits or runs`() {
    #expect(TaskStatus.allCases.filter(\.isFinal) == [.done, .duplicate, .failed, .cancelled])
  }

  @Test func `failure codes are the public words`() {
    let codes = [
      "empty", "encoding", "header", "unclosed-quote", "record-too-long", "sum-overflow",
      "rejected-rows", "internal",
    ]
    #expect(FailureCode.allCases.map(\.rawValue) == codes)
  }

  @Test func `a failure shows its code and its sentence`() {
    let failure = FileFailure(.sumOverflow, "The sum is too large.")
    #expect("\(failure)" == "sum-overflow: The sum is too large.")
  }
}
