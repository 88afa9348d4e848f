"""How time grows with the rows, and whether memory grows with the keys."""

from . import peers as peers_module
from .comparison import Reference, require
from .pairs import checked, figures, say


def linearity(watchd, data, peers, cases):
    """watchd alone, at each size; the result of one run is held against a peer's."""
    found = []
    for case in cases:
        source = data.file(case.shape, case.rows)
        say(f"linearity: {case.name}, {case.rows} rows")
        runs = []
        for _ in range(case.pairs):
            run, receipt = watchd.once(source)
            checked(receipt, case)
            runs.append(run)
        if peers:
            runner = peers_module.Runner(peers[0], source, watchd.folder)
            runner.choose(is_quick=True)
            runner.run(Reference(watchd.result))
            runner.target.unlink()
        if case.rows > 10_000_000:
            source.unlink()
        found.append({
            "name": case.name, "rows": case.rows, "bytes": source.stat().st_size if source.exists() else None,
            "groups": receipt["groups"], **figures(runs),
        })
    return found


def keys(watchd, data, rows):
    """Memory where no key comes twice. The result is checked here, for a peer may not have the memory for it."""
    source = data.file("unique", rows)
    say(f"keys: {rows} different ones")
    run, receipt = watchd.once(source)
    require(receipt["rows_read"] == receipt["groups"] == rows, f"watchd found {receipt['groups']} of {rows} keys")
    require_ascending(watchd.result, rows)
    size = source.stat().st_size
    source.unlink()
    watchd.clear()
    return {"rows": rows, "bytes": size, "seconds": run.seconds, "peak_bytes": run.peak_bytes}


def require_ascending(path, rows):
    """Every line's (song, date) is greater than the one before, and there are as many as rows.

    The titles of this shape need no quotes, so a line is taken apart at its last two commas.
    """
    count, before = 0, (b"", b"")
    with open(path, "rb") as file:
        require(next(file) == b"Song,Date,Total Number of Plays for Date\n", "watchd: another header")
        for line in file:
            song, date, _ = line.rsplit(b",", 2)
            require((song, date) > before, f"watchd: not in order at {line!r}")
            before = (song, date)
            count += 1
    require(count == rows, f"watchd: {count} lines for {rows} keys")
