import Foundation
import Glibc
import TestSupport
import Testing

extension HostileCase {
  /// What senders do with their files.
  static let senders: [HostileCase] = [
    HostileCase(
      "a writer that is killed in the middle of a number leaves a file that counts as it is"
    ) { site in
      // Nobody but the sender can know that 12 should have been 1234: rename in, or name a part `.part`.
      try await site.leaveHalf(HostileSite.header + "A,d,5\nB,d,12", at: site.inbox + "/cut.csv")
      try await site.expect(tasks: 1, plays: 17)
    },
    HostileCase("a writer that is killed in the middle of a row leaves a file that fails whole") {
      site in
      try await site.leaveHalf(HostileSite.header + "A,d,5\nB,d", at: site.inbox + "/cut.csv")
      try await site.expect(tasks: 1, plays: 0)
      #expect(try await site.sandbox.statuses() == ["failed": 1])
    },
    HostileCase(
      "a transfer that is cut off under a temporary name is left alone, and counts whole once it was resumed"
    ) { site in
      // As rsync, WinSCP and curl name what is not whole yet.
      let names = [".0.csv.Xq81Lw", "1.csv.filepart", "2.csv.part"]
      for (number, name) in names.enumerated() {
        try await site.leaveHalf(
          HostileSite.header + "\(number),d,5\n\(number),d", at: site.inbox + "/" + name)
      }
      try site.sandbox.drop("fence.csv", Sandbox.plays(1))
      _ = try await site.sandbox.receipt("fence.csv")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: site.inbox).sorted() == names.sorted())
      for (number, name) in names.enumerated() {
        try site.change(site.inbox + "/" + name) { file in
          try file.seekToEnd()
          try file.write(contentsOf: Data(",20\n".utf8))
        }
        try site.rename(site.inbox + "/" + name, site.inbox + "/\(number).csv")
      }
      try await site.expect(tasks: 4, plays: 76)
    },
    HostileCase("a file that is appended to while it is read counts with what was appended") {
      site in
      let path = try await site.freezeWithinLarge()
      try site.change(path) { file in
        try file.seekToEnd()
        try file.write(contentsOf: Data("Late,d,5\n".utf8))
      }
      try await site.expect(tasks: 1, plays: HostileSite.largeRows + 5)
    },
    HostileCase(
      "a file that is shortened while it is read fails with a reason, and nothing of it counts"
    ) { site in
      let path = try await site.freezeWithinLarge()
      try site.change(path) { file in
        try file.truncate(atOffset: UInt64(HostileSite.header.utf8.count + 10 * 26))
      }
      try await site.expect(tasks: 1, plays: 0)
      let error = try await site.sandbox.value("SELECT error FROM manifest")
      #expect(error?.contains("when it was taken") == true, "\(error ?? "no error")")
    },
    HostileCase("a file that is rewritten in place, size and times as before, counts as rewritten")
    { site in
      let path = try await site.freezeWithinLarge()
      let before = try site.status(of: path)
      try site.change(path) { file in
        try file.seek(toOffset: UInt64(HostileSite.header.utf8.count + 26 - 2))
        try file.write(contentsOf: Data("7".utf8))
      }
      try site.setTimes(of: path, asIn: before)
      let after = try site.status(of: path)
      // To the nanosecond, so that the time of change alone tells.
      #expect(after.st_mtim.tv_sec == before.st_mtim.tv_sec)
      #expect(after.st_mtim.tv_nsec == before.st_mtim.tv_nsec)
      #expect(after.st_size == before.st_size && after.st_ino == before.st_ino)
      try await site.expect(tasks: 1, plays: HostileSite.largeRows + 6)
    },
    HostileCase("a file whose other name is removed while it is read counts whole") { site in
      let path = try await site.freezeWithinLarge()
      try site.remove(path)
      try await site.expect(tasks: 1, plays: HostileSite.largeRows)
    },
    HostileCase("a file that comes under the name of one that is being read is a task of its own") {
      site in
      _ = try await site.freezeWithinLarge()
      try site.sandbox.drop("large.csv", Sandbox.plays(3))
      try await site.expect(tasks: 2, plays: HostileSite.largeRows + 3)
      #expect(try site.sandbox.names(in: site.sandbox.outbox).contains("large.2.csv"))
    },
    HostileCase("a file that is renamed inside the inbox at once is one task under its last name") {
      site in
      try site.write(Sandbox.plays(4), to: site.inbox + "/first.csv")
      try site.rename(site.inbox + "/first.csv", site.inbox + "/second.csv")
      try await site.expect(tasks: 1, plays: 4)
    },
    HostileCase("two files renamed over one name at once count as the last one, or both") { site in
      site.daemon.freeze()
      for plays in [20, 1] {
        try site.write(Sandbox.plays(plays), to: site.desk + "/\(plays)")
        try site.rename(site.desk + "/\(plays)", site.inbox + "/same.csv")
      }
      // While the daemon stood still the second one replaced the first one.
      try await site.expect(tasks: 1, plays: 1)
    },
    HostileCase(
      "of two files renamed over one name while watchd takes them the last counts, and each that counts is whole"
    ) { site in
      var (round, both) = (0, 0)
      while both == 0 {
        guard round < 400 else { throw NeverHappened("the first of two was taken before the last") }
        for _ in 1...20 {
          round += 1
          for (order, plays) in [("first", 20), ("last", 1)] {
            // The later the round, the longer the first one has the name.
            for _ in 1...(order == "first" ? 1 : round) {
              try site.write(
                Sandbox.plays(plays, song: "\(order) \(round)"), to: site.desk + "/" + order)
            }
            try site.rename(site.desk + "/" + order, site.inbox + "/same.csv")
          }
          // A claim that is taken back leaves the inbox empty for a moment, in which its name is not free: who puts another
          // file there replaces the one that comes back.
          try await eventually("the inbox is empty, and nothing comes back") {
            try site.sandbox.names(in: site.inbox).isEmpty
              && site.sandbox.names(in: site.sandbox.state + "/work").isEmpty
              && site.sandbox.names(in: site.inbox).isEmpty
          }
        }
        // What was just taken lies there before the manifest has a row of it.
        try await eventually("all that was taken is over") {
          try site.sandbox.names(in: site.sandbox.state + "/work").isEmpty
        }
        #expect(
          try await site.sandbox.value("SELECT COUNT(*) FROM plays WHERE song LIKE 'last %'")
            == "\(round)")
        let first = try await site.sandbox.value(
          "SELECT COUNT(*) FROM plays WHERE song LIKE 'first %'")
        both = try #require(first.flatMap { Int($0) })
      }
      #expect(try await site.sandbox.statuses() == ["done": round + both])
      #expect(try await site.sandbox.playsSum() == round + 20 * both)
    },
    HostileCase(
      "two thousand files that are removed as soon as they are there leave no trace and no noise"
    ) { site in
      for number in 1...2000 {
        let path = site.inbox + "/\(number).csv"
        try site.write("", to: path)
        // One that was taken meanwhile is not there to be removed.
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
          throw NeverHappened("unlink \(path): errno \(errno)")
        }
      }
      try site.sandbox.drop("last.csv", Sandbox.plays(9))
      _ = try await site.sandbox.receipt("last.csv")
      #expect(try await site.sandbox.playsSum() == 9)
      let complaints = try site.daemon.log().filter { !["info", "notice"].contains($0.level) }
      // Those that were taken are empty and fail; each is told of once.
      let failed = try await site.sandbox.statuses()["failed"] ?? 0
      #expect(complaints.count < 10 + failed, "\(complaints.prefix(10))")
    },
    HostileCase(
      "a folder that is moved in with files is left alone, and why says so", isOverseen: true
    ) { site in
      let folder = site.desk + "/folder.csv"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
      try site.write(Sandbox.plays(100), to: folder + "/inner.csv")
      try FileManager.default.moveItem(atPath: folder, toPath: site.inbox + "/folder.csv")
      try site.sandbox.drop("beside.csv", Sandbox.plays(2))
      try await site.expect(tasks: 1, plays: 2)
      let why = try await site.sandbox.watchctl(["why", "folder.csv"])
      #expect(why.output.contains("directory"), "\(why.output)\(why.errorText)")
      try await site.awaitScans()
      // Not with every look at it.
      let told = try site.daemon.logText().filter { $0.contains("folder.csv") }
      #expect(told.count <= 1, "\(told)")
      try site.remove(site.inbox + "/folder.csv")
    },
    HostileCase("a symbolic link that takes turns with a file never leads out of the inbox") {
      site in
      let secret = site.desk + "/secret.csv"
      try site.write(Sandbox.plays(1_000_000, song: "Secret"), to: secret)
      for number in 1...300 {
        try FileManager.default.createSymbolicLink(
          atPath: site.desk + "/link", withDestinationPath: secret)
        try site.rename(site.desk + "/link", site.inbox + "/turn.csv")
        try site.write(Sandbox.plays(number, song: "Turn"), to: site.desk + "/file")
        try site.rename(site.desk + "/file", site.inbox + "/turn.csv")
      }
      try await eventually("the last one is taken") {
        try site.sandbox.names(in: site.inbox).isEmpty
      }
      try site.sandbox.drop("fence.csv", Sandbox.plays(1, song: "Fence"))
      _ = try await site.sandbox.receipt("fence.csv")
      // One that was still open when it was taken waits a moment, and the fence overtakes it.
      try await eventually("all that was taken is over") {
        try await site.sandbox.statuses().keys.allSatisfy { $0 != "queued" && $0 != "running" }
      }
      let songs = try await site.sandbox.query("SELECT DISTINCT song FROM plays ORDER BY song")
      #expect(songs.compactMap { $0["song"] } == ["Fence", "Turn"])
    },
  ]
}
