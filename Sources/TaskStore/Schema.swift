import GRDB

/// The tables and views, by version, and whose database a file is.
///
/// Names that users see: `manifest`, `plays`, `rejects`, `events`. The last three are views that show
/// a task by its public id; the tables below them (`play_rows`, `reject_rows`, `event_rows`, `batches`,
/// `fingerprints`) refer to `manifest.id`, which takes one to three bytes a row in place of 37.
///
/// A shipped migration never changes: what differs later is a new one, and `version` counts them.
enum Schema {
  /// The version that this code writes; `PRAGMA user_version` of a database says which it has.
  static let version = 9

  /// "wtcd" in ASCII: what `file(1)` and other programs can know our databases by.
  static let applicationID = 0x7774_6364

  static var migrator: DatabaseMigrator {
    // No check of all foreign keys after a migration: it would read every row there is.
    var migrator = DatabaseMigrator().disablingDeferredForeignKeyChecks()
    migrator.registerMigration("v1") { database in
      try database.execute(sql: manifest + rows + rejectsAndEvents + places)
      try database.execute(sql: "PRAGMA application_id = \(applicationID)")
      try database.execute(sql: "PRAGMA user_version = 1")
    }
    migrator.registerMigration("v2") { database in
      try database.execute(sql: runs)
      try database.execute(sql: "PRAGMA user_version = 2")
    }
    migrator.registerMigration("v3") { database in
      try database.execute(sql: rowsWithoutKey)
      try database.execute(sql: "PRAGMA user_version = 3")
    }
    migrator.registerMigration("v4") { database in
      try database.execute(sql: statusCounts)
      try database.execute(sql: "PRAGMA user_version = 4")
    }
    migrator.registerMigration("v5") { database in
      try database.execute(sql: uploadKeys)
      try database.execute(sql: "PRAGMA user_version = 5")
    }
    migrator.registerMigration("v6") { database in
      try database.execute(sql: retention)
      try database.execute(sql: "PRAGMA user_version = 6")
    }
    migrator.registerMigration("v7") { database in
      try database.execute(sql: queuedTimes)
      try database.execute(sql: "PRAGMA user_version = 7")
    }
    migrator.registerMigration("v8") { database in
      try database.execute(sql: leftovers)
      try database.execute(sql: "PRAGMA user_version = 8")
    }
    migrator.registerMigration("v9") { database in
      try database.execute(sql: repeatedSongs)
      try database.execute(sql: "PRAGMA user_version = 9")
    }
    return migrator
  }

  /// What an existing database is to us.
  enum State: Equatable {
    /// No table of anybody: a new file, or one whose creation was cut short.
    case empty
    case ours(version: Int)
    case foreign
  }

  static func state(of database: Database) throws -> State {
    let identity = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    if identity == applicationID {
      return .ours(version: try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0)
    }
    // GRDB makes these two by itself before the first migration; a kill may leave them alone here.
    let others = try Int.fetchOne(
      database,
      sql: """
        SELECT count(*) FROM sqlite_schema
        WHERE tbl_name NOT IN ('grdb_migrations', 'grdb_issue_102')
        """)
    return identity == 0 && others == 0 ? .empty : .foreign
  }

  /// The CHECKs repeat `TaskStatus` and `TaskPhase`: who adds a case there writes a migration here.
  private static let manifest = """
    CREATE TABLE manifest (
      task_id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      status TEXT NOT NULL
        CHECK (status IN ('queued', 'running', 'done', 'duplicate', 'failed', 'cancelled')),
      phase TEXT CHECK (phase IN ('ingesting', 'publishing')),
      size_bytes INTEGER NOT NULL,
      bytes_read INTEGER NOT NULL DEFAULT 0,
      sha256 TEXT,
      rows_read INTEGER NOT NULL DEFAULT 0,
      rows_rejected INTEGER NOT NULL DEFAULT 0,
      "groups" INTEGER,
      -- An INTEGER, or decimal TEXT where the exact sum does not fit 64 bits.
      plays_sum ANY CHECK (typeof(plays_sum) IN ('null', 'integer', 'text')),
      result_name TEXT,
      error_code TEXT,
      error TEXT,
      attempts INTEGER NOT NULL DEFAULT 0,
      duplicate_of TEXT,
      queued_at TEXT NOT NULL,
      started_at TEXT,
      finished_at TEXT,
      -- From here on for watchd itself.
      id INTEGER PRIMARY KEY,
      raw_name BLOB NOT NULL,
      "columns" TEXT CHECK ("columns" IN ('name', 'position')),
      output_number INTEGER CHECK (output_number BETWEEN 1 AND 4294967295),
      result_bytes INTEGER,
      result_sha256 TEXT,
      rejects_sha256 TEXT,
      source_identity TEXT,
      -- 1 while the rows of an attempt are being taken out: what is left of them is not the file.
      undoing INTEGER NOT NULL DEFAULT 0 CHECK (undoing IN (0, 1)),
      CHECK ((status = 'running') = (phase IS NOT NULL))
    ) STRICT;
    -- "The unfinished tasks", "the latest failed ones", "how many of each": without the history.
    CREATE INDEX manifest_status ON manifest (status, task_id);
    -- "The latest task of this file name".
    CREATE INDEX manifest_name ON manifest (name, task_id);

    """

