"""watchd's HTTP under load: many uploads at a time, many listeners, one upload larger than memory."""

import concurrent.futures
import http.client
import itertools
import json
import re
import selectors
import socket
import time

from .comparison import require

HEADER = b"Song,Date,Number of Plays\n"


class Door:
    def __init__(self, daemon):
        found = re.search(r'"url":"http:\\?/\\?/127\.0\.0\.1:(\d+)', daemon.log.read_text())
        require(found, "watchd did not say where HTTP answers")
        self.port = int(found[1])
        self.daemon = daemon

    def ask(self, method, path, body=None, headers={}):
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            client.request(method, path, body=body, headers=headers)
            answer = client.getresponse()
            return answer.status, answer.read()
        finally:
            client.close()

    def memory(self, name="VmRSS"):
        for line in open(f"/proc/{self.daemon.process.pid}/status"):
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024

    def await_ended(self, count):
        limit = time.monotonic() + 600
        while True:
            tasks = json.loads(self.ask("GET", "/status")[1])["tasks"]
            if tasks["done"] == count:
                return
            require(time.monotonic() < limit and not tasks["failed"], f"watchd: not {count} tasks done: {tasks}")
            time.sleep(0.05)


def uploads(programs, clients, files, rows):
    """So many clients at a time, each sending its files one after the other; nothing is lost, and nothing counted twice."""
    with programs.daemon("--http", "127.0.0.1:0", "--log-level", "info") as daemon:
        door = Door(daemon)

        def send(client):
            tasks, times = [], []
            for number in range(files):
                body = HEADER + b"".join(b"song %d of %d,2024-01-01,%d\n" % (row, client, number + 1) for row in range(rows))
                start = time.monotonic()
                status, answer = door.ask("PUT", f"/inbox/client-{client}-{number}.csv", body)
                times.append(time.monotonic() - start)
                require(status == 202, f"watchd answered {status}: {answer[:300]}")
                tasks.append(json.loads(answer)["task_id"])
            return tasks, times, len(body) * files

        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(clients) as pool:
            found = list(pool.map(send, range(clients)))
        seconds = time.monotonic() - start
        tasks = {task for some, _, _ in found for task in some}
        require(len(tasks) == clients * files, "watchd gave an id twice")
        door.await_ended(len(tasks))
        peak = door.memory("VmHWM")
    rows_stored, plays = programs.stored()
    require(rows_stored == clients * files * rows, f"watchd: {rows_stored} rows are stored")
    require(plays == clients * rows * files * (files + 1) // 2, f"watchd: the sum of plays is {plays}")
    times = sorted(itertools.chain.from_iterable(some for _, some, _ in found))
    return {
        "clients": clients, "files": len(tasks), "seconds": seconds, "bytes": sum(size for _, _, size in found),
        "p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100], "peak_bytes": peak,
    }


def streams(programs, count):
    """So many listeners; a file is dropped, and each of them is told of it."""
    with programs.daemon("--http", "127.0.0.1:0", "--log-level", "info") as daemon:
        door = Door(daemon)
        before = door.memory()
        sockets = []
        with selectors.DefaultSelector() as selector:
            for _ in range(count):
                client = socket.create_connection(("127.0.0.1", door.port), timeout=60)
                client.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
                sockets.append(client)
            heard = {client: b"" for client in sockets}
            for client in sockets:
                while b"alive" not in heard[client]:
                    heard[client] += client.recv(65536)
                selector.register(client, selectors.EVENT_READ)
            idle = door.memory()
            (programs.desk / "a.csv").write_bytes(HEADER + b"a,2024-01-01,1\n")
            start = time.monotonic()
            (programs.desk / "a.csv").rename(programs.inbox / "a.csv")
            missing = set(sockets)
            while missing:
                require(time.monotonic() < start + 60, f"watchd: {len(missing)} listeners heard nothing")
                for key, _ in selector.select(1):
                    heard[key.fileobj] += key.fileobj.recv(65536)
                    if b'"kind":"done"' in heard[key.fileobj]:
                        missing.discard(key.fileobj)
            seconds = time.monotonic() - start
        for client in sockets:
            client.close()
        peak = door.memory("VmHWM")
    return {
        "streams": count, "bytes_each": (idle - before) / count, "seconds_to_all": seconds, "peak_bytes": peak,
    }


def large(programs, size):
    """One upload of so many bytes; its task is cancelled, for only the upload is measured."""
    block = b"".join(b"song %d,2024-01-%02d,%d\n" % (row, row % 28 + 1, row) for row in range(50_000))

    def body():
        yield HEADER
        left = size - len(HEADER)
        while left > 0:
            yield block[:left]
            left -= len(block)

    with programs.daemon("--http", "127.0.0.1:0", "--log-level", "info", "--memory", "16MiB") as daemon:
        door = Door(daemon)
        before = door.memory("VmHWM")
        start = time.monotonic()
        status, answer = door.ask("PUT", "/inbox/large.csv", body(), {"Content-Length": str(size)})
        seconds = time.monotonic() - start
        peak = door.memory("VmHWM")
        require(status == 202, f"watchd answered {status}: {answer[:300]}")
        # What the README promises of 10 GB.
        require(peak < 100 * 10**6, f"watchd took {peak / 1e6:.0f} MB of memory for an upload")
        door.ask("POST", f"/tasks/{json.loads(answer)['task_id']}/cancel")
    return {"bytes": size, "seconds": seconds, "peak_bytes": peak, "peak_bytes_before": before}
