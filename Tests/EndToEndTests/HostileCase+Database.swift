import Foundation
import Glibc
import TestSupport
import Testing

extension HostileCase {
  /// What other programs and people do to the database while the daemon has it.
  static let database: [HostileCase] = [
    HostileCase(
      "while another program holds the database nothing is lost, and all goes on after it",
      isOverseen: true
    ) { site in
      let door = try await site.door()
      _ = try await site.freezeWithinLarge()
      let holder = try await site.holdDatabase()
      site.daemon.thaw()
      for number in 1...3 {
        try site.sandbox.drop("\(number).csv", Sandbox.plays(1, song: "\(number)"))
      }
      // For as long as SQLite waits for it, and then not.
      let locked = "locked by another program"
      let sent = Data(Sandbox.plays(4, song: "sent").utf8)
      let refused = try await door.put("sent.csv", sent)
      #expect(refused.status == 503)
      #expect(try refused.problem().contains(locked))
      #expect(refused.headers["retry-after"] != nil)
      try await eventually("the metrics have the task that waits for it") {
        try await door.metric("watchd_tasks_waiting{reason=\"database\"}") == 1
      }
      try await site.awaitStatus("for their next attempt wait 1 (database)")
      try await site.awaitStatus(locked)
      #expect(try site.daemon.logText().contains { $0.contains(locked) })
      #expect(try await door.get("/readyz").problem().contains(locked))
      // Nobody can record it.
      for name in ["1.csv", "large.csv"] {
        let why = try await site.sandbox.watchctl(["why", name])
        #expect(why.output.contains(locked), "\(why.output)\(why.errorText)")
      }
      holder.send(SIGTERM)
      #expect(try await holder.end() == .exit(0))
      try await eventually("what was refused is taken when it is sent again") {
        try await door.put("sent.csv", sent).status == 202
      }
      try await site.expect(tasks: 5, plays: HostileSite.largeRows + 3 + 4)
    },
    HostileCase(
      "nothing is written to a database that was moved away, and all goes on once it is back",
      isOverseen: true
    ) { site in
      try await site.displaceDatabase { database in try site.rename(database, database + ".moved") }
    },
    HostileCase(
      "nothing is made in the place of a database that was removed, and all goes on once it is back",
      isOverseen: true
    ) { site in
      try await site.displaceDatabase { database in try site.remove(database) }
    },
    HostileCase(
      "nothing is written to another watchd's database in the place of its own, and all goes on once that is back",
      isOverseen: true
    ) { site in
      let other = try Sandbox()
      try other.drop("theirs.csv", Sandbox.plays(1000))
      #expect(try await other.once().end == .exit(0))
      try await site.displaceDatabase { database in
        try FileManager.default.copyItem(
          atPath: other.state + "/watchd.db", toPath: site.desk + "/theirs")
        try site.rename(site.desk + "/theirs", database)
      }
    },
    HostileCase(
      "nothing is written to a copy in the place of the database, and all goes on once that is back",
      isOverseen: true
    ) { site in
      try await site.displaceDatabase { database in
        try FileManager.default.copyItem(atPath: database, toPath: site.desk + "/copy")
        try site.rename(site.desk + "/copy", database)
      }
    },
  ]
}

extension HostileSite {
  /// A program that has the lock for writing, until it gets SIGTERM and commits.
  fileprivate func holdDatabase() async throws -> ChildProcess {
    let holder = try ChildProcess(
      "/usr/bin/env",
      [
        "python3", "-c",
        """
        import sqlite3, signal, sys
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
        held.execute("BEGIN EXCLUSIVE")
        open(sys.argv[2], "w").close()
        signal.sigwait({signal.SIGTERM})
        held.execute("COMMIT")
        """, sandbox.state + "/watchd.db", desk + "/held",
      ])
    try await eventually("the database is held") {
      FileManager.default.fileExists(atPath: desk + "/held")
    }
    return holder
  }

  /// Takes the database's name from it by `act`, and gives it back once whoever may ask was told.
  fileprivate func displaceDatabase(_ act: (String) throws -> Void) async throws {
    let door = try await door()
    let (database, kept) = (sandbox.state + "/watchd.db", desk + "/kept")
    try sandbox.drop("before.csv", Sandbox.plays(1))
    try await sandbox.awaitAllFinished(1)
    try FileManager.default.linkItem(atPath: database, toPath: kept)
    try act(database)
    let stranger = FileManager.default.contents(atPath: database)
    let moved = "moved, removed or replaced"
    try sandbox.drop("while.csv", Sandbox.plays(2))
    try await eventually("the log says so") {
      try daemon.logText().contains { $0.contains(moved) }
    }
    try await awaitStatus(moved)
    #expect(try await door.get("/readyz").problem().contains(moved))
    let sent = Data(Sandbox.plays(4).utf8)
    let refused = try await door.put("sent.csv", sent)
    #expect(refused.status == 503)
    #expect(try refused.problem().contains(moved))
    let forget = try await sandbox.watchctl(["forget", "before.csv"])
    #expect(forget.end == .exit(1), "\(forget.output)\(forget.errorText)")
    let why = try await sandbox.watchctl(["why", "while.csv"])
    #expect((why.output + why.errorText).contains(moved), "\(why.output)\(why.errorText)")
    if stranger == nil {
      let status = try await sandbox.watchctl(["status"])
      #expect(status.errorText.contains(moved), "\(status.output)\(status.errorText)")
    }
    _ = try await names(by: door)
    #expect(FileManager.default.contents(atPath: database) == stranger)
    try rename(kept, database)
    #expect(try await door.put("sent.csv", sent).status == 202)
    try await expect(tasks: 3, plays: 7)
    // No answer comes from what had its name.
    for names in try await names(by: door) {
      #expect(Set(names) == ["before.csv", "sent.csv", "while.csv"])
    }
  }

  /// The tasks' names as several hear them who ask at once; none where the answer is another one.
  private func names(by door: Door) async throws -> [[String]] {
    struct Task: Decodable { let name: String }
    return try await withThrowingTaskGroup(of: [String].self) { group in
      for _ in 1...12 {
        group.addTask {
          let answer = try await door.get("/tasks")
          return answer.status == 200 ? try answer.json([Task].self).map(\.name) : []
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }
}
