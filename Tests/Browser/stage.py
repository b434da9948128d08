"""plan-view with a stream that a test writes, and a reader of its events."""

import http.client
import json
import os
import re
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOOLS = Path(os.environ.get("JAMLINE_TOOLS", ROOT / ".build/debug")).resolve()
# Seconds to wait for what takes no time on an idle machine.
PATIENCE = 20


def header(**fields):
    record = {
        "t": 0, "type": "header", "format": "jam", "version": 1, "tempo": 120, "meter": "4/4",
        "frames_per_beat": 4, "producer": "test", "source": "tune.mid"}
    return record | fields


def tick(frame):
    return {"t": frame * 125_000, "type": "tick", "frame": frame}


def note(pitch, frame, kind="note_on"):
    return {"t": frame * 125_000, "type": kind, "ch": 1, "note": pitch, "vel": 80}


def meter(value, frame):
    """A change of meter, written when the frame begins."""
    return {"t": frame * 125_000, "type": "meter", "frame": frame, "value": value}


def setting(name, value, frame=0):
    return {"t": frame * 125_000, "type": "set", "name": name, "value": value}


def plan(frame, commit, chords, melody=()):
    """Chords as (from, to, symbol), notes as (from, to, pitch)."""
    return {
        "t": frame * 125_000, "type": "plan", "frame": frame, "rev": 1, "commit": commit,
        "until": max([frame] + [to for _, to, _ in chords]),
        "chords": [{"from": start, "to": to, "chord": name} for start, to, name in chords],
        "melody": [{"from": start, "to": to, "note": pitch} for start, to, pitch in melody]}


def wait_until(condition, what="it"):
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.02)
    return found


class Viewer:
    """plan-view --listen with a stream that the test writes."""

    def __init__(self, *options, address="0"):
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [TOOLS / "plan-view", "--listen", address, *options], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=self.errors, bufsize=0)
        found = wait_until(lambda: re.search(r"http://\S+", self.said()), "the page's address")
        self.url = found[0]
        self.port = int(re.search(r":(\d+)/", self.url)[1])
        self.query = self.url.partition("?")[2]

    def said(self):
        # Not seek(): the process shares the position.
        return os.pread(self.errors.fileno(), 1 << 16, 0).decode()

    def write(self, *records):
        self.write_bytes(b"".join(json.dumps(record).encode() + b"\n" for record in records))

    def write_bytes(self, data):
        view = memoryview(data)
        while view:
            view = view[self.process.stdin.write(view):]

    def close(self):
        """Ends the stream and gives the exit status."""
        if not self.process.stdin.closed:
            self.process.stdin.close()
        status = self.process.wait(PATIENCE)
        self.errors.close()
        return status

    def ask(self, method, path, body=None, headers=None):
        """The status, headers and body of the answer to a request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def set(self, body, **headers):
        headers = {"Content-Type": "application/json"} | headers
        return self.ask("POST", "/set", json.dumps(body), headers)


class Listener:
    """Reads the events as a browser does."""

    def __init__(self, viewer, query=""):
        self.socket = socket.create_connection(("127.0.0.1", viewer.port), timeout=PATIENCE)
        self.socket.sendall(f"GET /stream{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        self.text = b""

    def listen(self):
        """Reads on a thread of its own until the stream ends."""
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()
        return self

    def read(self):
        try:
            while block := self.socket.recv(1 << 16):
                self.text += block
        except OSError:
            pass

    def close(self):
        self.socket.close()
