"""What watchd must answer, worked out a second time from its public promises.

    oracle.py expect [OPTIONS] FILE...          a JSON array: the expected outcome of each FILE
    oracle.py result [OPTIONS] FILE             the expected result, as bytes
    oracle.py check  [OPTIONS] INPUTS OUTBOX    compares an outbox with the files that were dropped
    oracle.py check-database [OPTIONS] INPUTS DATABASE      the same for the rows in the database

The checks print one line a difference and end with status 1 when there is one, with 2 when they
could not compare. It shares no code with the product: one regular expression a field, Python's
integers for the sums and Python's own UTF-8 decoder. Where the promises leave two answers open,
both are allowed, and the comment there says so.
"""

import argparse
import calendar
import csv
import hashlib
import io
import json
import os
import re
import sqlite3
import sys

HEADER = (b"Song", b"Date", b"Total Number of Plays for Date")
NAMES = (b"song", b"date", b"number of plays")
NUMBER = re.compile(rb"[ \t]*([+-]?[0-9]+)[ \t]*")
LINE_END = re.compile(rb"\r\n|\n|\r")
# The last part keeps a search that failed from giving back one half of a doubled quote.
QUOTED = re.compile(rb'"([^"]*(?:""[^"]*)*)"(?!")')
LISTED_REJECTS = 10_000


class Failure(Exception):
    """The file as a whole: its code, and the byte that the sentence must point to (or None)."""

    def __init__(self, code, byte=None):
        super().__init__(code)
        self.code, self.byte = code, byte


def int64(number):
    return -(2**63) <= number < 2**63


def plays_of(content):
    match = NUMBER.fullmatch(content)
    return int(match[1]) if match and int64(int(match[1])) else None


def is_real_day(content):
    match = re.fullmatch(rb"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})", content)
    if not match:
        return False
    year, month, day = int(match[1]), int(match[3]), int(match[4])
    if not 1 <= month <= 12:
        return False
    # calendar.monthrange knows no year 0; it is a leap year like 2000.
    return 1 <= day <= calendar.monthrange(year or 2000, month)[1]


class Field:
    """Of a quoted field, `content` is what stands between the quotes: text behind them is a problem
    of its own and does not make a number within them wrong."""

    __slots__ = ("start", "content_start", "content", "after_quote")

    def __init__(self, start, content_start, content, after_quote=None):
        self.start, self.content_start = start, content_start
        self.content, self.after_quote = content, after_quote


def record_at(data, at, separator, max_record):
    """The fields of the record that begins at `at`, where it ends, and where the next may begin."""
    start = at
    plain = re.compile(rb"[^\r\n" + re.escape(separator) + rb"]*")
    fields = []
    while True:
        if data[at : at + 1] == b'"':
            match = QUOTED.match(data, at)
            if not match or match.end() - start > max_record:
                if len(data) - start > max_record:
                    raise Failure("record-too-long", start)
                raise Failure("unclosed-quote", at)
            rest = plain.match(data, match.end())
            fields.append(
                Field(at, at + 1, match[1].replace(b'""', b'"'),
                      match.end() if rest[0] else None))
            at = rest.end()
        else:
            match = plain.match(data, at)
            fields.append(Field(at, at, match[0]))
            at = match.end()
        if data[at : at + 1] != separator:
            break
        at += 1
    if at - start > max_record:
        raise Failure("record-too-long", start)
    line_end = LINE_END.match(data, at)
    return fields, at, line_end.end() if line_end else at


def skip_blank(data, at):
    while match := LINE_END.match(data, at):
        at = match.end()
    return at


def check_encoding(data):
    """Clear cases only; what else is not text comes out as a header that cannot be used."""
    if not data:
        raise Failure("empty")
    signatures = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff", b"\x1f\x8b", b"PK\x03\x04",
                  b"SQLite format 3\x00")
    if data.startswith(signatures):
        raise Failure("encoding")
    front = data[:16]
    if len(front) >= 8:
        for width, text_at in ((2, 0), (2, 1), (4, 0), (4, 3)):
            if all((byte == 0) != (index % width == text_at) for index, byte in enumerate(front)):
                raise Failure("encoding")


def separator_of(data, at):
    """Of the header line, quoted parts aside."""
    line, quoted, beginning = bytearray(), False, True
    for byte in data[at:]:
        if byte == 0x22 and (quoted or beginning):
            quoted, beginning = not quoted, True
            continue
        if quoted:
            continue
        if byte in b"\r\n":
            break
        line.append(byte)
        beginning = byte in b",;\t|"
    if b"," not in line:
        for candidate in (b";", b"\t", b"|"):
            if line.count(candidate) >= 2:
                return candidate
    return b","


