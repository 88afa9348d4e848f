"""Asks a running watchd over HTTP, and prints the answer as JSON.

door.py request BASE  < {"method", "path", "headers": [[name, value]], "body"}   one whole request
door.py raw BASE      < bytes                                                  sent as they are, and no more; what comes until the end
door.py put BASE PATH FILE [NAME:VALUE...]                                     a file as the body, as it is read
door.py leave BASE    < bytes                                                  sent, then the connection is reset
door.py until BASE TEXT < bytes                                                sent as they are; what comes until the text has come
door.py crowd BASE COUNT < bytes                                               so many connections that say nothing, and one that sends them
door.py many BASE COUNT WIDTH                                                  so many uploads, each on a connection of its own, so many at a time
door.py dribble BASE SECONDS < bytes                                           the last byte again and again, one a time
"""

import base64
import concurrent.futures
import http.client
import json
import os
import socket
import struct
import sys
import time
import urllib.parse

KIND, BASE = sys.argv[1], urllib.parse.urlsplit(sys.argv[2])


def connection():
    return http.client.HTTPConnection(BASE.hostname, BASE.port, timeout=120)


def show(answer):
    body = answer.read()
    json.dump(
        {
            "status": answer.status,
            "headers": {name.lower(): value for name, value in answer.getheaders()},
            "body": base64.b64encode(body).decode(),
        },
        sys.stdout,
    )


def request():
    asked = json.load(sys.stdin)
    client = connection()
    headers = [(name.encode("latin-1"), value.encode()) for name, value in asked["headers"]]
    names = {name.lower() for name, _ in headers}
    client.putrequest(asked["method"], asked["path"], skip_host=b"host" in names)
    body = base64.b64decode(asked["body"]) if "body" in asked else None
    if body is not None and not names & {b"content-length", b"transfer-encoding"}:
        client.putheader("Content-Length", str(len(body)))
    for name, value in headers:
        client.putheader(name, value)
    client.endheaders()
    try:
        if body:
            client.send(body)
    except OSError:
        pass  # The answer came before the end of the body.
    show(client.getresponse())


def put():
    path, file, *headers = sys.argv[3:]
    client = connection()
    given = dict(header.split(":", 1) for header in headers)
    with open(file, "rb") as body:
        given.setdefault("Content-Length", str(os.path.getsize(file)))
        client.request("PUT", path, body=body, headers=given)
    show(client.getresponse())


def opened():
    client = socket.create_connection((BASE.hostname, BASE.port), timeout=120)
    client.sendall(sys.stdin.buffer.read())
    return client


def receive(client):
    received = b""
    try:
        while piece := client.recv(65536):
            received += piece
    except ConnectionResetError:
        received += b"(reset)"
    return received


def raw():
    client = opened()
    try:
        client.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # It is closed already.
    sys.stdout.buffer.write(receive(client))


def until():
    client, wanted, received = opened(), sys.argv[3].encode(), b""
    while wanted not in received:
        piece = client.recv(65536)
        if not piece:
            sys.exit("the connection ended after " + repr(received))
        received += piece
    sys.stdout.buffer.write(received)


def leave():
    client = opened()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def crowd():
    silent = [socket.create_connection((BASE.hostname, BASE.port), timeout=120) for _ in range(int(sys.argv[3]))]
    sys.stdout.buffer.write(opened().recv(65536))
    for client in silent:
        client.close()


def upload(number):
    """The status of the answer; 0 where the connection ended without one."""
    client = connection()
    try:
        body = b"Song,Date,Number of Plays\nsent %d,2024-01-01,1\n" % number
        client.request("PUT", f"/inbox/sent-{number}.csv", body=body)
        return client.getresponse().status
    except (ConnectionError, http.client.BadStatusLine):
        return 0
    finally:
        client.close()


def many():
    with concurrent.futures.ThreadPoolExecutor(int(sys.argv[4])) as pool:
        json.dump(list(pool.map(upload, range(int(sys.argv[3])))), sys.stdout)


def dribble():
    client = opened()
    client.settimeout(float(sys.argv[3]))
    for _ in range(600):
        try:
            client.sendall(b"x")
            piece = client.recv(65536)
            sys.stdout.buffer.write(piece + receive(client))
            return
        except socket.timeout:
            continue
        except OSError:
            sys.stdout.buffer.write(b"(reset)")
            return


KINDS = [request, put, raw, until, leave, crowd, many, dribble]
{kind.__name__: kind for kind in KINDS}[KIND]()
