import Foundation
import TestSupport
import Testing

extension Disasters {
  /// Small `.csv.gz` that come to hundreds of times their size: read as a stream, so the memory is that of any file.
  @Suite struct PackedBombs {
    private static let unpacked = Soak.count(200, 2_000) << 20
    /// Above what the daemon has at rest, a third of the above: `memory`, a record of `max-record`, and some pieces.
    private static let mostMemory = 64 << 20

    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    /// Packs what a shell command writes, so many times smaller at least.
    private func pack(_ command: String, ratio: Int) async throws -> String {
      let path = sandbox.desk + "/bomb.csv.gz"
      let packed = try await run("/bin/sh", ["-c", "(\(command)) | gzip -9 > \"$0\"", path])
      #expect(packed.end == .exit(0), "\(packed.errorText)")
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      #expect(try #require(size) < Self.unpacked / ratio)
      return path
    }

    /// Has a daemon read it, and holds its memory to the bound.
    private func read(_ path: String) async throws {
      let daemon = try await sandbox.daemon(["--memory", "16MiB"])
      let before = try daemon.peakMemory()
      try sandbox.moveIn(path, as: "bomb.csv.gz")
      try await sandbox.awaitAllFinished(1, within: .seconds(600))
      let peak = try daemon.peakMemory()
      #expect(peak - before < Self.mostMemory, "\(before >> 20) MiB, then \(peak >> 20)")
      #expect(try await daemon.stop() == .exit(0))
    }

    /// A row of a short song packs 400 times smaller, one of a long song 900 times.
    @Test(arguments: [(8, 400), (20_000, 900)])
    func `one row again and again is added up, and takes no more memory than any file`(
      length: Int, ratio: Int
    ) async throws {
      let song = String(repeating: "x", count: length)
      let row = "\(song),2024-01-01,3"
      let rows = Self.unpacked / (row.utf8.count + 1)
      try await read(
        try await pack(
          "echo Song,Date,Number of Plays; yes '\(row)' | head -n \(rows)", ratio: ratio))
      #expect(try await sandbox.statuses() == ["done": 1])
      #expect(try sandbox.result("bomb.csv") == Sandbox.total(3 * rows, song: song))
      #expect(try await sandbox.playsSum() == 3 * rows)
    }

    @Test func `one record without an end fails the file, and takes no more memory than any file`()
      async throws
    {
      try await read(
        try await pack(
          "echo Song,Date,Number of Plays; head -c \(Self.unpacked) /dev/zero | tr '\\0' x",
          ratio: 900))
      let receipt = try await sandbox.receipt("bomb.csv")
      #expect(receipt.errorCode == "record-too-long", "\(receipt)")
    }
  }
}