def header_of(data, at, separator, max_record):
    fields, end, following = record_at(data, at, separator, max_record)
    raw = data[at:end]
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise Failure("header", at + error.start) from None
    if b"\0" in raw:
        raise Failure("header", at + raw.index(b"\0"))
    for field in fields:
        if field.after_quote is not None:
            raise Failure("header", field.after_quote)
    names = [field.content.strip(b" \t").lower() for field in fields]
    if all(name in names for name in NAMES):
        if any(names.count(name) > 1 for name in NAMES):
            raise Failure("header", at)
        columns, mapping = "name", [names.index(name) for name in NAMES]
    else:
        if len(fields) < 3 or plays_of(fields[2].content) is not None:
            raise Failure("header", at)
        columns, mapping = "position", [0, 1, 2]
    return columns, mapping, len(fields), following


def problem_of(data, start, end, fields, mapping, width, options):
    """The byte of the first problem of a record, or None."""
    raw = data[start:end]
    found = [field.after_quote for field in fields if field.after_quote is not None]
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        found.append(start + error.start)
    if b"\0" in raw:
        found.append(start + raw.index(b"\0"))
    _, date, plays = mapping
    if plays < len(fields) and plays_of(fields[plays].content) is None:
        found.append(fields[plays].content_start)
    if options.dates == "calendar" and date < len(fields) and not is_real_day(fields[date].content):
        found.append(fields[date].content_start)
    if found:
        return min(found)
    if len(fields) <= max(mapping):
        return start
    return next((field.start for field in fields[width:] if field.content), None)


