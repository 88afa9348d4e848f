import Foundation
import TestSupport
import Testing

extension HostileCase {
  /// What people and the machine do to the daemon's folders.
  static let machine: [HostileCase] = [
    HostileCase("with few open files allowed two hundred files all come through") { site in
      try await site.command(
        "prlimit", ["--pid", "\(site.daemon.processID)", "--nofile=60:60"])
      let names = (1...200).map { "\($0).csv" }
      for name in names { try site.sandbox.drop(name, Sandbox.plays(1, song: name)) }
      try await site.expect(tasks: 200, plays: 200)
      #expect(try await site.sandbox.statuses() == ["done": 200])
    },
    // Read to its end, for the receipt has the hash of what came.
    HostileCase("a file of a gigabyte without one line fails, and others do not wait for it") {
      site in
      let path = site.desk + "/sparse.csv"
      try site.write("", to: path)
      try site.change(path) { try $0.truncate(atOffset: 1 << 30) }
      try site.rename(path, site.inbox + "/sparse.csv")
      try site.sandbox.drop("small.csv", Sandbox.plays(1))
      #expect(try await site.sandbox.receipt("small.csv").status == "done")
      try await site.sandbox.awaitAllFinished(2, within: .seconds(480))
      let code = try await site.sandbox.value(
        "SELECT error_code FROM manifest WHERE status = 'failed'")
      #expect(code == "record-too-long")
      #expect(try await site.sandbox.playsSum() == 1)
      #expect(try site.daemon.peakMemory() < 256 << 20)
    },
    HostileCase("what others leave hidden in the outbox and in state/work stays theirs") { site in
      let planted = [
        site.sandbox.outbox + "/.watchd-theirs.result", site.sandbox.outbox + "/.plays.csv.tmp",
        site.sandbox.state + "/work/notes",
      ]
      for path in planted { try site.write("theirs", to: path) }
      try site.sandbox.drop("plays.csv", Sandbox.plays(1))
      try await site.expect(tasks: 1, plays: 1)
      for path in planted {
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "theirs")
        try site.remove(path)
      }
    },
    HostileCase("a directory under the name of a result is passed over") { site in
      try FileManager.default.createDirectory(
        atPath: site.sandbox.outbox + "/plays.csv", withIntermediateDirectories: false)
      try site.sandbox.drop("plays.csv", Sandbox.plays(1))
      try await site.expect(tasks: 1, plays: 1)
      #expect(try site.sandbox.result("plays.2.csv") == Sandbox.total(1))
    },
    HostileCase("sums of two files that together pass 64 bits are each right, and nothing stops") {
      site in
      try site.sandbox.drop("first.csv", Sandbox.plays(.max))
      try site.sandbox.drop("second.csv", Sandbox.plays(1))
      try await site.sandbox.awaitAllFinished(2)
      #expect(try await site.sandbox.statuses() == ["done": 2])
      let totals = try await site.sandbox.watchctl(["totals", "--csv"])
      #expect(totals.output.contains("9223372036854775808"), "\(totals.output)\(totals.errorText)")
    },
    HostileCase("small files are done while a large one is read") { site in
      let rows = HostileSite.large.dropFirst(HostileSite.header.utf8.count)
      try site.write(
        HostileSite.header + String(repeating: String(rows), count: 6), to: site.desk + "/large.csv"
      )
      try site.rename(site.desk + "/large.csv", site.inbox + "/large.csv")
      try await site.daemon.awaitRead(bytes: 1 << 20)
      // So that it is not read meanwhile, on a machine that is slow to drop them.
      site.daemon.freeze()
      for number in 1...50 {
        try site.sandbox.drop("\(number).csv", Sandbox.plays(1, song: "\(number)"))
      }
      try await site.expect(tasks: 51, plays: 6 * HostileSite.largeRows + 50)
      let after = try await site.sandbox.value(
        """
        SELECT COUNT(*) FROM manifest WHERE name <> 'large.csv' AND finished_at >
          (SELECT finished_at FROM manifest WHERE name = 'large.csv')
        """)
      #expect(after == "0")
    },
  ]

  /// What takes a right to mount.
  static let mounts: [HostileCase] = [
    HostileCase(
      "a file system that is mounted over the inbox is watched, and so is what was below it"
    ) { site in
      try await site.command("mount", ["-t", "tmpfs", "-o", "size=1m", "watchd-test", site.inbox])
      try site.write(Sandbox.plays(1, song: "above"), to: site.inbox + "/above.csv")
      try await site.sandbox.awaitAllFinished(1)
      try await site.command("umount", ["-l", site.inbox])
      try site.sandbox.drop("below.csv", Sandbox.plays(1, song: "below"))
      try await site.expect(tasks: 2, plays: 2)
    },
    HostileCase("with a read-only outbox a file waits, and goes on once it can be written") {
      site in
      let outbox = site.sandbox.outbox
      try await site.command("mount", ["-t", "tmpfs", "-o", "ro,size=1m", "watchd-test", outbox])
      try site.sandbox.drop("plays.csv", Sandbox.plays(1))
      try await eventually("watchctl says why it waits") {
        try await site.sandbox.watchctl(["why", "plays.csv"]).output.contains("mounted read-only")
      }
      try await site.command("umount", ["-l", outbox])
      try await site.expect(tasks: 1, plays: 1)
      #expect(try site.sandbox.result("plays.csv") == Sandbox.total(1))
    },
    HostileCase("in an outbox that may hold no more files a file waits, and goes on once it may") {
      site in
      let outbox = site.sandbox.outbox
      try await site.command(
        "mount", ["-t", "tmpfs", "-o", "nr_inodes=4,size=1m", "watchd-test", outbox])
      for number in 1...3 { try site.write("", to: outbox + "/theirs-\(number)") }
      try site.sandbox.drop("plays.csv", Sandbox.plays(1))
      try await eventually("watchctl says why it waits") {
        try await site.sandbox.watchctl(["why", "plays.csv"]).output.contains("No space left")
      }
      #expect(try site.sandbox.result("plays.csv") == nil)
      try await site.command("mount", ["-o", "remount,nr_inodes=64", outbox])
      try await site.expect(tasks: 1, plays: 1)
      #expect(try site.sandbox.result("plays.csv") == Sandbox.total(1))
      try await site.command("umount", ["-l", outbox])
    },
  ]
}
