"""Files of plays in many shapes, the same from the same seed.

    inputs.py random SEED COUNT FOLDER   COUNT files of every shape
    inputs.py large  SEED ROWS SONGS FILE                one tidy file of ROWS rows
    inputs.py many   COUNT FOLDER                        COUNT files of one row each, plays 1
    inputs.py copies STATIONS COUNT FOLDER               COUNT files, N.csv with the bytes of station N % STATIONS

What the promises leave open stays out: a quoted empty surplus field, quoted separators in a
header line without commas, and damage to the header line.
"""

import os
import random
import sys

SONGS = [
    "Hey Jude", "hey jude", "Hey Jude ", " Hey Jude", "", "Björk – Jóga", "Bjo\u0308rk", "日本の歌",
    "🎵", "\U0001f469\u200d\U0001f3a4", "Help!, live", 'say "yes"', '"', '""', "two\nlines",
    "old\rmac", "dos\r\nend", "a;b", "a|b", "a\tb", "=1+1", "@song", "-song", "+song", "'quoted'",
    "\x01\x1b[31m", "\u2028", "\ufeffbom", "Ω" * 80, "x" * 1000, "10", "Song", "null", "\\N", "%s",
]
DATES = ["2024-01-01", "2024-01-02", "20240103", "2024-02-30", "1.2.2024", "", "2024-01-01 ", "x"]
GOOD_PLAYS = ["1", "0", "7", "-3", "+5", " 8", "9 ", "\t10\t", "007", "-0", "123456789012"]
HUGE_PLAYS = [str(2**63 - 1), str(-(2**63)), "4611686018427387904", "-4611686018427387905"]
BAD_PLAYS = [
    "", " ", "x", "1.5", "1e3", "1,000", str(2**63), str(-(2**63) - 1), "9" * 40, "٣", "1_0", "0x1",
    "--1", "+", "- 1", "1 2", "\u00a05", "five", "1\n", "NaN",
]
NOISE = [b",", b";", b'"', b'""', b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80",
         b"1", b"a", b" ", "é".encode(), b"\xf4\x90\x80\x80", b"\xe2\x82", b",,,", b"\t"]


def quoted(text, separator, dice, eagerness):
    needs = any(special in text for special in (separator, "\r", "\n")) or text.startswith('"')
    if needs or dice.random() < eagerness:
        return '"' + text.replace('"', '""') + '"'
    return text


