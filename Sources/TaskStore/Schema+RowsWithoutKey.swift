extension Schema {
  /// Rows that go by their rowid alone, without a column for it.
  ///
  /// With `INTEGER PRIMARY KEY` SQLite looks each new id up, to find that no row has it, and once more to find
  /// its place: half of the work of loading. Without, it takes the largest one + 1 and is there (measured with libsqlite3
  /// 3.40.1, copying 25 x 80,000 rows from an attached database in memory: 0.24 in place of 0.44 microseconds a row).
  ///
  /// The price: VACUUM may number such rows anew (https://www.sqlite.org/lang_vacuum.html), in their order and
  /// without gaps, and the ranges of `batches` are then others. watchd never does that, but a person can. So
  /// `RowRanges` mends the ranges at the next start or write, and until then the view refuses to answer: that the last
  /// row of all batches is the last row there is holds exactly where no row was numbered anew. A view can only
  /// end a query by a function that fails, and json_each says the path that it does not understand. (The subqueries
  /// refer to nothing outside, so each query evaluates them once.)
  static let rowsWithoutKey = """
    DROP VIEW plays;
    ALTER TABLE play_rows RENAME TO keyed_rows;
    CREATE TABLE play_rows (
      task INTEGER NOT NULL,
      song TEXT NOT NULL,
      date TEXT NOT NULL,
      plays INTEGER NOT NULL
    ) STRICT;
    INSERT INTO play_rows (rowid, task, song, date, plays)
      SELECT id, task, song, date, plays FROM keyed_rows ORDER BY id;
    DROP TABLE keyed_rows;
    CREATE INDEX batches_last_row ON batches (last_row);
    CREATE VIEW plays (task_id, song, date, plays) AS
      SELECT manifest.task_id, play_rows.song, play_rows.date, play_rows.plays
      FROM manifest
      CROSS JOIN batches ON batches.task = manifest.id
      CROSS JOIN play_rows ON play_rows.rowid BETWEEN batches.first_row AND batches.last_row
      WHERE manifest.status = 'done'
        AND EXISTS (
          SELECT 1 FROM json_each('[0]', CASE
            WHEN (SELECT max(last_row) FROM batches) IS (SELECT max(rowid) FROM play_rows) THEN '$'
            ELSE 'watchd.db was rewritten by another program (VACUUM?); start watchd, it mends that'
          END));
    """
}