  /// The rows of a batch have consecutive ids, so a task's rows are a few ranges of ids: found and
  /// deleted without an index on every row, which would cost more than the rows themselves.
  ///
  /// The view's CROSS JOINs fix the order of the loops (https://www.sqlite.org/optoverview.html,
  /// "Manual Control Of Query Plans Using CROSS JOIN"): done tasks, their batches, their ranges. Left
  /// alone, the planner might read every row of every task, or build an index at each query.
  private static let rows = """
    CREATE TABLE play_rows (
      id INTEGER PRIMARY KEY,
      task INTEGER NOT NULL,
      song TEXT NOT NULL,
      date TEXT NOT NULL,
      plays INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE batches (
      task INTEGER NOT NULL REFERENCES manifest (id),
      number INTEGER NOT NULL,
      -- Ids in play_rows, both inclusive; null for a batch without accepted rows.
      first_row INTEGER,
      last_row INTEGER,
      -- Where in the file the task stood after this batch.
      bytes_read INTEGER NOT NULL,
      rows_read INTEGER NOT NULL,
      rows_rejected INTEGER NOT NULL,
      PRIMARY KEY (task, number),
      CHECK ((first_row IS NULL) = (last_row IS NULL))
    ) STRICT, WITHOUT ROWID;
    CREATE VIEW plays (task_id, song, date, plays) AS
      SELECT manifest.task_id, play_rows.song, play_rows.date, play_rows.plays
      FROM manifest
      CROSS JOIN batches ON batches.task = manifest.id
      CROSS JOIN play_rows ON play_rows.id BETWEEN batches.first_row AND batches.last_row
      WHERE manifest.status = 'done';
    -- The content that counts. Rows go with the task's rows, never by age.
    CREATE TABLE fingerprints (
      sha256 TEXT PRIMARY KEY,
      task INTEGER NOT NULL UNIQUE REFERENCES manifest (id)
    ) STRICT, WITHOUT ROWID;

    """

  private static let rejectsAndEvents = """
    -- The first 10,000 of a task; manifest.rows_rejected counts them all.
    CREATE TABLE reject_rows (
      task INTEGER NOT NULL REFERENCES manifest (id),
      number INTEGER NOT NULL,
      line INTEGER NOT NULL,
      "column" INTEGER NOT NULL,
      byte INTEGER NOT NULL,
      reason TEXT NOT NULL,
      -- The first 4096 bytes of the record.
      raw BLOB NOT NULL,
      PRIMARY KEY (task, number)
    ) STRICT;
    CREATE VIEW rejects (task_id, number, line, "column", byte, reason, raw) AS
      SELECT manifest.task_id, number, line, "column", byte, reason, raw
      FROM reject_rows JOIN manifest ON manifest.id = reject_rows.task;
    CREATE TABLE event_rows (
      id INTEGER PRIMARY KEY,
      task INTEGER NOT NULL REFERENCES manifest (id),
      at TEXT NOT NULL,
      kind TEXT NOT NULL,
      detail TEXT
    ) STRICT;
    CREATE INDEX event_rows_task ON event_rows (task);
    CREATE VIEW events (task_id, at, kind, detail) AS
      SELECT manifest.task_id, at, kind, detail
      FROM event_rows JOIN manifest ON manifest.id = event_rows.task;
    """

  /// Where the daemon that has this state works, for programs that know the state directory alone.
  private static let places = """

    CREATE TABLE places (
      name TEXT PRIMARY KEY CHECK (name IN ('inbox', 'outbox')),
      path TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    """

  /// Runs and resume points.
  ///
  /// A run is a sorted sequence of rows that takes several batches, for a transaction has to be short; the
  /// rows of one run are in the order of its batches. A resume point is a place in the file up to which
  /// all rows are in, and behind which none is: an interrupted task goes on from there.
  private static let runs = """
    ALTER TABLE batches ADD COLUMN run INTEGER NOT NULL DEFAULT 0;
    UPDATE batches SET run = number;
    CREATE TABLE resume_points (
      task INTEGER PRIMARY KEY REFERENCES manifest (id),
      -- The last batch that lies before the place.
      batch INTEGER NOT NULL,
      -- Offset in the contents (unpacked, where the file is packed) of the first record not read yet.
      offset INTEGER NOT NULL,
      -- Bytes of the contents that were hashed, and their hash: the same file has the same again.
      hashed_bytes INTEGER NOT NULL,
      hashed_sha256 TEXT NOT NULL,
      line INTEGER NOT NULL,
      rows_read INTEGER NOT NULL,
      rows_rejected INTEGER NOT NULL,
      -- Decimal: the exact sum may not fit 64 bits.
      plays_sum TEXT NOT NULL,
      -- The settings on which the rows depend; with others the task begins anew.
      settings TEXT NOT NULL
    ) STRICT;
    """
}
