import Files
import Foundation
import TaskModel
import TaskStore

/// Folders, disk, kernel, database.
extension Doctor {
  /// Below it a burst of files may fill the disk before anybody looks.
  private static let leastFree: Int64 = 1 << 30
  /// The first libsqlite3 without the WAL-reset bug (https://www.sqlite.org/wal.html).
  private static let sound = [3, 51, 3]

  /// - Parameters:
  ///   - name: Of the finding.
  ///   - folder: One of the daemon's.
  ///   - users: Whose rights to it matter.
  ///   - minimumFree: The daemon's `min-free` where it writes there; 0 elsewhere.
  mutating func check(
    _ name: String, _ folder: Directory, _ users: FolderUsers, minimumFree: Int64
  ) {
    do {
      if !users.isOthers { try folder.requireWritable() }
      let free = try folder.freeBytes()
      if free < minimumFree {
        wrong(
          name,
          "\(folder.path) has only \(ByteSize.shown(free)) free, and \(ByteSize.shown(minimumFree)) are to stay"
            + " free (min-free): watchd takes no file",
          remedy: "free some space, and watchd goes on by itself; or lower min-free")
      } else if free < Self.leastFree {
        wrong(
          name, "\(folder.path) has only \(ByteSize.shown(free)) free",
          remedy: "free some space; watchd goes on by itself")
      } else {
        fine(
          name,
          "\(folder.path)\(users.isOthers ? "" : " is writable"), \(ByteSize.shown(free)) are free")
      }
    } catch {
      wrong(
        name, "\(error)",
        remedy: "run watchd as a user who may write there, or give that user the right to it")
    }
  }

  mutating func checkFileSystem(_ state: Directory) {
    attempt("file-system", "keep the state on a local disk") {
      try state.isRemote()
    }.map { isRemote in
      if isRemote {
        wrong(
          "file-system",
          "\(path) may be on a network file system, where SQLite's locks do not hold",
          remedy: "keep the state on a local disk; inbox and outbox may stay there")
      } else {
        fine("file-system", "\(path) is on a local file system")
      }
    }
  }

  /// The kernel's limits of what watchd needs: one instance, two watches, a queue for the events of a burst.
  mutating func checkSystem() {
    for (name, least) in [
      ("max_user_instances", 16), ("max_user_watches", 1024), ("max_queued_events", 1024),
    ] {
      let path = "/proc/sys/fs/inotify/" + name
      let value = attempt("inotify", "mount /proc") {
        try String(contentsOfFile: path, encoding: .utf8)
      }
      guard let value, let number = Int(value.trimmingCharacters(in: .whitespacesAndNewlines))
      else {
        continue
      }
      if number < least {
        wrong(
          "inotify", "fs.inotify.\(name) is \(number)",
          remedy: "raise it: sysctl fs.inotify.\(name)=\(least), and in /etc/sysctl.d")
      } else {
        fine("inotify", "fs.inotify.\(name) is \(number)")
      }
    }
  }

  mutating func checkDatabase(_ reader: TaskReader) {
    guard let health = attempt("database", nil, { try reader.health() }) else { return }
    if health.damage.isEmpty {
      fine("database", "\(reader.path) is sound, its schema is version \(health.schemaVersion)")
    } else {
      wrong(
        "database", "\(reader.path) is damaged: \(health.damage.joined(separator: "; "))",
        remedy: "stop watchd, keep a copy of the folder, restore a backup")
    }
    if !health.givesSpaceBack {
      fine(
        "database",
        "\(reader.path) was made by an early watchd: it uses free pages again, but gives none back to the file"
          + " system; to change that, stop watchd, run sqlite3 watchd.db 'PRAGMA auto_vacuum = INCREMENTAL; VACUUM',"
          + " and start watchd, which mends what VACUUM changes")
    }
    let version = health.sqliteVersion.split(separator: ".").compactMap { Int($0) }
    fine(
      "sqlite",
      version.lexicographicallyPrecedes(Self.sound)
        ? "libsqlite3 \(health.sqliteVersion) has the WAL-reset bug, by which two programs that write can lose"
          + " commits; watchd writes through one connection, so let no other program write to watchd.db"
        : "libsqlite3 \(health.sqliteVersion)")
  }

  mutating func checkPlaces(
    _ reader: TaskReader, _ settings: Settings, daemon: Int32?, _ users: FolderUsers
  ) {
    guard let places = attempt("database", nil, { try reader.places() }) else { return }
    for place in [Place.inbox, .outbox] {
      guard let path = places[place] else {
        wrong(
          place.rawValue, "the database does not say where the \(place.rawValue) is",
          remedy: "start watchd once with this state directory")
        continue
      }
      let folder = attempt(place.rawValue, "make it, or start watchd, which makes it") {
        try Directory.open(path, create: false)
      }
      guard let folder else { continue }
      check(
        place.rawValue, folder, users, minimumFree: place == .outbox ? settings.minFree : 0)
      if place == .inbox {
        attempt("inbox-files") { try Operations(reader).look(into: folder, daemon: daemon) }
          .map { checkInbox($0) }
      }
    }
  }
}
