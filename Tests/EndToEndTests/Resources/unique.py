"""Whether a result is what a file without a repeated key must become: its rows in order, each as it was.

    unique.py INPUT RESULT          prints the number of rows and the sum of plays

Reads both as streams, so that ten million rows take no memory: the result's keys ascend strictly, and both have the same
rows whatever their order (the sum of their hashes). No field may be quoted.
"""

import sys


def rows(path, header):
    """Of each row its song, its date and the whole line."""
    with open(path, "rb") as file:
        if file.readline() != header:
            sys.exit(f"{path} begins with another header")
        for line in file:
            fields = line.split(b",")
            if len(fields) != 3 or b'"' in line or not line.endswith(b"\n"):
                sys.exit(f"{path} has the line {line!r}")
            yield fields[0], fields[1], line


def summed(path, header, is_sorted):
    count = plays = hashes = 0
    last = (b"", b"")
    for song, date, line in rows(path, header):
        if is_sorted and (song, date) <= last:
            sys.exit(f"{line!r} comes behind {last}")
        last = (song, date)
        count += 1
        plays += int(line[len(song) + len(date) + 2 :])
        hashes += hash(line)
    return count, plays, hashes


given = summed(sys.argv[1], b"Song,Date,Number of Plays\n", False)
made = summed(sys.argv[2], b"Song,Date,Total Number of Plays for Date\n", True)
if given != made:
    sys.exit(f"rows, plays and hashes are {given} and {made}")
print(given[0], given[1])
