"""A watchd of a test's own, and its folders."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

BIN = os.environ["PROGRAMS"]


def eventually(what, condition, within=60):
    """Awaits a true value; the page and the daemon do what they do in their own time."""
    end = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"did not come to pass in {within} s: {what}")
        time.sleep(0.05)


class Daemon:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="watchd-browser-")
        self.inbox = self.path("inbox")
        for name in ("inbox", "outbox", "state", "desk"):
            os.mkdir(self.path(name))
        self.port = 0
        self.start()

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def start(self):
        """On the port that it had before, so that a page that is open finds it again."""
        with open(self.path("log"), "wb") as log:
            self.process = subprocess.Popen(self.command(), stderr=log)

        def said():
            assert self.process.poll() is None, self.log()
            return re.search(r"url=http://127\.0\.0\.1:(\d+)/", self.log())

        found = eventually("watchd says where HTTP answers", said)
        self.port = int(found[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def log(self):
        with open(self.path("log"), encoding="utf-8") as log:
            return log.read()

    def command(self):
        return (
            [BIN + "/watchd", "--inbox", self.inbox, "--outbox", self.path("outbox"), "--state", self.path("state")]
            + ["--http", f"127.0.0.1:{self.port}", "--settle", "20ms", "--min-free", "0"]
        )

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0, self.log()

    @contextlib.contextmanager
    def frozen(self):
        """Holds it where it is, so that what is shown of a moment is there for as long as it is looked at."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def close(self):
        if self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder)

    def file(self, name, text):
        """A file to be sent, not in the inbox."""
        path = self.path("desk", name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def drop(self, name, text):
        os.rename(self.file(name, text), os.path.join(self.inbox, name))

    def generate(self, name, rows, shape):
        path = self.path("desk", name)
        subprocess.run([BIN + "/watchctl", "generate", "--rows", str(rows), "--shape", shape, "-o", path], check=True)
        return path

    def get(self, path):
        with urllib.request.urlopen(self.url + path) as answer:
            return json.load(answer)

    def await_ended(self, count, within=120):
        def ended():
            tasks = self.get("/status")["tasks"]
            return sum(tasks.values()) >= count and tasks["queued"] + tasks["running"] == 0

        eventually(f"{count} tasks are over", ended, within)
