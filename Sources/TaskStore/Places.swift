import GRDB

/// A directory of the daemon that `watchctl` has to find, knowing the state directory alone.
package enum Place: String, Sendable, CaseIterable {
  case inbox
  case outbox
}

extension TaskStore {
  /// Records where the daemon works, as absolute paths; called at each start.
  package func setPlaces(_ paths: [Place: String]) throws(StoreError) {
    try write("record the directories") { transaction in
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
}
