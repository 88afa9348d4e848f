"""Gives every command that takes the name of a file the names that somebody hostile would choose, as a person types them.

    names.py WATCHD WATCHCTL FOLDER

Prints what should not be, one line each: a byte or a character that steers a terminal, an exit code that is another than that
of a tidy name, an error of several lines. Each command is run with standard output in a pipe and in a terminal.
"""

import json
import os
import pty
import subprocess
import sys
import unicodedata

WATCHD, WATCHCTL, FOLDER = (os.fsencode(argument) for argument in sys.argv[1:])
INBOX, OUTBOX, STATE, DESK = (os.path.join(FOLDER, name) for name in (b"inbox", b"outbox", b"state", b"desk"))
STEMS = [
    b"tidy", b"not UTF-8 \xff\xfe", b"half a letter \xc3", b"surrogate \xed\xa0\x80", b"overlong \xc0\xaf",
    b"two\nlines", b"carriage\rreturn", b"tab\t", b"esc \x1b]0;title\x07\x1b[2J", b"eight-bit csi \xc2\x9b2J", b"del \x7f",
    "bidi \u202e\u2066\u200f".encode(), "separators \u2028\u2029\u0085".encode(), "joined \u200d\ufeff".encode(),
    b"-rf", b"--help", b"--json", b"-", b"\\xFF", b"%s%n$(id)`id`", b"'\"", b" ",
    b"x" * 251, "\U0001F3B5".encode() * 62, b"\xff" * 251,
]
# Colours, and what the pseudo-terminal makes of a line feed.
HARMLESS = [b"\x1b[31m", b"\x1b[32m", b"\x1b[33m", b"\x1b[36m", b"\x1b[0m", b"\r\n"]
found = []


def steering(output):
    """The first character that no terminal should get; invalid UTF-8 counts."""
    try:
        text = output.decode()
    except UnicodeDecodeError as error:
        return repr(error)
    for character in text:
        if character != "\n" and unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"):
            return repr(character)
    return None


def run(arguments, terminal):
    command = [WATCHCTL, *arguments]
    environment = {b"TERM": b"xterm", b"LC_ALL": b"C.UTF-8", b"PATH": os.environb[b"PATH"]}
    # Under a sanitizer it looks for what the others look for, and no more.
    if b"ASAN_OPTIONS" in os.environb:
        environment[b"ASAN_OPTIONS"] = os.environb[b"ASAN_OPTIONS"]
    if not terminal:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, env=environment)
        return done.returncode, done.stdout, done.stderr
    child, screen = pty.openpty()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=screen, stderr=subprocess.PIPE, env=environment)
    os.close(screen)
    output = b""
    while True:
        try:
            data = os.read(child, 65536)
        except OSError:
            break
        if not data:
            break
        output += data
    os.close(child)
    error = process.stderr.read()
    process.stderr.close()
    return process.wait(), output, error


def expect(code, arguments, terminal, carries_bytes=False):
    """Runs it; `carries_bytes` where a pipe gets what the file holds."""
    end, output, error = run(arguments, terminal)
    said = b" ".join(arguments)
    if end != code:
        found.append(f"{said!r}: exit code {end}, not {code}: {error!r}")
    shown = output
    for harmless in HARMLESS:
        shown = shown.replace(harmless, b"\n" if harmless == b"\r\n" else b"")
    if not (carries_bytes and not terminal) and (what := steering(shown)):
        found.append(f"{said!r}: {'terminal' if terminal else 'pipe'} gets {what}: {output!r}")
    if (what := steering(error)) or error.count(b"\n") > 1:
        found.append(f"{said!r}: standard error gets {what}: {error!r}")
    if b"--json" in arguments[:2] and end == 0:
        json.loads(output)
    if code and not error and arguments[0] not in (b"wait", b"check"):
        found.append(f"{said!r}: nothing on standard error")


def write(folder, name, plays):
    with open(os.path.join(folder, name), "xb") as file:
        file.write(b"Song,Date,Number of Plays\n\x1b[2J\xe2\x80\xae,d,%d\n" % plays)


def once():
    flags = [b"--inbox", INBOX, b"--outbox", OUTBOX, b"--state", STATE, b"--http", b"off", b"--settle", b"1ms", b"--min-free", b"0"]
    subprocess.run([WATCHD, *flags, b"--once"], check=True, stderr=subprocess.DEVNULL)


def forms(terminal, *commands):
    """A table for a person, JSON for a program."""
    return [[command] if terminal else [command, b"--json"] for command in commands]


def questions(names, code, terminal):
    """`code` is that of what needs a done task."""
    state = [b"--state", STATE, b"--"]
    for name in names:
        for command in forms(terminal, b"status", b"wait"):
            expect(code, [*command, *state, name], terminal)
        for command in forms(terminal, b"why"):
            expect(0, [*command, *state, name], terminal)
        expect(code, [b"result", *state, name], terminal, carries_bytes=True)
        # A done task can be neither taken back nor tried again.
        for command in forms(terminal, b"cancel", b"retry"):
            expect(1, [*command, *state, name], terminal)
        path = os.path.join(DESK, name)
        if code == 0:
            for command in [*forms(terminal, b"check"), [b"process"]]:
                expect(0, [*command, b"--", path], terminal, carries_bytes=command == [b"process"])
        else:
            for command in ([b"check"], [b"process"], [b"submit", b"--state", STATE]):
                expect(1, [*command, b"--", path], terminal)


def main():
    for folder in (INBOX, OUTBOX, STATE, DESK):
        os.makedirs(folder, exist_ok=True)
    names = [stem + b".csv" for stem in STEMS]
    once()
    for number, name in enumerate(names):
        write(DESK, name, number)
        expect(0, [b"submit", b"--state", STATE, b"--", os.path.join(DESK, name)], number % 2 == 0)
    expect(0, [b"status", b"--state", STATE], True)
    once()
    for terminal in (False, True):
        expect(0, [b"status", b"--state", STATE], terminal)
        expect(0, [b"status", b"--json", b"--state", STATE], terminal)
        questions(names, 0, terminal)
        questions([name[:-8] + b"NONE.csv" for name in names], 1, terminal)
    # Failed ones are retried with their originals and with another file; then all are taken out of the totals.
    for number, name in enumerate(names):
        expect(0, [b"forget", b"--json" if number % 2 else b"--state=" + STATE, b"--state", STATE, b"--", name], number % 3 == 0)
        expect(0, [b"retry", b"--state", STATE, b"--file", os.path.join(DESK, name), b"--", name], number % 3 == 1)
        expect(0, [b"cancel", b"--state", STATE, b"--", name], number % 3 == 2)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
