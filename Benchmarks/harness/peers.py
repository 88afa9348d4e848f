"""The programs that watchd is held against, each in the ways in which it can do the job.

The job: totals by song and date, both kept as text, sorted by bytes, in a CSV with the header of watchd's. None of
them syncs its result, keeps a database of it or writes a receipt; watchd does.
"""

import dataclasses
import pathlib
import shutil
import subprocess
import sys

from . import process

JOBS = pathlib.Path(__file__).parent.parent / "jobs"
TOTAL = '"Total Number of Plays for Date"'


@dataclasses.dataclass(frozen=True)
class Way:
    label: str
    command: list
    has_header: bool = True
    # Tried only where no other way works.
    is_last_resort: bool = False


class DuckDB:
    name = "duckdb"
    packages = ["duckdb", "duckdb-cli"]

    def __init__(self, folder):
        self.python = folder / "bin" / "python"
        # The wheel's own program, for the script beside it first starts Python.
        self.program = next(folder.glob("lib/python*/site-packages/duckdb_cli/duckdb"), None)

    def ways(self, source, target, scratch):
        for parallel in ("true", "false"):
            columns = "{'Song': 'VARCHAR', 'Date': 'VARCHAR', 'Number of Plays': 'BIGINT'}"
            # Said, so that nothing is spent on guessing; in parallel it refuses some quoted line ends.
            reader = (
                f"read_csv('{source}', header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
                f"parallel = {parallel}, columns = {columns})"
            )
            statements = [
                "SET preserve_insertion_order = false",
                f'COPY (SELECT "Song", "Date", SUM("Number of Plays") AS {TOTAL} FROM {reader} '
                f"GROUP BY 1, 2 ORDER BY 1, 2) TO '{target}' (HEADER)",
            ]
            serial = parallel == "false"
            kind = "one reader" if serial else "parallel"
            if self.program:
                yield Way(f"program, {kind}", [self.program, "-c", "; ".join(statements)], is_last_resort=serial)
            yield Way(f"module, {kind}", [self.python, JOBS / "duckdb_job.py", *statements], is_last_resort=serial)

    def version(self):
        module = printed([self.python, "-c", "import duckdb; print(duckdb.__version__)"])
        program = printed([self.program, "--version"]).split()[0] if self.program else "none"
        return f"module {module}, program {program}"


class Polars:
    name = "polars"
    packages = ["polars"]

    def __init__(self, folder):
        self.python = folder / "bin" / "python"

    def ways(self, source, target, scratch):
        for way in ("sink", "collect"):
            yield Way(way, [self.python, JOBS / "polars_job.py", source, target, way])

    def version(self):
        return printed([self.python, "-c", "import polars; print(polars.__version__)"])


class ClickHouse:
    name = "chdb"
    packages = ["chdb"]

    def __init__(self, folder):
        self.python = folder / "bin" / "python"

    def ways(self, source, target, scratch):
        statement = (
            f"SELECT Song, Date, SUM(n) AS {TOTAL} FROM file('{source}', 'CSV', 'Song String, Date String, n Int64') "
            f"GROUP BY 1, 2 ORDER BY 1, 2 INTO OUTFILE '{target}' FORMAT CSVWithNames "
            "SETTINGS input_format_csv_skip_first_lines = 1"
        )
        yield Way("module", [self.python, JOBS / "chdb_job.py", statement])

    def version(self):
        script = "import chdb; print(chdb.__version__, 'with ClickHouse', chdb.query('SELECT version()', 'TSVRaw'))"
        return printed([self.python, "-c", script])


class SQLite:
    name = "sqlite3"
    packages = []

    def __init__(self, folder):
        self.program = shutil.which("sqlite3")

    def ways(self, source, target, scratch):
        database = scratch / "import.db"
        for path in scratch.glob("import.db*"):
            path.unlink()
        totals = 'SELECT Song, Date, SUM("Number of Plays") FROM plays GROUP BY Song, Date ORDER BY Song, Date'
        script = [".mode csv", f".import '{source}' plays", f".output '{target}'", totals]
        yield Way(".import and GROUP BY", [self.program, database, *script], has_header=False)

    def version(self):
        return printed([self.program, "--version"]).split()[0]


def install(folder, names):
    """The peers of these names; the ones that cannot be installed are left out, which is said."""
    kinds = [kind for kind in (DuckDB, Polars, ClickHouse, SQLite) if kind.name in names]
    packages = [package for kind in kinds for package in kind.packages]
    if packages and not (folder / "bin" / "python").exists():
        print("installing the peers ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    chosen = []
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for kind in kinds:
        if kind.packages and subprocess.run([*pip, *kind.packages]).returncode != 0:
            print(f"{kind.name} cannot be installed and is left out", file=sys.stderr)
        else:
            chosen.append(kind(folder))
    return chosen


def versions(chosen):
    return {peer.name: peer.version() for peer in chosen}


def printed(command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Runner:
    """One peer on one file, in the way that is fastest there."""

    def __init__(self, peer, source, scratch):
        self.peer = peer
        self.source = source
        self.scratch = scratch
        self.target = scratch / f"{peer.name}.csv"
        self.way = None

    def choose(self, is_quick):
        """Tries every way, untimed as far as the report goes, and keeps the fastest that works; the first one where it
        has to be quick."""
        ways = self._ways()
        if len(ways) == 1:
            self.way = ways[0].label
            return
        times, failure = {}, None
        for way in sorted(ways, key=lambda way: way.is_last_resort):
            if times and (is_quick or way.is_last_resort):
                break
            try:
                # Twice, for the first run of a program finds it on disk.
                times[way.label] = min(self._timed(way.label)[0].seconds for _ in range(1 if is_quick else 2))
            except process.Failed as error:
                failure = error
        if not times:
            raise failure
        self.way = min(times, key=times.get)

    def run(self, reference):
        """Times one run, whose result must be equal to the reference."""
        run, way = self._timed(self.way)
        reference.require_equal(self.target, self.peer.name, way.has_header)
        return run

    def _ways(self):
        return list(self.peer.ways(self.source, self.target, self.scratch))

    def _timed(self, label):
        self.target.unlink(missing_ok=True)
        way = next(way for way in self._ways() if way.label == label)
        return process.timed(way.command, self.scratch / "log"), way
