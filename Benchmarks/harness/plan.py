"""How much of everything: the full size, and the quick one that ends in under two minutes."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    shape: str
    rows: int
    pairs: int
    # How many different (song, date) pairs the data must have, for the data is checked as well.
    groups: range


class Plan:
    def __init__(self, options):
        self.quick = options.quick
        self.large = options.large
        self.history = options.history
        self.pairs = options.pairs or (3 if options.quick else 5)
        self.shapes = [name for name in options.shapes.split(",") if name != "none"]

    def cases(self):
        return [self._case(name) for name in self.shapes]

    def _case(self, name):
        if self.quick:
            rows = {"low": 10_000_000, "mid": 500_000, "unique": 300_000, "quoted": 300_000}[name]
            pairs = self.pairs if name == "low" else min(self.pairs, 2)
        else:
            rows = {"low": 10_000_000, "mid": 10_000_000, "unique": 10_000_000, "quoted": 5_000_000}[name]
            pairs = self.pairs
        return Case(name, "zipf" if name == "mid" else name, rows, pairs, expected_groups(name, rows))

    def peers_of_cases(self, chosen):
        """sqlite3 takes half a minute for ten million rows, so a quick run has it only beside the rows kept."""
        return [peer for peer in chosen if not (self.quick and peer.name == "sqlite3")]

    def kept_case(self):
        rows = 300_000 if self.quick else 10_000_000
        return Case("mid, rows kept", "zipf", rows, 1 if self.quick else 2, expected_groups("mid", rows))

    def linear_cases(self):
        counts = [100_000, 1_000_000] if self.quick else [1_000_000, 10_000_000]
        if self.large:
            counts.append(100_000_000)
        pairs = 2 if self.quick else 5
        return [
            Case(name, shape, rows, pairs if rows <= 10_000_000 else 1, expected_groups(name, rows))
            for name, shape in (("low", "low"), ("mid", "zipf")) for rows in counts
        ]

    def key_counts(self):
        return [1_000_000] if self.quick else [30_000_000] + ([100_000_000] if self.large else [])

    def burst_files(self):
        return 1000 if self.quick else 20_000

    def history_tasks(self):
        return self.history or (150_000 if self.quick else 1_000_000)

    def cancel_rows(self):
        return 1_000_000 if self.quick else 10_000_000

    def latency_files(self):
        return 50 if self.quick else 200

    def busy_case(self):
        rows = 1_000_000 if self.quick else 10_000_000
        return Case("mid", "zipf", rows, 1, expected_groups("mid", rows))


def expected_groups(name, rows):
    """The range in which the number of groups must lie; wide where it depends on chance."""
    if name == "low":
        return range(124, 125)
    if name == "unique":
        return range(rows, rows + 1)
    if name == "mid" and rows == 10_000_000:
        return range(1_770_000, 1_795_000)
    return range(min(rows // 20, 1_800_000), min(rows, 1_825_000) + 1)
