"""Runs a program in a terminal of its own and copies to standard output what it shows there.

    terminal.py COLUMNS PROGRAM [ARGUMENT ...]

SIGUSR1 has a person press Ctrl-C there, SIGUSR2 makes it 60 columns wide. The exit code is the program's. A line feed comes out as CR LF, as a terminal is given it.
"""

import fcntl
import os
import pty
import signal
import struct
import sys
import termios


def resize(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))


def main():
    columns, command = int(sys.argv[1]), sys.argv[2:]
    child, terminal = pty.fork()
    if child == 0:
        resize(1, columns)
        os.execv(command[0], command)
    signal.signal(signal.SIGUSR1, lambda *_: os.write(terminal, b"\x03"))
    signal.signal(signal.SIGUSR2, lambda *_: resize(terminal, 60))
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # EIO: the last one who had the terminal open is gone.
            break
        if not data:
            break
        # At once, for whoever looks on.
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main())
