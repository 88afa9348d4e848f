"""Sees receipts come into the outbox: inotify(7), so that looking costs the daemon nothing."""

import ctypes
import os
import select
import struct
import time

from .comparison import require

IN_MOVED_TO, IN_CREATE, IN_Q_OVERFLOW = 0x80, 0x100, 0x4000
EVENT = struct.Struct("iIII")


class Outbox:
    """The receipts in a folder, with the moments at which they were seen."""

    def __init__(self, folder):
        self.folder = folder
        self.seen = {}
        libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = libc.inotify_init1(os.O_CLOEXEC)
        require(self.descriptor >= 0, f"inotify_init1: {os.strerror(ctypes.get_errno())}")
        watch = libc.inotify_add_watch(self.descriptor, os.fsencode(folder), IN_MOVED_TO | IN_CREATE)
        require(watch >= 0, f"inotify_add_watch: {os.strerror(ctypes.get_errno())}")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        os.close(self.descriptor)

    def await_receipt(self, name, limit=600):
        """The moment at which the receipt of a file was there (time.perf_counter)."""
        self._await(lambda: name in self.seen, f"the receipt of {name}", limit)
        return self.seen[name]

    def await_count(self, count, limit=600):
        self._await(lambda: len(self.seen) >= count, f"{count} receipts", limit)
        return max(self.seen.values())

    def has(self, name):
        self._take(0)
        return name in self.seen

    def _await(self, condition, what, limit):
        end = time.perf_counter() + limit
        while not condition():
            require(time.perf_counter() < end, f"watchd: {what} did not come within {limit} s, only {len(self.seen)}")
            self._take(1)

    def _take(self, wait):
        if not select.select([self.descriptor], [], [], wait)[0]:
            return
        data, now, at = os.read(self.descriptor, 1 << 20), time.perf_counter(), 0
        while at < len(data):
            _, mask, _, length = EVENT.unpack_from(data, at)
            at += EVENT.size + length
            if mask & IN_Q_OVERFLOW:
                for name in os.listdir(self.folder):
                    self._note(name, now)
            else:
                self._note(os.fsdecode(data[at - length:at].rstrip(b"\0")), now)

    def _note(self, entry, now):
        if entry.endswith(".receipt.json") and not entry.startswith("."):
            self.seen.setdefault(entry.removesuffix(".receipt.json"), now)
