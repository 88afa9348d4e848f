extension Schema {
  /// How many tasks there are of each status, kept by triggers: counted anew, a million tasks take a twentieth of a second,
  /// each time that somebody looks.
  ///
  /// No statement of ours updates a manifest row by way of an UPSERT, which SQLite before 3.45.3 does not show to such
  /// triggers rightly (https://www.sqlite.org/releaselog/3_45_3.html).
  static let statusCounts = """
    CREATE TABLE status_counts (
      status TEXT PRIMARY KEY,
      tasks INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO status_counts (status, tasks)
      SELECT status, count(*) FROM manifest GROUP BY status;
    CREATE TRIGGER manifest_added AFTER INSERT ON manifest BEGIN
      INSERT INTO status_counts (status, tasks) VALUES (NEW.status, 1)
        ON CONFLICT (status) DO UPDATE SET tasks = tasks + 1;
    END;
    CREATE TRIGGER manifest_moved AFTER UPDATE OF status ON manifest
      WHEN OLD.status IS NOT NEW.status
    BEGIN
      UPDATE status_counts SET tasks = tasks - 1 WHERE status = OLD.status;
      INSERT INTO status_counts (status, tasks) VALUES (NEW.status, 1)
        ON CONFLICT (status) DO UPDATE SET tasks = tasks + 1;
    END;
    CREATE TRIGGER manifest_removed AFTER DELETE ON manifest BEGIN
      UPDATE status_counts SET tasks = tasks - 1 WHERE status = OLD.status;
    END;
    """
}
