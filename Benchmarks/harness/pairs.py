"""watchd and the peers on the same file, in turn: each run of a peer stands beside one of watchd."""

import statistics
import sys

from . import peers as peers_module
from .comparison import Reference, require
from .process import Run

# It takes half a minute where the others take seconds.
SLOW = "sqlite3"


def shape(watchd, data, peers, case, is_quick):
    """One case, peers in turn within each round: watchd A watchd B ... watchd A watchd B ..."""
    source = data.file(case.shape, case.rows)
    say(f"{case.name}: {case.rows} rows, {source.stat().st_size} bytes")
    _, receipt = watchd.once(source)
    checked(receipt, case)
    # Out of the folders that the next run clears.
    kept = watchd.folder / "reference.csv"
    watchd.result.replace(kept)
    reference = Reference(kept)
    runners = [peers_module.Runner(peer, source, watchd.folder) for peer in peers]
    for runner in runners:
        runner.choose(is_quick)
        say(f"{case.name}: {runner.peer.name} ({runner.way})")
    rounds = {runner.peer.name: [] for runner in runners}
    for number in range(case.pairs):
        for runner in runners:
            if runner.peer.name == SLOW and number > 0:
                continue
            ours = once(watchd, source, reference)
            rounds[runner.peer.name].append((ours, runner.run(reference)))
        say(f"{case.name}: round {number + 1} of {case.pairs}, results equal")
    for runner in runners:
        runner.target.unlink(missing_ok=True)
    kept.unlink()
    all_ours = [ours for pairs in rounds.values() for ours, _ in pairs] or [once(watchd, source, None)]
    return {
        "name": case.name, "rows": case.rows, "bytes": source.stat().st_size, "groups": receipt["groups"],
        "watchd": figures(all_ours),
        "peers": {
            runner.peer.name: {"way": runner.way, **compared(rounds[runner.peer.name])} for runner in runners
        },
    }


def rows_kept(watchd, data, peers, case):
    """`--keep rows`, where the database holds every row, beside sqlite3's own import of every row."""
    source = data.file(case.shape, case.rows)
    chosen = [peer for peer in peers if peer.name == SLOW]
    pairs = []
    for number in range(case.pairs):
        say(f"{case.name}: round {number + 1} of {case.pairs}")
        ours, receipt = watchd.once(source, "--keep", "rows")
        checked(receipt, case)
        require(watchd.stored()[0] == case.rows, "watchd: the database does not hold every row")
        for peer in chosen:
            runner = peers_module.Runner(peer, source, watchd.folder)
            runner.choose(is_quick=True)
            pairs.append((ours, runner.run(Reference(watchd.result))))
        if not chosen:
            pairs.append((ours, ours))
    return {
        "name": case.name, "rows": case.rows, "bytes": source.stat().st_size, "groups": receipt["groups"],
        "watchd": figures([ours for ours, _ in pairs]),
        "peers": {SLOW: {"way": ".import and GROUP BY", **compared(pairs)}} if chosen else {},
    }


def once(watchd, source, reference):
    run, _ = watchd.once(source)
    if reference:
        reference.require_equal(watchd.result, "watchd's next run")
    return run


def checked(receipt, case):
    require(receipt["rows_read"] == case.rows, f"watchd read {receipt['rows_read']} of {case.rows} rows")
    require(receipt["groups"] in case.groups, f"{case.name} has {receipt['groups']} groups, not {case.groups}")


def compared(pairs):
    """The peer's figures, and how many times watchd's time it took: of each pair, and their median."""
    ratios = [theirs.seconds / ours.seconds for ours, theirs in pairs]
    return {**figures([theirs for _, theirs in pairs]), "ratios": ratios, "ratio": statistics.median(ratios)}


def figures(runs: list[Run]):
    return {
        "seconds": [run.seconds for run in runs],
        "median": statistics.median(run.seconds for run in runs),
        "peak_bytes": max(run.peak_bytes for run in runs),
    }


def say(text):
    print(text, file=sys.stderr, flush=True)
