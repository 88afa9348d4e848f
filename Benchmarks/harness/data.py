"""The files to measure with: made once each by `watchctl generate`, the same bytes every time."""

import os
import subprocess
import time


class Data:
    def __init__(self, watchctl, folder):
        self.watchctl = watchctl.absolute()
        self.folder = folder
        # One a file that was made: what generate took, into the page cache.
        self.made = []
        folder.mkdir(parents=True)

    def file(self, shape, rows, seed=1):
        """The path of a file, with its pages in memory."""
        path = self.folder / f"{shape}-{rows}-{seed}.csv"
        if not path.exists():
            flags = ["--shape", shape, "--rows", str(rows), "--seed", str(seed), "-o", str(path)]
            start = time.monotonic()
            subprocess.run([self.watchctl, "generate", *flags], check=True)
            seconds = time.monotonic() - start
            self.made.append({"shape": shape, "rows": rows, "bytes": path.stat().st_size, "seconds": seconds})
            # The first to sync would otherwise wait for all of this to be written, and only watchd syncs.
            os.sync()
        with open(path, "rb", buffering=0) as file:
            while file.read(1 << 22):
                pass
        return path
