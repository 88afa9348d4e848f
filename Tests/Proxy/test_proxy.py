"""watchd behind the reverse proxy of the README: its own lines, with other ports and a certificate that is made here."""

import hashlib
import http.client
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import unittest
from base64 import b64encode

from daemon import Daemon, eventually

NAME = "plays.example.org"
TOKEN = "0123456789abcdef0123456789abcdef"
README = pathlib.Path(__file__).parents[2] / "README.md"
PLAYS = b"Song,Date,Number of Plays\nA,2024-01-01,5\n"


class Guarded(Daemon):
    """With a token, unless it is to have none."""

    token = TOKEN

    def command(self):
        if not self.token:
            return super().command()
        with open(self.path("desk", "token"), "w", encoding="ascii") as file:
            file.write(self.token)
        return super().command() + ["--http-token-file", self.path("desk", "token")]


class Open(Guarded):
    token = None


class Proxy:
    """nginx with the server of the README, in a folder of its own."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.certificate, key = daemon.path("desk", "plays.pem"), daemon.path("desk", "plays.key")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={NAME}"]
            + ["-addext", f"subjectAltName=DNS:{NAME}", "-out", self.certificate, "-keyout", key],
            check=True, capture_output=True,
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        server = re.search(r"```nginx\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[1]
        for shown, here in [
            ("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl"), ("http://127.0.0.1:5000", daemon.url),
            ("/etc/ssl/certs/plays.pem", self.certificate), ("/etc/ssl/private/plays.key", key),
        ]:
            assert server.count(shown) == 1, f"the README shows no {shown!r}"
            server = server.replace(shown, here)
        folder = daemon.path("nginx")
        os.mkdir(folder)
        # Its children are who asked for it: run by root they would else be somebody who may not enter the folder.
        user = "user root;\n" if os.getuid() == 0 else ""
        temporary = "".join(f"  {kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(f"{folder}/nginx.conf", "w", encoding="utf-8") as file:
            file.write(
                f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
                f"http {{\n  access_log off;\n{temporary}{server}}}\n"
            )
        self.process = subprocess.Popen([os.environ["PROXY"], "-p", folder, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"])

        def answers():
            assert self.process.poll() is None, "nginx does not take the lines of the README"
            with socket.socket() as client:
                return client.connect_ex(("127.0.0.1", self.port)) == 0

        eventually("nginx answers", answers)

    def close(self):
        self.process.terminate()
        self.process.wait(60)

    def connect(self):
        context = ssl.create_default_context(cafile=self.certificate)
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), timeout=30), server_hostname=NAME)

    def ask(self, method, path, body=None, token=TOKEN, **headers):
        client = http.client.HTTPConnection(NAME)
        client.sock = self.connect()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            client.request(method, path, body=body, headers=headers)
            answer = client.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            client.close()

    def head(self, method, path, *lines):
        return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {NAME}", f"Authorization: Bearer {TOKEN}", *lines, "", ""]).encode()


class ProxyTest(unittest.TestCase):
    def behind(self, kind=Guarded):
        self.daemon = kind()
        self.addCleanup(self.daemon.close)
        self.proxy = Proxy(self.daemon)
        self.addCleanup(self.proxy.close)
        return self.daemon, self.proxy

    def left(self):
        """How much there is of each upload that is no task yet."""
        work = pathlib.Path(self.daemon.path("state", "work"))
        return [file.stat().st_size for file in work.glob("*/.partial")]

    def test_a_file_goes_in_and_its_result_comes_out(self):
        _, proxy = self.behind()
        digest = f"sha-256=:{b64encode(hashlib.sha256(PLAYS).digest()).decode()}:"
        status, headers, text = proxy.ask("PUT", "/inbox/plays.csv", PLAYS, Content_Digest=digest)
        self.assertEqual(status, 202, text)
        self.assertTrue(headers["Location"].startswith("/tasks/"))
        status, headers, text = proxy.ask("GET", "/result/plays.csv?wait=30")
        self.assertEqual((status, text), (200, b"Song,Date,Total Number of Plays for Date\nA,2024-01-01,5\n"))
        status, headers, text = proxy.ask("GET", "/result/plays.csv", Range="bytes=0-3", If_Range=headers["ETag"])
        self.assertEqual((status, text), (206, b"Song"))
        status, headers, text = proxy.ask("GET", "/")
        self.assertEqual(status, 200)
        self.assertTrue(headers["Content-Security-Policy"].startswith("default-src 'none'"))

    def test_an_upload_goes_through_as_it_comes_and_leaves_nothing_where_it_breaks_off(self):
        _, proxy = self.behind()
        size = 32 << 20
        for framing in (f"Content-Length: {size}", "Transfer-Encoding: chunked"):
            with self.subTest(framing), proxy.connect() as client:
                client.sendall(proxy.head("PUT", "/inbox/large.csv", framing))
                piece = PLAYS + b"B,2024-01-01,1\n" * (1 << 19)
                client.sendall(piece if "Length" in framing else b"%x\r\n%s\r\n" % (len(piece), piece))
                eventually("what was sent is on watchd's disk", lambda: sum(self.left()) > 4 << 20)
            eventually("nothing is left of it", lambda: not self.left())
        body = PLAYS + b"B,2024-01-01,1\n" * (size // 15)
        status, _, text = proxy.ask("PUT", "/inbox/large.csv", body)
        self.assertEqual(status, 202, text)
        status, _, text = proxy.ask("GET", "/result/large.csv?wait=60")
        self.assertEqual(text.splitlines()[2], b"B,2024-01-01,%d" % (size // 15))

    def test_events_come_as_they_happen(self):
        daemon, proxy = self.behind()
        with proxy.connect() as client:
            client.sendall(proxy.head("GET", "/events"))
            heard = b""
            while b"alive" not in heard:
                heard += client.recv(65536)
            daemon.drop("plays.csv", PLAYS.decode())
            while b'"kind":"done"' not in heard:
                piece = client.recv(65536)
                self.assertTrue(piece, heard)
                heard += piece
        number = re.findall(rb"id: ?(\d+)", heard)[0].decode()
        with proxy.connect() as client:
            client.sendall(proxy.head("GET", "/events", f"Last-Event-ID: {number}"))
            heard = b""
            while b'"kind":"done"' not in heard:
                heard += client.recv(65536)

    def test_nobody_is_answered_without_the_token_or_from_another_sites_page(self):
        _, proxy = self.behind()
        self.assertEqual(proxy.ask("GET", "/tasks", token=None)[0], 401)
        self.assertEqual(proxy.ask("PUT", "/inbox/plays.csv", PLAYS, token=None)[0], 401)
        self.assertEqual(proxy.ask("GET", "/tasks", token=TOKEN[:-1] + "x")[0], 401)
        for origin, status in (("https://example.com", 403), (f"http://{NAME}:1", 403), ("null", 403), (f"https://{NAME}", 202)):
            self.assertEqual(proxy.ask("PUT", "/inbox/plays.csv", PLAYS, Origin=origin)[0], status, origin)
        self.assertEqual(len(json.loads(proxy.ask("GET", "/tasks")[2])), 1)

    def test_behind_it_a_watchd_without_a_token_answers_nobody(self):
        _, proxy = self.behind(Open)
        for path in ("/", "/tasks", "/events"):
            status, _, text = proxy.ask("GET", path, token=None)
            self.assertEqual(status, 421, text)
            self.assertEqual(json.loads(text)["title"], "Misdirected Request")
        self.assertEqual(proxy.ask("PUT", "/inbox/plays.csv", PLAYS, token=None)[0], 421)

    def test_one_request_is_not_taken_for_two(self):
        _, proxy = self.behind()
        hidden = f"POST /prune HTTP/1.1\r\nHost: {NAME}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 0\r\n\r\n".encode()
        for framing in (
            ("Content-Length: 6", "Transfer-Encoding: chunked"), ("Transfer-Encoding: chunked", "Content-Length: 6"),
            ("Content-Length: 0", f"Content-Length: {len(hidden)}"), ("Transfer-Encoding: xchunked",), ("Content-Length: +5",),
        ):
            with self.subTest(framing), proxy.connect() as client:
                client.sendall(proxy.head("PUT", "/inbox/plays.csv", *framing) + b"0\r\n\r\n" + hidden)
                answer = http.client.HTTPResponse(client)
                answer.begin()
                self.assertIn(answer.status, (400, 501), framing)
        self.assertEqual(json.loads(proxy.ask("GET", "/tasks")[2]), [])
        metrics = proxy.ask("GET", "/metrics")[2].decode()
        self.assertNotRegex(metrics, r'watchd_http_requests_total{[^}]*"/prune"')

    def test_who_asks_while_watchd_is_away_is_told_so_and_served_when_it_is_back(self):
        daemon, proxy = self.behind()
        daemon.stop()
        self.assertEqual(proxy.ask("PUT", "/inbox/plays.csv", PLAYS)[0], 502)
        daemon.start()
        self.assertEqual(proxy.ask("PUT", "/inbox/plays.csv", PLAYS)[0], 202)


if __name__ == "__main__":
    unittest.main()