class Shape:
    """How one file is written; every choice is drawn from the file's own dice."""

    def __init__(self, dice):
        self.dice = dice
        self.separator = dice.choice([",", ",", ",", ";", "\t", "|"])
        self.ends = dice.choice([["\n"], ["\n"], ["\r\n"], ["\r"], ["\n", "\r\n", "\r"]])
        self.eagerness = dice.choice([0, 0, 0.3, 1])
        self.damage = dice.choice([0, 0, 0, 0.02, 0.2, 0.7])
        self.blanks = dice.choice([0, 0, 0.2])
        self.songs = dice.sample(SONGS, dice.randint(1, len(SONGS)))
        self.plays = GOOD_PLAYS + (HUGE_PLAYS if dice.random() < 0.15 else [])
        self.by_name = dice.random() < 0.7
        self.columns = ["song", "date", "plays"]
        if self.by_name:
            dice.shuffle(self.columns)
        for number in range(dice.choice([0, 0, 0, 1, 2])):
            at = dice.randint(0, len(self.columns)) if self.by_name else len(self.columns)
            self.columns.insert(at, f"extra {number}")

    def end(self):
        return self.dice.choice(self.ends)

    def header(self):
        names = {"song": "Song", "date": "Date", "plays": "Number of Plays"}
        if not self.by_name:
            names = self.dice.choice([
                {"song": "Titel", "date": "Datum", "plays": "Anzahl"},
                {"song": "Song", "date": "Day", "plays": "Plays"}, {"song": "", "date": "a", "plays": "b"}])
        fields = []
        for column in self.columns:
            name = names.get(column, column)
            if self.by_name and self.dice.random() < 0.3:
                name = self.dice.choice([name.upper(), name.lower(), f" {name} ", f"{name} "])
            fields.append(quoted(name, self.separator, self.dice, self.eagerness))
        return self.separator.join(fields)

    def row(self):
        values = {"song": self.dice.choice(self.songs), "date": self.dice.choice(DATES[:5]),
                  "plays": self.dice.choice(self.plays)}
        if self.dice.random() < 0.1:
            values["date"] = self.dice.choice(DATES)
        damage = self.dice.random() < self.damage and self.dice.randrange(7)
        if damage == 0 and damage is not False:
            values["plays"] = self.dice.choice(BAD_PLAYS)
        fields = [quoted(values.get(column, "more"), self.separator, self.dice, self.eagerness)
                  for column in self.columns]
        line = self.damaged(fields, damage)
        return self.separator.join(line).encode(errors="surrogateescape")

    def damaged(self, fields, damage):
        at = self.dice.randrange(len(fields))
        if damage == 1:
            return fields[: self.dice.randrange(len(fields))] or [" "]
        if damage == 2:
            return fields + self.dice.choice([["surplus"], ["", "x"], ['"sur""plus"'], ["", ""], [""]])
        if damage == 3:
            bad = self.dice.choice([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xe2\x82", b"\xf5", b"\x80"])
            fields[at] += bad.decode(errors="surrogateescape")
        elif damage == 4:
            fields[at] = fields[at][:1] + "\0" + fields[at][1:]
        elif damage == 5:
            fields[at] = '"quoted"' + self.dice.choice(["tail", " ", 'a"b', '"', "x\0"])
            if fields[at].count('"') % 2:
                fields[at] = '"quoted" "'
        elif damage == 6:
            fields[at] += 'inch"'
        return fields

    def file(self, rows):
        parts = [b"\xef\xbb\xbf"] if self.dice.random() < 0.2 else []
        if self.dice.random() < self.blanks:
            parts.append((self.end() * self.dice.randint(1, 3)).encode())
        parts.append(self.header().encode() + self.end().encode())
        for _ in range(rows):
            if self.dice.random() < self.blanks:
                parts.append((self.end() * self.dice.randint(1, 3)).encode())
            parts += [self.row(), self.end().encode()]
        if self.dice.random() < 0.3 and len(parts) > 1:
            parts.pop()
        return b"".join(parts)


def noisy(dice):
    """A header and then bytes that hit every corner of a parser."""
    body = b"".join(dice.choice(NOISE) for _ in range(dice.randint(1, 120)))
    if body.count(b'"') % 2 and dice.random() < 0.7:
        body += b'"'
    return b"Song,Date,Number of Plays\n" + body


def mutated(dice):
    """A tidy file with a few bytes changed behind its header line."""
    lines = [f"Song {dice.randint(1, 9)},2024-01-0{dice.randint(1, 9)},{dice.randint(0, 99)}"
             for _ in range(dice.randint(1, 40))]
    body = bytearray("\n".join(lines).encode())
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(body))
        body[at : at + dice.randint(0, 2)] = dice.choice(NOISE)
    return b"Song,Date,Number of Plays\n" + bytes(body)


def broken(dice):
    """Files that fail as a whole."""
    tidy = b"Song,Date,Number of Plays\nA,2024-01-01,1\n"
    return dice.choice([
        b"", b"\n\n\r\n", b"\xef\xbb\xbf", b"Song,Date\nA,2024-01-01\n", b"Song\n",
        b"Hey Jude,2024-01-01,3\nLet It Be,2024-01-02,4\n", b"Song,Date,Number of Plays,Song\nA,d,1,A\n",
        tidy.decode().encode("utf-16"), tidy.decode().encode("utf-16-be"),
        tidy.decode().encode("utf-32"), b"\x1f\x8b\x08" + tidy, b"PK\x03\x04" + tidy,
        b"SQLite format 3\0" + tidy, tidy + b'"open,2024-01-01,1\nA,2024-01-01,2\n',
        tidy + b'B,"', b'"Song,Date,Number of Plays\n', b"Song,Date,\xffNumber of Plays\nA,d,1\n",
        tidy + b"A,2024-01-01,%d\nA,2024-01-01,1\n" % (2**63 - 1)])


def one(seed, number):
    dice = random.Random(f"{seed}/{number}")
    kind = dice.random()
    if kind < 0.08:
        return broken(dice)
    if kind < 0.25:
        return noisy(dice)
    if kind < 0.40:
        return mutated(dice)
    return Shape(dice).file(dice.choice([0, 1, 2, 5, 20, 20, 100, 400]))


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)


def large(seed, rows, songs, path):
    dice = random.Random(seed)
    with open(path, "wb") as file:
        file.write(b"Song,Date,Number of Plays\n")
        for _ in range(0, rows, 1000):
            file.write("".join(
                f"Song {dice.randrange(songs)},2024-01-{dice.randrange(1, 29):02},{dice.randrange(10)}\n"
                for _ in range(1000)).encode())


def main():
    command, *arguments = sys.argv[1:]
    if command == "random":
        seed, count, folder = arguments
        for number in range(int(count)):
            write(os.path.join(folder, f"{number:04}.csv"), one(seed, number))
    elif command == "large":
        seed, rows, songs, path = arguments
        large(seed, int(rows), int(songs), path)
    elif command == "many":
        count, folder = arguments
        for number in range(int(count)):
            write(os.path.join(folder, f"{number}.csv"),
                  b"Song,Date,Number of Plays\nSong %d,2024-01-01,1\n" % number)
    elif command == "copies":
        stations, count, folder = arguments
        for number in range(int(count)):
            station = number % int(stations)
            write(os.path.join(folder, f"{number}.csv"),
                  b"Song,Date,Number of Plays\nStation %d,2024-01-01,%d\n" % (station, station + 1))
    else:
        sys.exit(f"unknown command {command}")


if __name__ == "__main__":
    main()
