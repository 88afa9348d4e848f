"""Runs one command for `process.timed`: a log file, then the command. Prints the exit code, seconds and peak bytes.

A program of its own because Linux counts the memory of whoever starts a process as the process's until it executes
something else: this one has 10 MB, a harness that compares results has more than some of the programs it measures.
"""

import os
import sys
import time

log, *command = sys.argv[1:]
actions = [
    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
    (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
    (os.POSIX_SPAWN_DUP2, 1, 2),
]
begin = time.perf_counter()
process = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
_, status, usage = os.wait4(process, 0)
seconds = time.perf_counter() - begin
print(os.waitstatus_to_exitcode(status), seconds, usage.ru_maxrss * 1024)
