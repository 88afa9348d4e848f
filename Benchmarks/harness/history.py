"""A state with a long history: what a person waits for, and what a day's retention takes."""

import sqlite3
import statistics
import time
import uuid

from . import process
from .comparison import require
from .pairs import say

# Files a day, and how many rows of each are kept.
PER_DAY = 10_000
ROWS = 20
RUNS = 21


def measured(watchd, watchctl, tasks):
    """Makes the history, and times questions and the removal of one day."""
    say(f"history: {tasks} tasks")
    watchd.clear()
    run(watchd.flags("--once"), watchd)
    make(watchd, tasks)
    (watchd.inbox / "waiting.csv").write_bytes(b"Song,Date,Number of Plays\n")
    ask = [watchctl.absolute()]
    state = ["--state", watchd.state]
    questions = {
        "status": [*ask, "status", *state],
        "status TASK": [*ask, "status", f"plays-{tasks // 2}.csv", *state],
        "why TASK": [*ask, "why", f"plays-{tasks // 2}.csv", *state],
        "why FILE, which is no task": [*ask, "why", "waiting.csv", *state],
    }
    found = {"tasks": tasks, "database_bytes": size(watchd), "seconds": {}}
    for name, command in questions.items():
        found["seconds"][name] = statistics.median(run(command, watchd) for _ in range(RUNS))
    (watchd.inbox / "waiting.csv").unlink()
    start = watchd.flags("--once", "--retention", "off")
    found["seconds"]["watchd --once, nothing to do"] = statistics.median(run(start, watchd) for _ in range(5))
    # The oldest day of those of which something is kept; exit code 0 where all of it went.
    found["seconds"][f"prune of {PER_DAY} tasks"] = run([*ask, "prune", "--older-than", "30d", *state], watchd)
    left = query(watchd, "SELECT count(*) FROM manifest WHERE pruned_at IS NULL AND finished_at IS NOT NULL")
    require(left == min(tasks, 30 * PER_DAY) - PER_DAY, f"watchd: {left} tasks were not pruned")
    require(not any((watchd.state / "archive").iterdir()), "watchd: originals of pruned tasks are left")
    found["given_back_bytes"] = found["database_bytes"] - size(watchd)
    return found


def run(command, watchd):
    return process.timed(command, watchd.folder / "log").seconds


def size(watchd):
    return (watchd.state / "watchd.db").stat().st_size


def query(watchd, sql):
    connection = sqlite3.connect(f"file:{watchd.state / 'watchd.db'}?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchone()[0]
    finally:
        connection.close()


def make(watchd, tasks):
    """Done tasks, 10,000 a day: of the last 29 days with their rows and events, of the 31st too, which is to go; those
    before gave them up."""
    kept = min(tasks, 30 * PER_DAY)
    now = time.time() * 1000
    day = 86_400_000
    connection = sqlite3.connect(watchd.state / "watchd.db")
    connection.execute("PRAGMA synchronous = OFF")
    with connection:
        for number in range(1, tasks + 1):
            newest_first = tasks - number
            age = newest_first // PER_DAY
            # Nothing between the 29th and the 31st: which day goes does not hang on when this runs.
            age += 2 if age >= 29 else 0
            ended = now - age * day - 1000
            add(connection, watchd, number, ended, newest_first < kept, age == 31)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def add(connection, watchd, number, ended, is_kept, has_original):
    at, name, task = moment(ended), f"plays-{number}.csv", task_id(ended, number)
    connection.execute(
        """INSERT INTO manifest (task_id, name, raw_name, status, size_bytes, bytes_read, sha256, rows_read, "groups",
          plays_sum, result_name, attempts, queued_at, started_at, finished_at, id, "columns", output_number,
          result_bytes, result_sha256, pruned_at)
        VALUES (?, ?, ?, 'done', 500, 500, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, 'name', 1, 500, ?, ?)""",
        (task, name, name.encode(), f"{number:064x}", ROWS, ROWS, ROWS, name, at, at, at, number, f"{number:064x}",
         None if is_kept else at))
    connection.execute("INSERT INTO fingerprints (sha256, task) VALUES (?, ?)", (f"{number:064x}", number))
    if not is_kept:
        return
    for kind in ("queued", "started", "done"):
        connection.execute("INSERT INTO event_rows (task, at, kind) VALUES (?, ?, ?)", (number, at, kind))
    last = connection.execute("SELECT coalesce(max(rowid), 0) FROM play_rows").fetchone()[0]
    connection.executemany(
        "INSERT INTO play_rows (task, song, date, plays) VALUES (?, ?, '2024-01-01', 1)",
        [(number, f"A song with a title {row}") for row in range(ROWS)])
    connection.execute(
        """INSERT INTO batches (task, number, first_row, last_row, bytes_read, rows_read, rows_rejected, run)
        VALUES (?, 1, ?, ?, 500, ?, 0, 1)""", (number, last + 1, last + ROWS, ROWS))
    if has_original:
        folder = watchd.state / "archive" / task
        folder.mkdir()
        (folder / name).write_bytes(b"x" * 500)


def moment(milliseconds):
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000))
    return f"{whole}.{int(milliseconds % 1000):03}Z"


def task_id(milliseconds, number):
    """A UUIDv7 of that time."""
    return str(uuid.UUID(int=int(milliseconds) << 80 | 7 << 76 | 2 << 62 | number))
