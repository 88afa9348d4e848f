import Files
import Glibc
import TaskModel
import TestSupport
import Testing

@testable import Inbox

/// Everything that watches: the library has one queue a process, so one test at a time.
@Suite(.serialized) struct WatchedInbox {}

extension WatchedInbox {
  @Test(arguments: Arrival.all)
  func `a file is taken once and whole however it arrives`(arrival: Arrival) async throws {
    let running = try RunningInbox()
    try await running.start()
    try await arrival.perform(in: running)
    try await running.pass()
    #expect(try running.taken().sorted() == arrival.taken.sorted())
    #expect(try running.inbox.sightings() == arrival.left.sorted { $0.name < $1.name })
    try running.stop()
  }

  @Test(arguments: Arrival.all.filter { $0.testDescription.hasPrefix("at rest") })
  func `what lay there before the start is taken by the first scan`(arrival: Arrival) async throws {
    let running = try RunningInbox()
    try await arrival.perform(in: running)
    try await running.start()
    try await running.pass()
    #expect(try running.taken().sorted() == arrival.taken.sorted())
    #expect(try running.inbox.sightings() == arrival.left.sorted { $0.name < $1.name })
    try running.stop()
  }
}

extension WatchedInbox {
  @Test func `a file that is renamed in does not wait to settle`() async throws {
    let running = try RunningInbox(settle: .seconds(3600))
    try await running.start()
    try running.folder.append("slow", to: "slow.csv")
    try running.outside.append("a", to: "a.csv")
    try running.outside.move("a.csv", to: running.folder, as: "a.csv")
    try await running.awaitClaims(1)
    #expect(try running.taken().map(\.name) == ["a.csv"])
    #expect(
      try running.inbox.sightings() == [Sighting(name: "slow.csv", reason: .settling)])
    try running.stop()
  }

  @Test(.enabled(if: geteuid() != 0, "SKIPPED: nothing is unreadable for root"))
  func `a file without a right to read it is taken when the right is given`() async throws {
    let running = try RunningInbox()
    try await running.start()
    try running.outside.append("a", to: "a.csv")
    let path = running.rootPath
    try #require(unsafe chmod(path + "/outside/a.csv", 0) == 0)
    try running.outside.move("a.csv", to: running.folder, as: "a.csv")
    try await running.pass()
    let left = try running.inbox.sightings()
    #expect(left.map(\.name) == ["a.csv"])
    #expect(left.allSatisfy { $0.sentence.contains("Permission denied") })
    try #require(unsafe chmod(path + "/inbox/a.csv", 0o644) == 0)
    try await eventually("it is taken") { try running.taken().map(\.contents) == ["a"] }
    try running.stop()
  }
}

extension Arrival {
  private static let odd: FileName = {
    let bytes: [UInt8] = [0xFF, 0x0A, 0x27, 0x20, 0x3B, 0x1B] + Array(".csv".utf8)
    return FileName(bytes: bytes) ?? "impossible.csv"
  }()
  private static let longest: FileName = {
    FileName(String(repeating: "n", count: 251) + ".csv") ?? "impossible.csv"
  }()

