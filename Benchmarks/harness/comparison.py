"""Whether two results are equal: byte for byte, or field for field where a peer quotes otherwise."""

import csv
import hashlib
import itertools


class Different(Exception):
    """Two results that should be equal are not, or the data is not what it should be."""


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def require(condition, sentence):
    if not condition:
        raise Different(sentence)


class Reference:
    """watchd's result, and what was found equal to it so far.

    A peer's second result has the bytes of its first as a rule, and is then known by its digest.
    """

    def __init__(self, path):
        self.path = path
        self.digest = digest(path)
        self._equal = {self.digest}

    def require_equal(self, path, who, has_header=True):
        """Raises `Different` at the first record that differs.

        - has_header: false for a peer that prints none.
        """
        found = digest(path)
        if found not in self._equal:
            self._compare(path, who, has_header)
            self._equal.add(found)

    def _compare(self, path, who, has_header):
        with open(self.path, newline="") as ours, open(path, newline="") as theirs:
            left, right = csv.reader(ours, strict=True), csv.reader(theirs, strict=True)
            if not has_header:
                next(left)
            for number, (our, their) in enumerate(itertools.zip_longest(left, right), 1):
                require(our == their, f"record {number} is {our} by watchd and {their} by {who}")
