"""How long `watchctl cancel` takes on a running task, at moments spread over all that the task goes through."""

import os
import sqlite3
import subprocess
import time

from .comparison import require
from .pairs import say

NAME = "plays.csv"
# So many moments of one run, evenly spread.
MOMENTS = 12


def measured(watchd, watchctl, data, rows):
    """Cancels a file without two rows of one song and day, once at each moment; what is left of it must be nothing."""
    say(f"cancel: {rows} rows, {MOMENTS} moments")
    source = data.file("unique", rows)
    whole, phases = undisturbed(watchd, source)
    found = {"rows": rows, "whole": whole, "phases": phases, "cancels": []}
    for number in range(MOMENTS):
        found["cancels"].append(cancelled(watchd, watchctl, source, whole * (number + 0.5) / MOMENTS))
    require(any("seconds" in one for one in found["cancels"]), "watchd: every task was over before it was cancelled")
    return found


def begun(watchd, source):
    """The task runs when this returns."""
    # A link to the file changes it, and it must have lain still for `settle`.
    os.link(source, watchd.desk / NAME)
    time.sleep(0.6)
    os.rename(watchd.desk / NAME, watchd.inbox / NAME)
    await_sql(watchd, "SELECT status = 'running' FROM manifest")
    return time.perf_counter()


def undisturbed(watchd, source):
    """How long it takes, and from when on it did what."""
    with watchd.daemon():
        begin, phases = begun(watchd, source), {}
        while True:
            phase = where(watchd)
            phases.setdefault(phase, time.perf_counter() - begin)
            if phase == "done":
                return phases[phase], phases
            time.sleep(0.005)


def cancelled(watchd, watchctl, source, moment):
    with watchd.daemon():
        begin = begun(watchd, source)
        time.sleep(max(0, begin + moment - time.perf_counter()))
        phase, asked = where(watchd), time.perf_counter()
        command = [watchctl.absolute(), "cancel", NAME, "--state", watchd.state]
        answer = subprocess.run(command, capture_output=True, text=True)
        seconds = time.perf_counter() - asked
        if answer.returncode != 0:
            require("done already" in answer.stderr, f"watchctl cancel: {answer.stderr}")
            return {"moment": moment, "phase": phase}
        require(query(watchd, "SELECT status FROM manifest") == "cancelled", "watchd: the task is not cancelled")
        require(query(watchd, "SELECT count(*) FROM plays") == 0, "watchd: rows of a cancelled task count")
        require(not list(watchd.outbox.iterdir()), "watchd: files of a cancelled task are in the outbox")
        require(not list((watchd.state / "work").iterdir()), "watchd: files of a cancelled task are in work")
        await_sql(watchd, "SELECT NOT EXISTS (SELECT 1 FROM play_rows) AND NOT EXISTS (SELECT 1 FROM batches)")
        gone = time.perf_counter() - asked
        require(query(watchd, "SELECT count(*) FROM fingerprints") == 0, "watchd: a cancelled file's bytes count")
        require(query(watchd, "PRAGMA integrity_check") == "ok", "watchd: the database is damaged")
        return {"moment": moment, "phase": phase, "seconds": seconds, "rows_gone": gone}


def where(watchd):
    return query(watchd, """
        SELECT CASE WHEN status <> 'running' THEN status WHEN phase = 'publishing' THEN phase
          WHEN "groups" IS NOT NULL THEN 'loading, writing the result' WHEN bytes_read = size_bytes THEN 'read whole'
          WHEN EXISTS (SELECT 1 FROM batches) THEN 'reading, runs spilled' ELSE 'reading' END
        FROM manifest""")


def query(watchd, sql):
    connection = sqlite3.connect(f"file:{watchd.state / 'watchd.db'}?mode=ro", uri=True)
    try:
        return (connection.execute(sql).fetchone() or [None])[0]
    finally:
        connection.close()


def await_sql(watchd, sql):
    limit = time.monotonic() + 120
    while not query(watchd, sql):
        require(time.monotonic() < limit, f"watchd: not within 120 s: {sql}")
        time.sleep(0.002)
