import TestSupport
import Testing

@testable import TaskModel

struct TaskIDTests {
  /// Gives the same word always.
  private struct Constant: RandomNumberGenerator {
    let word: UInt64
    func next() -> UInt64 { word }
  }

  private static func id(_ milliseconds: Int64, bits: UInt64) -> TaskID {
    var random = Constant(word: bits)
    return TaskID(milliseconds: milliseconds, random: &random)
  }

  /// RFC 9562, appendix A.6, has this id as its example of a version 7.
  @Test func `the example of the standard is written as the standard writes it`() throws {
    let text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    let id = try #require(TaskID(text))
    #expect(id.description == text)
    #expect(id.milliseconds == 1_645_557_742_000)
  }

  @Test func `the text form comes back as the same id`() throws {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<500 {
      let milliseconds = Int64.random(in: 0..<1 << 48, using: &random)
      let id = TaskID(milliseconds: milliseconds, random: &random)
      #expect(TaskID(id.description) == id)
      #expect(id.milliseconds == milliseconds)
    }
  }

  @Test(arguments: [0, .max] as [UInt64])
  func `version and variant are set whatever the random bits are`(bits: UInt64) {
    let text = Array(Self.id(1_700_000_000_000, bits: bits).description)
    #expect(text.count == 36)
    #expect(text[14] == "7")
    #expect("89ab".contains(text[19]))
    let rest: [Character] = bits == 0 ? ["0", "8"] : ["f", "b"]
    #expect(text[15..<18].allSatisfy { $0 == rest[0] })
    #expect(text[19] == rest[1])
    #expect((text[20..<23] + text[24...]).allSatisfy { $0 == rest[0] })
  }

  @Test func `ids order by time, as values and as text, whatever their random bits are`() {
    let times: [Int64] = [0, 1, 255, 256, 65_535, 65_536, 1_700_000_000_000, (1 << 48) - 1]
    let ids = times.flatMap { [Self.id($0, bits: 0), Self.id($0, bits: .max)] }
    for (index, id) in ids.enumerated() {
      for later in ids[(index + 1)...] {
        #expect(id < later)
        #expect(id.description < later.description)
      }
    }
  }

  @Test func `ids of one millisecond differ by their random bits`() {
    var random = SeededGenerator(seed: 1)
    let ids = Set((0..<1000).map { _ in TaskID(milliseconds: 5, random: &random) })
    #expect(ids.count == 1000)
  }

  @Test(arguments: [
    "", "017f22e2", "017f22e279b07cc398c4dc0c0c07398f", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e279b0--7cc3-98c4-dc0c0c07398f",
    "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}", "017f22e2-79b0-7cc3-98c4-dc0c0c07398 ",
    "017f22e2_79b0_7cc3_98c4_dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-+c0c0c07398f",
    "../../etc/passwd/../../etc/passwd/..", "017f22e2-79b0-7cc3-98c4-dc0c0c0739\u{E9}",
  ])
  func `what is not exactly an id is refused`(text: String) {
    #expect(TaskID(text) == nil)
  }
}
