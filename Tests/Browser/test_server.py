"""plan-view --listen as a server: who gets which answer, and that no browser holds up the stream."""

import json
import os
import socket
import stat
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from stage import PATIENCE, TOOLS, Listener, Viewer, header, plan, setting, tick, wait_until


class ServerTests(unittest.TestCase):
    def viewer(self, *options, **keywords):
        viewer = Viewer(*options, **keywords)
        self.addCleanup(viewer.close)
        return viewer

    def folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return Path(folder.name)

    def test_the_policy_lets_the_page_run_its_own_script_only(self):
        status, headers, page = self.viewer().ask("GET", "/")
        self.assertEqual(status, 200)
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
        self.assertNotIn("unsafe", headers["Content-Security-Policy"])
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertNotIn(b"://", page)

    def test_each_page_has_a_nonce_of_its_own(self):
        viewer = self.viewer()
        policies = {viewer.ask("GET", "/")[1]["Content-Security-Policy"] for _ in range(5)}
        self.assertEqual(len(policies), 5)

    def test_requests_of_other_pages_and_for_other_hosts_are_refused(self):
        viewer = self.viewer("--control", str(self.folder() / "sets"))
        for path in ["/", "/stream", "/set"]:
            method = "POST" if path == "/set" else "GET"
            for refused in [{"Host": "evil.example"}, {"Origin": "http://evil.example"}]:
                headers = {"Content-Type": "application/json"} | refused
                self.assertEqual(viewer.ask(method, path, "{}", headers)[0], 403, (path, refused))

    def test_a_server_that_other_machines_reach_asks_for_the_token(self):
        viewer = self.viewer("--control", str(self.folder() / "sets"), address="0.0.0.0:0")
        token = viewer.query
        self.assertRegex(token, "^token=[0-9a-f]{32}$")
        for query, expected in [("", 403), ("?token=" + "0" * 32, 403), ("?" + token, 200)]:
            self.assertEqual(viewer.ask("GET", "/" + query)[0], expected)
            body = json.dumps(setting("commit", 1))
            status = viewer.ask("POST", "/set" + query, body, {"Content-Type": "application/json"})
            self.assertEqual(status[0], 204 if expected == 200 else 403)
        self.assertEqual(viewer.ask("GET", "/stream")[0], 403)
        listener = Listener(viewer, "?" + token).listen()
        wait_until(lambda: b"event: start" in listener.text)

    def test_a_browser_that_comes_late_gets_a_snapshot(self):
        viewer = self.viewer()
        viewer.write(header(), tick(0), plan(0, 4, [(0, 8, "Am7")]), tick(1))
        first = Listener(viewer).listen()
        wait_until(lambda: b'"Am7"' in first.text and b'data: {"frame":1,' in first.text)
        viewer.write(tick(2))
        wait_until(lambda: b'event: now\ndata: {"frame":2,' in first.text)
        second = Listener(viewer).listen()
        chord = b'"name":"Am7","committed":true,"classes":[9,0,4,7]'
        wait_until(lambda: b'data: {"frame":2,' in second.text and chord in second.text)
        self.assertNotIn(b'data: {"frame":1,', second.text)

    def test_long_requests_and_too_many_connections_are_refused(self):
        viewer = self.viewer("--control", str(self.folder() / "sets"))
        headers = {"Content-Type": "application/json"}
        self.assertEqual(viewer.ask("POST", "/set", "x" * 1025, headers)[0], 413)
        with socket.create_connection(("127.0.0.1", viewer.port), timeout=PATIENCE) as flood:
            flood.settimeout(PATIENCE)
            try:
                flood.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 1_000_000)
                flood.recv(1 << 16)
                self.assertEqual(flood.recv(1 << 16), b"")
            except ConnectionError:
                pass
        many = [Listener(viewer).listen() for _ in range(80)]
        wait_until(lambda: sum(b"event: start" in one.text for one in many) == 64)
        wait_until(lambda: sum(not one.thread.is_alive() for one in many) == 16)
        for one in many:
            if one.thread.is_alive():
                one.socket.shutdown(socket.SHUT_RDWR)
        wait_until(lambda: viewer_answers(viewer))

    def test_settings_are_checked_before_they_are_written(self):
        path = self.folder() / "sets"
        viewer = self.viewer("--control", str(path))
        self.assertEqual(viewer.set(setting("temperature", 1.5))[0], 204)
        self.assertEqual(viewer.set(setting("model", "pretrained"))[0], 204)
        for name, value in [
            ("temperature", 3.1), ("temperature", "1"), ("model", "/etc/passwd"), ("playing", False),
            ("model", "a\nb"), ("x" * 900, 1),
        ]:
            self.assertEqual(viewer.set(setting(name, value))[0], 400, (name, value))
        self.assertEqual(viewer.set(tick(0))[0], 400)
        self.assertEqual(viewer.ask("POST", "/set", "{}")[0], 415)
        self.assertEqual(
            path.read_text().splitlines(),
            ['{"t":0,"type":"set","name":"temperature","value":1.5}',
             '{"t":0,"type":"set","name":"model","value":"pretrained"}'])

    def test_a_pipe_without_a_reader_holds_nothing_up(self):
        path = self.folder() / "sets"
        os.mkfifo(path)
        viewer = self.viewer("--control", str(path))
        self.assertEqual(viewer.set(setting("commit", 1))[0], 503)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        statuses = {viewer.set(setting("commit", 1))[0] for _ in range(40)}
        self.assertEqual(statuses, {204})
        while viewer.set(setting("commit", 1))[0] == 204:
            pass
        self.assertTrue(stat.S_ISFIFO(os.stat(path).st_mode))
        lines = os.read(reader, 1 << 20).splitlines()
        self.assertEqual(set(lines), {b'{"t":0,"type":"set","name":"commit","value":1}'})

    def test_settings_cannot_be_changed_without_control(self):
        self.assertEqual(self.viewer().set(setting("commit", 1))[0], 404)

    def test_a_browser_that_lags_gets_a_snapshot_and_holds_up_no_other(self):
        viewer = self.viewer()
        viewer.write(header())
        stalled = Listener(viewer)
        listeners = [Listener(viewer).listen() for _ in range(10)]
        wait_until(lambda: all(b'"tune.mid"' in one.text for one in listeners))
        longest = 0
        for frame in range(6000):
            begun = time.monotonic()
            first = frame // 4 * 4
            chords = [(first + i, first + i + 4, "F#m7b5/A") for i in range(0, 64, 4)]
            viewer.write(tick(frame), plan(frame, frame, chords))
            longest = max(longest, time.monotonic() - begun)
        last = b'data: {"frame":5999,'
        wait_until(lambda: all(last in one.text for one in listeners), "the last tick")
        # A stream that waited for the stalled browser would have stood still for good.
        self.assertLess(longest, 2)
        stalled.listen()
        wait_until(lambda: last in stalled.text, "the last tick in the stalled browser")
        self.assertGreater(stalled.text.count(b"event: start"), 1)
        self.assertLess(stalled.text.count(b"event: now"), 5999)

    def test_bad_input_ends_the_view_but_is_read_on(self):
        for bad in [b"x" * 10_000_000, b'{"t":0,"type":"marker","text":"\xff"}\n', b"\x1b[2J\n"]:
            viewer = Viewer()
            viewer.write(header())
            listener = Listener(viewer).listen()
            wait_until(lambda: b'"tune.mid"' in listener.text)
            viewer.write_bytes(bad)
            viewer.write_bytes(b"\n" * 200_000)
            self.assertEqual(viewer.ask("GET", "/")[0], 200)
            wait_until(lambda: "<stdin>:2: " in viewer.said(), "the message")
            wait_until(lambda: b'"ended":true' in listener.text, "the end of the session")
            self.assertNotIn(b"[2J", listener.text)
            self.assertEqual(viewer.close(), 65)

    def test_an_address_in_use_is_reported(self):
        viewer = self.viewer()
        second = subprocess.run(
            [TOOLS / "plan-view", "--listen", str(viewer.port)], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(second.returncode, 69)
        self.assertEqual(
            second.stderr,
            f"plan-view: cannot listen on 127.0.0.1:{viewer.port}: Address already in use\n")


def viewer_answers(viewer):
    try:
        return viewer.ask("GET", "/")[0] == 200
    except OSError:
        return False
