import GRDB
package import TaskModel

/// A directory of the daemon that `watchctl` has to find, knowing the state directory alone.
package enum Place: String, Sendable, CaseIterable {
  case inbox
  case outbox
}

extension TaskStore {
  /// Records where the daemon works, as absolute paths, and by which settings; called at each start.
  package func setPlaces(
    _ paths: [Place: String], settings: [Setting: String] = [:]
  ) throws(StoreError) {
    try write("record the directories") { transaction in
      for (setting, value) in settings {
        try transaction.run(
          "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
          [setting.name, value])
      }
      for (place, path) in paths {
        try transaction.run(
          "INSERT INTO places (name, path) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET path = ?2",
          [place.rawValue, path])
      }
    }
  }
}

extension TaskReading {
  /// Where the daemon worked when it last started.
  package func places() throws(StoreError) -> [Place: String] {
    try read("look up the directories") { queries in
      var places: [Place: String] = [:]
      for row in try Row.fetchAll(queries.database, sql: "SELECT name, path FROM places") {
        if let place = Place(rawValue: row["name"]) { places[place] = row["path"] }
      }
      return places
    }
  }

  /// The settings that were recorded when the daemon last started.
  package func recordedSettings() throws(StoreError) -> [Setting: String] {
    try read("look up the settings") { queries in
      var values: [Setting: String] = [:]
      for row in try Row.fetchAll(queries.database, sql: "SELECT name, value FROM settings") {
        if let setting = Setting(rawValue: row["name"]) { values[setting] = row["value"] }
      }
      return values
    }
  }
}