def is_plain(data):
    """True where every line is one record and every separator ends a field."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return not any(special in data for special in (b'"', b"\r", b"\0"))


def plain_row(data, at, separator, mapping, width, options):
    """An accepted row of a plain file and where the next begins; None where it needs a closer look.

    The large files of the tests are millions of such rows; the tests compare both ways.
    """
    end = data.find(b"\n", at)
    end = len(data) if end < 0 else end
    fields = data[at:end].split(separator)
    if len(fields) != width or end - at > options.max_record or options.dates != "any":
        return None
    song, date, plays = (fields[index] for index in mapping)
    plays = plays_of(plays)
    return None if plays is None else (song, date, plays, end + 1)


def place(data, line_starts, byte):
    """Line and column (in scalars) of a byte offset, both from 1."""
    low, high = 0, len(line_starts)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if line_starts[middle] <= byte else (low, middle)
    before = data[line_starts[low] : byte]
    return low + 1, len(before.decode(errors="replace")) + 1


def evaluate(data, options):
    """The expected outcome: status, the codes allowed, counts, groups, rejects."""
    outcome = {"codes": [], "byte": None, "columns": None, "rows_read": 0, "rejects": []}
    sums = {}
    line_starts = [0] + [match.end() for match in LINE_END.finditer(data)]
    try:
        check_encoding(data)
        at = skip_blank(data, 3 if data.startswith(b"\xef\xbb\xbf") else 0)
        if at == len(data):
            raise Failure("header")
        separator = separator_of(data, at)
        outcome["columns"], mapping, width, at = header_of(data, at, separator, options.max_record)
        plain = is_plain(data) and not options.slow
        while (at := skip_blank(data, at)) < len(data):
            if plain and (row := plain_row(data, at, separator, mapping, width, options)):
                song, date, plays, at = row
                outcome["rows_read"] += 1
                sums[song, date] = sums.get((song, date), 0) + plays
                continue
            start = at
            fields, end, at = record_at(data, at, separator, options.max_record)
            outcome["rows_read"] += 1
            byte = problem_of(data, start, end, fields, mapping, width, options)
            if byte is None:
                song, date, plays = (fields[index].content for index in mapping)
                sums[song, date] = sums.get((song, date), 0) + plays_of(plays)
            else:
                line, column = place(data, line_starts, byte)
                outcome["rejects"].append((line, column, byte, data[start:end]))
    except Failure as failure:
        outcome["codes"].append(failure.code)
        outcome["byte"] = failure.byte
        if failure.byte is not None:
            outcome["line"] = place(data, line_starts, failure.byte)[0]
    # A file may break several rules; the promises do not say which code it then gets.
    if any(not int64(total) for total in sums.values()):
        outcome["codes"].append("sum-overflow")
    if options.max_rejects is not None and len(outcome["rejects"]) > options.max_rejects:
        outcome["codes"].append("rejected-rows")
    outcome["status"] = "failed" if outcome["codes"] else "done"
    outcome["groups"] = len(sums)
    outcome["plays"] = sum(sums.values())
    outcome["sums"] = sums
    return outcome


def written(content, escape=False):
    if escape and content[:1] in (b"=", b"+", b"-", b"@", b"\t", b"\r"):
        content = b"'" + content
    if any(special in content for special in (b",", b'"', b"\r", b"\n")):
        return b'"' + content.replace(b'"', b'""') + b'"'
    return content


def result_bytes(sums, options):
    line_end = b"\r\n" if options.line_ending == "crlf" else b"\n"
    lines = [b",".join(HEADER)]
    for song, date in sorted(sums):
        lines.append(b",".join((
            written(song, options.escape_formulas), written(date, options.escape_formulas),
            str(sums[song, date]).encode())))
    return b"".join(line + line_end for line in lines)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def text_of(raw):
    """The record as text, where the promises say how it looks; None where they do not."""
    if b"\0" in raw or len(raw) > 4096:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def rejects_differences(expected, outbox, receipt):
    name = receipt.get("rejects_name")
    if not expected:
        return [f"names a rejects file {name!r} without rejects"] if name else []
    if not name:
        # A duplicate may point to what its first copy already told.
        return [] if receipt["status"] == "duplicate" else ["has rejects and no rejects_name"]
    text = read(os.path.join(outbox, os.fsencode(name))).decode(errors="replace")
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if not rows or rows[0] != ["Line", "Column", "Byte", "Reason", "Record"]:
        return [f"{name}: header is {rows[:1]}"]
    found = [tuple(map(int, row[:3])) for row in rows[1:]]
    wanted = [reject[:3] for reject in expected[:LISTED_REJECTS]]
    if found != wanted:
        first = next((pair for pair in zip(found, wanted) if pair[0] != pair[1]), None)
        return [f"{name}: {len(found)} rejects, expected {len(wanted)}; first difference "
                f"(line, column, byte) found, expected: {first}"]
    differences = []
    for row, (_, _, byte, raw) in zip(rows[1:], expected):
        if not row[3].strip():
            differences.append(f"{name}: the reject at byte {byte} has no reason")
        if text_of(raw) is not None and row[4] != text_of(raw):
            differences.append(f"{name}: record {row[4]!r}, expected {text_of(raw)!r}")
    return differences


def receipt_differences(receipt, data, expected, result):
    wanted = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    if expected["status"] == "done":
        rejected = len(expected["rejects"])
        wanted |= {
            "columns": expected["columns"], "rows_read": expected["rows_read"],
            "rows_rejected": rejected, "rows_accepted": expected["rows_read"] - rejected,
            "groups": expected["groups"], "result_bytes": len(result),
            "result_sha256": hashlib.sha256(result).hexdigest(), "error_code": None}
        for key in ("plays_in", "plays_out"):
            if int(str(receipt.get(key, 0))) != expected["plays"]:
                yield f"{key} is {receipt.get(key)}, expected {expected['plays']}"
    elif receipt.get("error_code") not in expected["codes"]:
        yield f"error_code is {receipt.get('error_code')}, expected one of {expected['codes']}"
    elif not receipt.get("error"):
        yield "error has no sentence"
    for key, value in wanted.items():
        if receipt.get(key) != value:
            yield f"{key} is {receipt.get(key)!r}, expected {value!r}"


def file_differences(data, receipt_path, outbox, options, names):
    if not os.path.exists(receipt_path):
        yield "no receipt"
        return
    names.add(os.path.basename(receipt_path))
    receipt = json.loads(read(receipt_path))
    expected = evaluate(data, options)
    allowed = ("done", "duplicate") if expected["status"] == "done" else ("failed",)
    if receipt.get("status") not in allowed:
        yield (f"status is {receipt.get('status')} ({receipt.get('error_code')}: "
               f"{receipt.get('error')}), expected {expected['status']} {expected['codes']}")
        return
    result = result_bytes(expected["sums"], options)
    yield from receipt_differences(receipt, data, expected, result)
    if (receipt["status"] == "duplicate") != bool(receipt.get("duplicate_of")):
        yield f"status {receipt['status']} with duplicate_of {receipt.get('duplicate_of')}"
    listed = expected["rejects"]
    # What else is wrong with a file that fails as a whole may be listed or not; if so, rightly.
    if receipt.get("error_code") in (None, "rejected-rows") or receipt.get("rejects_name"):
        yield from rejects_differences(listed, outbox, receipt)
    for key in ("result_name", "rejects_name"):
        if receipt.get(key):
            names.add(os.fsencode(receipt[key]))
    if expected["status"] == "failed":
        if receipt.get("result_name"):
            yield f"failed, and names a result {receipt['result_name']}"
    elif not receipt.get("result_name"):
        yield "done without a result_name"
    elif not os.path.lexists(path := os.path.join(outbox, os.fsencode(receipt["result_name"]))):
        yield f"has no result {receipt['result_name']}"
    elif (found := read(path)) != result:
        at = next((i for i, pair in enumerate(zip(found, result)) if pair[0] != pair[1]),
                  min(len(found), len(result)))
        yield (f"result differs at byte {at} of {len(found)} (expected {len(result)}): "
               f"{found[max(0, at - 30):at + 30]!r}, expected {result[max(0, at - 30):at + 30]!r}")


def check(options):
    inputs, outbox = os.fsencode(options.paths[0]), os.fsencode(options.paths[1])
    dropped = sorted(os.listdir(inputs))
    if not dropped:
        print("nothing to compare")
        return 2
    names, differences = set(), 0
    for name in dropped:
        receipt = os.path.join(outbox, name[: -len(b".csv")] + b".csv.receipt.json")
        data = read(os.path.join(inputs, name))
        for difference in file_differences(data, receipt, outbox, options, names):
            differences += 1
            print(f"{os.fsdecode(name)}: {difference}")
    for name in sorted(set(os.listdir(outbox)) - names):
        differences += 1
        print(f"{os.fsdecode(name)}: lies in the outbox, and no receipt names it")
    return 1 if differences else 0


def database_differences(data, task, connection, options):
    task_id, status, rows_rejected = task
    expected = evaluate(data, options)
    rows = connection.execute(
        "SELECT song, date, plays FROM plays WHERE task_id = ?", (task_id,)).fetchall()
    if status != "done":
        if rows:
            yield f"a {status} task has {len(rows)} rows that count"
    else:
        sums = {}
        for song, date, plays in rows:
            key = song.encode(), date.encode()
            sums[key] = sums.get(key, 0) + plays
        if sums != expected["sums"]:
            yield f"the rows sum up to {len(sums)} groups that are not the expected ones"
        accepted = expected["rows_read"] - len(expected["rejects"])
        if options.keep == "rows" and len(rows) != accepted:
            yield f"{len(rows)} rows of {accepted}"
        if rows_rejected != len(expected["rejects"]):
            yield f"rows_rejected is {rows_rejected}, expected {len(expected['rejects'])}"
    if status == "done" or expected["codes"] == ["rejected-rows"]:
        found = connection.execute(
            'SELECT line, "column", byte FROM rejects WHERE task_id = ? ORDER BY byte', (task_id,))
        if found.fetchall() != [reject[:3] for reject in expected["rejects"][:LISTED_REJECTS]]:
            yield "the places of the rejects are not the expected ones"


def check_database(options):
    inputs, path = os.fsencode(options.paths[0]), options.paths[1]
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    tasks = connection.execute(
        "SELECT name, task_id, status, rows_rejected FROM manifest ORDER BY name").fetchall()
    dropped = sorted(os.fsdecode(name) for name in os.listdir(inputs))
    differences = []
    if [task[0] for task in tasks] != dropped:
        differences.append(f"{len(tasks)} tasks, expected one for each of {len(dropped)} files")
    for name, *task in tasks:
        data = read(os.path.join(inputs, os.fsencode(name)))
        for difference in database_differences(data, task, connection, options):
            differences.append(f"{name}: {difference}")
    connection.close()
    print("\n".join(differences), end="\n" if differences else "")
    if not dropped:
        print("nothing to compare")
        return 2
    return 1 if differences else 0


def expect(options):
    outcomes = []
    for path in options.paths:
        outcome = evaluate(read(path), options)
        del outcome["sums"]
        outcome["rejects"] = [
            {"line": line, "column": column, "byte": byte}
            for line, column, byte, _ in outcome["rejects"]]
        outcomes.append(outcome)
    json.dump(outcomes, sys.stdout)
    return 0


def result(options):
    sums = evaluate(read(options.paths[0]), options)["sums"]
    sys.stdout.buffer.write(result_bytes(sums, options))
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["expect", "result", "check", "check-database"])
    parser.add_argument("--max-rejects", default="0")
    parser.add_argument("--max-record", type=int, default=16 * 1024 * 1024)
    parser.add_argument("--dates", choices=["any", "calendar"], default="any")
    parser.add_argument("--line-ending", choices=["lf", "crlf"], default="lf")
    parser.add_argument("--escape-formulas", action="store_true")
    parser.add_argument("--keep", choices=["totals", "rows"], default="totals")
    parser.add_argument("--slow", action="store_true", help="no short cut for plain files")
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    options.max_rejects = None if options.max_rejects == "all" else int(options.max_rejects)
    # One field of the rejects file may be a whole record of max-record bytes.
    csv.field_size_limit(2**31 - 1)
    commands = {
        "expect": expect, "result": result, "check": check, "check-database": check_database}
    sys.exit(commands[options.command](options))


if __name__ == "__main__":
    main()
