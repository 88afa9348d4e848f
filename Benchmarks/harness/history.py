"""A state with a long history: what a person waits for, what one file takes, and what the removal of a day does."""

import contextlib
import hashlib
import pathlib
import shutil
import sqlite3
import statistics
import time
import uuid

from . import process
from .arrivals import dropped, percentiles
from .comparison import require
from .outbox import Outbox
from .pairs import say
from .watchd import Daemon

# Files a day, and how many rows of each are kept.
PER_DAY = 10_000
ROWS = 20
RUNS = 21
# Files that wait when the questions are asked once more.
BACKLOG = 20_000
DROPS = 200


def measured(watchd, watchctl, tasks, days):
    """Makes the history, of whose last days everything is kept, and times questions, files and the removal of one day."""
    days = min(days, tasks // PER_DAY)
    say(f"history: {tasks} tasks, everything of {days} days")
    watchd.clear()
    run(watchd.flags("--once"), watchd)
    make(watchd, tasks, days)
    (watchd.inbox / "waiting.csv").write_bytes(b"Song,Date,Number of Plays\n")
    ask = [watchctl.absolute()]
    state = ["--state", watchd.state]
    questions = {
        "status": [*ask, "status", *state],
        "status TASK": [*ask, "status", f"plays-{tasks // 2}.csv", *state],
        "why TASK": [*ask, "why", f"plays-{tasks // 2}.csv", *state],
        "why FILE, which is no task": [*ask, "why", "waiting.csv", *state],
    }
    found = {"tasks": tasks, "days": days, "database_bytes": size(watchd), "seconds": {}}
    for name, command in questions.items():
        found["seconds"][name] = statistics.median(run(command, watchd) for _ in range(RUNS))
    queue(watchd, tasks)
    backlog = {
        "status": questions["status"],
        "why TASK, the last one": [*ask, "why", f"queued-{tasks + BACKLOG}.csv", *state],
        "why FILE, which is no task": questions["why FILE, which is no task"],
        "why FILE, never seen": [*ask, "why", "nobody.csv", *state],
    }
    for name, command in backlog.items():
        found["seconds"][f"{name}, {BACKLOG:,} queued"] = statistics.median(run(command, watchd) for _ in range(RUNS))
    unqueue(watchd)
    (watchd.inbox / "waiting.csv").unlink()
    start = watchd.flags("--once", "--retention", "off")
    found["seconds"]["watchd --once, nothing to do"] = statistics.median(run(start, watchd) for _ in range(5))
    found["seconds"]["watchd, from its start to ready"] = statistics.median(ready(watchd) for _ in range(5))
    found["drop"], found["peak_bytes"] = drops(watchd)
    before = size(watchd)
    # The oldest day of those of which something is kept; exit code 0 where all of it went.
    found["seconds"][f"prune of {PER_DAY} tasks"] = run([*ask, "prune", "--older-than", f"{days}d", *state], watchd)
    left = query(watchd, "SELECT count(*) FROM manifest WHERE pruned_at IS NULL AND finished_at IS NOT NULL")
    require(left == (days - 1) * PER_DAY + DROPS, f"watchd: {left} tasks were not pruned")
    require(originals(watchd) == DROPS, "watchd: originals of pruned tasks are left")
    found["given_back_bytes"] = before - size(watchd)
    return found


def run(command, watchd):
    return process.timed(command, watchd.folder / "log").seconds


def daemon(watchd):
    return Daemon(watchd.flags("--log-format", "json"), watchd.folder / "daemon.log")


def ready(watchd):
    """To the line of the log that says so, which is looked for every 20 ms."""
    begin = time.perf_counter()
    with daemon(watchd):
        return time.perf_counter() - begin


def drops(watchd):
    """How long one file takes, and the most memory that the daemon had."""
    with daemon(watchd) as running, Outbox(watchd.outbox) as outbox:
        latencies = [dropped(watchd, outbox, number) for number in range(DROPS)]
        # What wait4(2) tells of a child has the memory of its parent in it, as it was before the child became another program.
        status = pathlib.Path(f"/proc/{running.process.pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return percentiles(latencies), int(peak.split()[1]) << 10


def size(watchd):
    return (watchd.state / "watchd.db").stat().st_size


def originals(watchd):
    return sum(1 for _ in (watchd.state / "archive").iterdir())


def query(watchd, sql):
    connection = sqlite3.connect(f"file:{watchd.state / 'watchd.db'}?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchone()[0]
    finally:
        connection.close()


def make(watchd, tasks, days):
    """Done tasks, 10,000 a day: all but the last day's of those that are kept with rows and events; that one, which is to go,
    two days older, so that which day goes does not hang on when this runs. Those before gave theirs up."""
    now = time.time() * 1000
    with contextlib.closing(sqlite3.connect(watchd.state / "watchd.db", isolation_level=None)) as connection:
        # If the power goes meanwhile it is made again; and the log of one transaction of all would be as long as itself.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.execute("BEGIN")
        for number in range(1, tasks + 1):
            age = (tasks - number) // PER_DAY
            is_last = age == days - 1
            add(connection, watchd, number, now - (age + (2 if age >= days - 1 else 0)) * 86_400_000 - 1000,
                age < days, is_last, ROWS * max(0, number - 1 - (tasks - days * PER_DAY)))
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL").fetchall()


def add(connection, watchd, number, ended, is_kept, has_original, last):
    at, name, task = moment(ended), f"plays-{number}.csv", task_id(ended, number)
    digest = hashlib.sha256(b"%d" % number).hexdigest()
    connection.execute(
        """INSERT INTO manifest (task_id, name, raw_name, status, size_bytes, bytes_read, sha256, rows_read, "groups",
          plays_sum, result_name, attempts, queued_at, started_at, finished_at, id, "columns", output_number,
          result_bytes, result_sha256, pruned_at)
        VALUES (?, ?, ?, 'done', 500, 500, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, 'name', 1, 500, ?, ?)""",
        (task, name, name.encode(), digest, ROWS, ROWS, ROWS, name, at, at, at, number, digest,
         None if is_kept else at))
    connection.execute("INSERT INTO fingerprints (sha256, task) VALUES (?, ?)", (digest, number))
    if not is_kept:
        return
    connection.executemany(
        "INSERT INTO event_rows (task, at, kind) VALUES (?, ?, ?)",
        [(number, at, kind) for kind in ("queued", "started", "done")])
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


def queue(watchd, tasks):
    """Tasks that wait, each with its file where the daemon keeps it."""
    now = time.time() * 1000
    with contextlib.closing(sqlite3.connect(watchd.state / "watchd.db")) as connection, connection:
        for number in range(tasks + 1, tasks + BACKLOG + 1):
            name, task = f"queued-{number}.csv", task_id(now, number)
            connection.execute(
                """INSERT INTO manifest (task_id, name, raw_name, status, size_bytes, queued_at, id)
                VALUES (?, ?, ?, 'queued', 500, ?, ?)""", (task, name, name.encode(), moment(now), number))
            folder = watchd.state / "work" / task
            folder.mkdir()
            (folder / name).write_bytes(b"x" * 500)


def unqueue(watchd):
    with contextlib.closing(sqlite3.connect(watchd.state / "watchd.db")) as connection, connection:
        connection.execute("DELETE FROM manifest WHERE status = 'queued'")
    for folder in (watchd.state / "work").iterdir():
        shutil.rmtree(folder)


def moment(milliseconds):
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000))
    return f"{whole}.{int(milliseconds % 1000):03}Z"


def task_id(milliseconds, number):
    """A UUIDv7 of that time."""
    return str(uuid.UUID(int=int(milliseconds) << 80 | 7 << 76 | 2 << 62 | number))
