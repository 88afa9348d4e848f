extension Schema {
  /// Rows of one song that follow each other say it once.
  ///
  /// `play_rows.song` is the song, or how many rows further up the row stands that says it. Sums are loaded in the order of their
  /// songs, so of a file with hundreds of dates to a song nearly every row is a third or half as long, and what
  /// is written to the log and from there to the database is all that a large file waits for in the end. A row that
  /// says its song belongs to the same batch: a range of `batches` is read, taken out and numbered anew (`RowRanges`, which keeps
  /// distances) as one.
  ///
  /// The view finds that row by its id. SQLite has it at hand from the row before (`sqlite3BtreeTableMoveto` of the id that
  /// the cursor is at returns at once, https://www.sqlite.org/src/file/src/btree.c). Were it missing, the song would be NULL: no row
  /// is left out. The cast leaves text as it is; without it a song that is compared with a number would no more be taken for text.
  ///
  /// What is in the table stays as it is, for text is what it was. Only the column's type is another one, and
  /// SQLite's way to change that is to edit the schema's text (https://www.sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema
  /// Changes"); the view that is made anew in the same transaction tells other connections of it.
  static let repeatedSongs = """
    DROP VIEW plays;
    PRAGMA writable_schema = ON;
    UPDATE sqlite_schema SET sql = '\(playRows)' WHERE type = 'table' AND name = '\(playRowsName)';
    PRAGMA writable_schema = RESET;
    CREATE VIEW plays (task_id, song, date, plays) AS
      SELECT manifest.task_id,
        CAST(iif(typeof(play_rows.song) = 'text', play_rows.song, naming.song) AS TEXT),
        play_rows.date, play_rows.plays
      FROM manifest
      CROSS JOIN batches ON batches.task = manifest.id
      CROSS JOIN play_rows ON play_rows.rowid BETWEEN batches.first_row AND batches.last_row
      LEFT JOIN play_rows AS naming
        ON typeof(play_rows.song) = 'integer' AND naming.rowid = play_rows.rowid - play_rows.song
      WHERE manifest.status = 'done' AND manifest.pruned_at IS NULL
        AND EXISTS (
          SELECT 1 FROM json_each('[0]', CASE
            WHEN (SELECT max(last_row) FROM batches) IS (SELECT max(rowid) FROM play_rows) THEN '$'
            ELSE 'watchd.db was rewritten by another program (VACUUM?); start watchd, it mends that'
          END));
    """

  static let playRowsName = "play_rows"

  /// Column by column also the table that `SQLiteRowImage` lays rows out in: SQLite copies rows as they are
  /// only between two tables of one definition.
  static let playRows = """
    CREATE TABLE play_rows (
      task INTEGER NOT NULL,
      song ANY NOT NULL,
      date TEXT NOT NULL,
      plays INTEGER NOT NULL
    ) STRICT
    """
}
