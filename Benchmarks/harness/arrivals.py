"""Many files, and how long one takes from its rename into the inbox to its receipt in the outbox."""

import os
import statistics
import time

from .comparison import require
from .outbox import Outbox
from .pairs import say

HEADER = b"Song,Date,Number of Plays\n"
# As many as a long measurement can use up, each with other bytes, for the same ones would be a duplicate.
BIG_FILES = 6


def prepared(watchd, number):
    """A file of one row like no other, on the inbox's disk."""
    path = watchd.desk / f"small-{number}.csv"
    path.write_bytes(HEADER + b"Song %d,2024-01-01,%d\n" % (number, number))
    return path


def burst(watchd, count):
    """Files renamed into the inbox one right after the other, until the last receipt."""
    say(f"burst: {count} files")
    with watchd.daemon() as daemon, Outbox(watchd.outbox) as outbox:
        files = [prepared(watchd, number) for number in range(count)]
        os.sync()
        begin = time.perf_counter()
        for file in files:
            os.rename(file, watchd.inbox / file.name)
        seconds = outbox.await_count(count) - begin
        await_stored(watchd, (count, count * (count - 1) // 2))
    for number in range(count):
        require(watchd.receipt(f"small-{number}.csv")["status"] == "done", f"watchd: small-{number}.csv is not done")
    return {"files": count, "seconds": seconds, "rate": count / seconds, "peak_bytes": daemon.peak_bytes}


def idle(watchd, count):
    """One file after the other, into a daemon that has nothing else to do."""
    say(f"latency: {count} files, idle")
    with watchd.daemon(), Outbox(watchd.outbox) as outbox:
        latencies = [dropped(watchd, outbox, number) for number in range(count)]
        await_stored(watchd, (count, count * (count - 1) // 2))
    return percentiles(latencies)


def busy(watchd, data, case, count):
    """The same while large files are processed, one at a time; only those count that came and went beside one."""
    say(f"latency: {count} files beside {case.rows} rows")
    watchd.clear()
    sources = [data.file(case.shape, case.rows, seed) for seed in range(1, BIG_FILES + 1)]
    latencies, number = [], 0
    with watchd.daemon() as daemon, Outbox(watchd.outbox) as outbox:
        for index, source in enumerate(sources):
            os.link(source, watchd.desk / f"big-{index}.csv")
        os.sync()
        # The links are changes of the files: they must lie back further than `settle`.
        time.sleep(0.6)
        for index in range(len(sources)):
            if len(latencies) >= count:
                break
            name = f"big-{index}.csv"
            os.rename(watchd.desk / name, watchd.inbox / name)
            await_claimed(watchd, name)
            while len(latencies) < count:
                latency = dropped(watchd, outbox, number)
                number += 1
                if outbox.has(name):
                    break
                latencies.append(latency)
            outbox.await_receipt(name)
            require(watchd.receipt(name)["rows_read"] == case.rows, f"watchd: {name} was not read whole")
    require(latencies, "no small file came and went beside a large one")
    return {**percentiles(latencies), "rows": case.rows, "peak_bytes": daemon.peak_bytes}


def dropped(watchd, outbox, number):
    file = prepared(watchd, number)
    begin = time.perf_counter()
    os.rename(file, watchd.inbox / file.name)
    return outbox.await_receipt(file.name) - begin


def await_claimed(watchd, name):
    end = time.monotonic() + 60
    while (watchd.inbox / name).exists():
        require(time.monotonic() < end, f"watchd: {name} was not taken within a minute")
        time.sleep(0.002)


def await_stored(watchd, expected):
    """The commit that makes rows visible follows the receipt."""
    end = time.monotonic() + 60
    while watchd.stored() != expected:
        require(time.monotonic() < end, f"watchd: the database holds {watchd.stored()}, not {expected}")
        time.sleep(0.05)


def percentiles(latencies):
    ordered = sorted(latencies)
    return {
        "files": len(ordered), "p50": statistics.median(ordered),
        "p99": ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))], "most": ordered[-1],
    }
