extension Schema {
  /// What tasks have given up for their age, and the settings by which they do.
  ///
  /// The rows of a large task go in many transactions, so one commit before them has to make all of them unseen: the view
  /// asks for `pruned_at`. The index holds the tasks that still have something to give up, the oldest first, and no
  /// other: what is looked for each hour does not grow with the history.
  static let retention = """
    ALTER TABLE manifest ADD COLUMN pruned_at TEXT;
    CREATE INDEX manifest_kept ON manifest (finished_at)
      WHERE pruned_at IS NULL AND finished_at IS NOT NULL;
    DROP VIEW plays;
    CREATE VIEW plays (task_id, song, date, plays) AS
      SELECT manifest.task_id, play_rows.song, play_rows.date, play_rows.plays
      FROM manifest
      CROSS JOIN batches ON batches.task = manifest.id
      CROSS JOIN play_rows ON play_rows.rowid BETWEEN batches.first_row AND batches.last_row
      WHERE manifest.status = 'done' AND manifest.pruned_at IS NULL
        AND EXISTS (
          SELECT 1 FROM json_each('[0]', CASE
            WHEN (SELECT max(last_row) FROM batches) IS (SELECT max(rowid) FROM play_rows) THEN '$'
            ELSE 'watchd.db was rewritten by another program (VACUUM?); start watchd, it mends that'
          END));
    -- What the daemon runs with, for programs that know the state directory alone.
    CREATE TABLE settings (
      name TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    """
}