  static let all: [Arrival] = [
    // "at rest": the script awaits nothing, so that it can also run before the inbox does.
    Arrival("at rest: cp", [.append("a", to: "a.csv")], taken: ["a.csv": "a"]),
    Arrival(
      "at rest: mv", [.appendOutside("a", to: "x"), .moveIn("x", as: "a.csv")],
      taken: ["a.csv": "a"]),
    Arrival(
      "mv over a name that is still being written",
      [
        .open("a.csv", as: "h"), .write("old", to: "h"),
        .awaitReason(.openByWriter, of: "a.csv"), .appendOutside("new", to: "x"),
        .moveIn("x", as: "a.csv"), .awaitClaims(1), .close("h"),
      ],
      taken: ["a.csv": "new"]),
    Arrival(
      "at rest: hard link", [.appendOutside("a", to: "x"), .linkIn("x", as: "a.csv")],
      taken: ["a.csv": "a"]),
    Arrival("at rest: O_TMPFILE", [.linkTemporaryFile("a", as: "a.csv")], taken: ["a.csv": "a"]),
    Arrival(
      "at rest: temporary name, then rename",
      [.append("a", to: "a.csv.part"), .move("a.csv.part", as: "a.csv")], taken: ["a.csv": "a"]),
    Arrival(
      "at rest: rsync's hidden name, then rename",
      [.append("a", to: ".a.csv.LqWl8e"), .move(".a.csv.LqWl8e", as: "a.csv")],
      taken: ["a.csv": "a"]),
    Arrival("at rest: empty", [.append("", to: "a.csv")], taken: ["a.csv": ""]),
    Arrival(
      "at rest: upper case and gzip", [.append("a", to: "A.CSV"), .append("b", to: "b.Csv.Gz")],
      taken: ["A.CSV": "a", "b.Csv.Gz": "b"]),
    Arrival("at rest: leading dash", [.append("a", to: "-rf.csv")], taken: ["-rf.csv": "a"]),
    Arrival(
      "at rest: a name that is not UTF-8, with a newline, a quote and an escape",
      [.append("a", to: odd)], taken: [odd: "a"]),
    Arrival("at rest: a name of 255 bytes", [.append("a", to: longest)], taken: [longest: "a"]),
    Arrival(
      "at rest: names that are not ours",
      [
        .append("a", to: "a.txt"), .append("a", to: "a.csv~"), .append("a", to: "a.csv.tmp"),
        .append("a", to: ".a.csv"), .append("a", to: ".csv"), .append("a", to: "csv"),
      ],
      left: [
        "a.txt": .name(.other), "a.csv~": .name(.temporary), "a.csv.tmp": .name(.temporary),
        ".a.csv": .name(.hidden), ".csv": .name(.hidden), "csv": .name(.other),
      ]),
    Arrival(
      "at rest: not regular files",
      [
        .directory("d.csv"), .fifo("f.csv"), .socket("s.csv"),
        .symbolicLink("l.csv", to: "/etc/passwd"), .symbolicLink("broken.csv", to: "nowhere"),
      ],
      left: [
        "d.csv": .notRegular(.directory), "f.csv": .notRegular(.fifo),
        "s.csv": .notRegular(.socket), "l.csv": .notRegular(.symbolicLink),
        "broken.csv": .notRegular(.symbolicLink),
      ]),
    Arrival(
      "a slow writer that pauses",
      [
        .open("a.csv", as: "h"), .write("1,", to: "h"),
        .awaitReason(.openByWriter, of: "a.csv"), .pass, .write("2,", to: "h"), .pass,
        .expectNothingTaken, .write("3", to: "h"), .close("h"),
      ],
      taken: ["a.csv": "1,2,3"]),
    Arrival(
      "two descriptors, of which one closes",
      [
        .open("a.csv", as: "h"), .open("a.csv", as: "i"), .write("1", to: "h"), .close("h"), .pass,
        .expectNothingTaken, .write("2", to: "i"), .close("i"),
      ],
      taken: ["a.csv": "12"]),
    Arrival(
      "renamed in while its writer has it open",
      [
        .open(".a", as: "h"), .write("1", to: "h"), .move(".a", as: "a.csv"),
        .awaitReason(.openByWriter, of: "a.csv"), .pass, .expectNothingTaken, .write("2", to: "h"),
        .close("h"),
      ],
      taken: ["a.csv": "12"]),
    Arrival(
      "the same name again, after it was taken",
      [
        .append("one", to: "a.csv"), .awaitClaims(1), .append("two", to: "a.csv"),
      ],
      taken: ["a.csv": "one", "a.csv": "two"]),
    Arrival(
      "renamed inside the inbox while it is open",
      [
        .open("a.csv", as: "h"), .awaitReason(.openByWriter, of: "a.csv"),
        .move("a.csv", as: "b.csv"), .awaitReason(.openByWriter, of: "b.csv"),
        .write("b", to: "h"), .close("h"),
      ],
      taken: ["b.csv": "b"]),
    Arrival(
      "a directory with files in it",
      [.directory(".d"), .move(".d", as: "d.csv")], left: ["d.csv": .notRegular(.directory)]),
  ]
}
