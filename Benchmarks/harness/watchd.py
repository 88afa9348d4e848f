"""watchd as a user runs it: an inbox, an outbox and a state folder, on one disk."""

import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import time

from . import process
from .comparison import digest, require


class Watchd:
    def __init__(self, program, folder):
        self.program = program.absolute()
        self.folder = folder
        folder.mkdir(parents=True)
        self.inbox, self.outbox, self.state = (folder / name for name in ("inbox", "outbox", "state"))
        # On the same disk, for files that are renamed into the inbox.
        self.desk = folder / "desk"

    def clear(self):
        """Fresh folders."""
        for path in (self.inbox, self.outbox, self.state, self.desk):
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir()

    def flags(self, *more):
        folders = ["--inbox", self.inbox, "--outbox", self.outbox, "--state", self.state]
        return [self.program, *folders, "--http", "off", *more]

    def once(self, file, *more):
        """Times `watchd --once` on one file: from its start to its exit with result, receipt and database committed
        and synced. The receipt is checked against the result and the database; it is returned with the run.

        The file lies in the inbox already. A link to it is made there, which changes its ctime; a file that changed
        less than `settle` (500 ms) ago would have to hold still first, and that is no work, so it is waited for here.
        """
        self.clear()
        os.link(file, self.inbox / "plays.csv")
        while time.time() - file.stat().st_ctime < 0.6:
            time.sleep(0.05)
        run = process.timed(self.flags("--log-level", "error", "--once", *more), self.folder / "log")
        receipt = self.receipt("plays.csv")
        require(receipt["status"] == "done" and receipt["rows_rejected"] == 0, f"watchd: {receipt}")
        require(receipt["plays_in"] == receipt["plays_out"], f"watchd: the sums differ: {receipt}")
        require(receipt["result_sha256"] == digest(self.result), "watchd: the receipt has another result's hash")
        require(self.stored()[1] == receipt["plays_in"], "watchd: the database has another sum of plays")
        return run, receipt

    @property
    def result(self):
        return self.outbox / "plays.csv"

    def receipt(self, name):
        return json.loads((self.outbox / f"{name}.receipt.json").read_bytes())

    def stored(self):
        """The number of rows in the database, and the sum of their plays."""
        connection = sqlite3.connect(f"file:{self.state / 'watchd.db'}?mode=ro", uri=True)
        try:
            return connection.execute("SELECT COUNT(*), SUM(plays) FROM plays").fetchone()
        finally:
            connection.close()

    def daemon(self, *more):
        self.clear()
        return Daemon(self.flags("--log-format", "json", *more), self.folder / "daemon.log")


class Daemon:
    """A running watchd; ends with the block."""

    def __init__(self, command, log):
        self.command = command
        self.log = pathlib.Path(log)

    def __enter__(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self._await_ready()
        except BaseException:
            self._stop(signal.SIGKILL)
            raise
        return self

    def __exit__(self, kind, error, trace):
        self._stop(signal.SIGTERM if kind is None else signal.SIGKILL)

    def _await_ready(self):
        limit = time.monotonic() + 30
        while '"ready"' not in self.log.read_text(errors="replace"):
            require(self.process.poll() is None, f"watchd: ended at once: {self.log.read_text()}")
            require(time.monotonic() < limit, f"watchd: not ready within 30 s: {self.log.read_text()}")
            time.sleep(0.02)

    def _stop(self, how):
        self.process.send_signal(how)
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.peak_bytes = usage.ru_maxrss * 1024
