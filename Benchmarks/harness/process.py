"""A whole process: its wall time, and the most memory it had."""

import dataclasses
import os
import pathlib
import subprocess
import sys

LAUNCHER = pathlib.Path(__file__).parent / "launch.py"


@dataclasses.dataclass(frozen=True)
class Run:
    seconds: float
    peak_bytes: int


class Failed(Exception):
    """A program that did not end well."""


def timed(command, log):
    """Runs a command to its end; `Failed` where its exit code is not 0, with what it wrote to the log.

    What earlier runs wrote is on disk before the clock starts, so that nobody pays for another's pages.
    """
    log.unlink(missing_ok=True)
    os.sync()
    launch = [sys.executable, "-I", "-S", LAUNCHER, log, *command]
    code, seconds, peak = subprocess.run(launch, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    if code != "0":
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        raise Failed(f"exit code {code} of {' '.join(str(part) for part in command)[:300]}\n{tail}")
    return Run(float(seconds), int(peak))
