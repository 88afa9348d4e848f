extension Schema {
  /// The tasks that ended, or gave up their rows, while rows of theirs still stand: those that are to be taken out.
  ///
  /// A kill may come between the commit that makes rows unseen and those that take them out. Without this table a start would ask
  /// every batch of every task whose it is, which grows with the history. Triggers keep it, so that no way of ending
  /// a task can miss it: a task comes in where it is left with batches, and goes with its last one. One that is
  /// tried again meanwhile may stay in it, so who reads it asks for the status as well.
  static let leftovers = """
    CREATE TABLE leftovers (
      task INTEGER PRIMARY KEY REFERENCES manifest (id)
    ) STRICT;
    INSERT INTO leftovers (task)
      SELECT DISTINCT batches.task FROM batches JOIN manifest ON manifest.id = batches.task
      WHERE manifest.status NOT IN ('queued', 'running', 'done') OR manifest.pruned_at IS NOT NULL;
    CREATE TRIGGER manifest_left_rows AFTER UPDATE OF status, pruned_at ON manifest
      WHEN (NEW.status NOT IN ('queued', 'running', 'done') OR NEW.pruned_at IS NOT NULL)
        AND EXISTS (SELECT 1 FROM batches WHERE task = NEW.id)
    BEGIN
      INSERT INTO leftovers (task) VALUES (NEW.id) ON CONFLICT (task) DO NOTHING;
    END;
    CREATE TRIGGER batches_removed AFTER DELETE ON batches
      WHEN NOT EXISTS (SELECT 1 FROM batches WHERE task = OLD.task)
    BEGIN
      DELETE FROM leftovers WHERE task = OLD.task;
    END;
    """
}
