extension Schema {
  /// The keys by which a sender who does not know whether an upload came through says that it is the same one.
  ///
  /// Without a reference to the manifest: a key outlives a task that is taken out of it.
  static let uploadKeys = """
    CREATE TABLE upload_keys (
      key TEXT NOT NULL,
      -- Which file of the request, from 1.
      number INTEGER NOT NULL,
      task_id TEXT NOT NULL,
      at TEXT NOT NULL,
      PRIMARY KEY (key, number)
    ) STRICT, WITHOUT ROWID;
    -- They go by age.
    CREATE INDEX upload_keys_at ON upload_keys (at);
    """
}
