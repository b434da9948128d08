#!/usr/bin/env python3
"""What the waterfall costs: how soon a plan is on the terminal, the processor's time, memory.

A session is written record by record, each when it is due, to `plan-view` on a pseudo-terminal. From a
plan's write(2) to the read(2) that brings the drawing which is different for it; the processor's time
while the roll moves; then as many hours of the session as `--hours` says, as fast as they are read, and
the most memory that was held. Exits with 1 if a plan was not drawn within 5 ms (99 of 100), or the
processor's share or the memory is above its limit.
"""

import argparse
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time

from figures import add_json_option, keep_off, peak_memory, percentile, write_json
from playing import header, melody, record

TEMPO = 120
FRAME = 60 / TEMPO / 4
# Chords that differ at a glance: the drawing of a plan is another than the one before.
SYMBOLS = ["Am7", "D7", "G", "Em", "C", "F#m7b5", "B7", "N"]
SHARE_LIMIT = 0.03
# In milliseconds, of 99 plans of 100.
LATENCY_LIMIT = 5


def plan(frame, due):
    """Another chord ahead with each plan, so that each has to be drawn."""
    chords = [
        {"from": frame // 8 * 8, "to": frame // 8 * 8 + 8, "chord": SYMBOLS[frame // 8 % 8]},
        {"from": frame // 8 * 8 + 8, "to": frame + 16, "chord": SYMBOLS[frame % 8]},
    ]
    expected = [{"from": frame + 1 + 2 * step, "to": frame + 3 + 2 * step, "note": 60 + step}
                for step in range(6)]
    return record(
        due, "plan", frame=frame, rev=frame + 1, commit=frame + 4, until=frame + 16, chords=chords,
        melody=expected)


class Viewer:
    """plan-view on a pseudo-terminal."""

    def __init__(self, options, *arguments):
        self.master, terminal = pty.openpty()
        fcntl.ioctl(
            self.master, termios.TIOCSWINSZ, struct.pack("HHHH", options.rows, options.columns, 0, 0))
        environment = {
            **os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
        self.process = subprocess.Popen(
            ["taskset", "-c", str(options.core), f"{os.path.abspath(options.tools)}/plan-view",
             "--style", "waterfall", "--fps", str(options.fps), *arguments],
            bufsize=0, stdin=subprocess.PIPE, stdout=terminal, env=environment)
        os.close(terminal)
        self.drawn = 0

    def write(self, line):
        self.process.stdin.write(line)

    def take(self, until):
        """Takes in what is drawn next; when that came, or None if nothing did in time."""
        patience = max(until - time.monotonic(), 0)
        if not select.select([self.master], [], [], patience)[0]:
            return None
        self.drawn += len(os.read(self.master, 1 << 16))
        return time.monotonic()

    def processor_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        self.process.stdin.close()
        try:
            while os.read(self.master, 1 << 16):
                pass
        except OSError:
            pass  # the terminal is gone with its last user
        return self.process.wait()


def play(options):
    """In real time: seconds from plan to drawing, and what the drawings took."""
    viewer = Viewer(options)
    epoch = time.monotonic()
    viewer.write(header(TEMPO, "plan_view").replace(
        b'"tempo"', b'"epoch_us":%d,"tempo"' % (epoch * 1e6)))
    latencies, begun, used, drawn = [], None, 0, 0
    for due, frame, line in melody(TEMPO, round(options.seconds / FRAME), seed=1):
        while viewer.take(epoch + due):
            pass
        viewer.write(line)
        if frame is None:
            continue
        if frame == 16:
            # The first second is that of the start.
            begun, used, drawn = time.monotonic(), viewer.processor_seconds(), viewer.drawn
        # A plan comes some milliseconds after its tick, whose drawing is let pass.
        answer = due + 0.045
        while viewer.take(epoch + answer):
            pass
        written = time.monotonic()
        viewer.write(plan(frame, due))
        # One that is not drawn in time counts as drawn when it was given up.
        came = viewer.take(written + FRAME / 2)
        latencies.append((came or time.monotonic()) - written)
    seconds = time.monotonic() - begun
    figures = {
        "share": (viewer.processor_seconds() - used) / seconds,
        "bytes": (viewer.drawn - drawn) / seconds, "plans": len(latencies),
    }
    viewer.end()
    latencies.sort()
    return {**figures, "median": percentile(latencies, 0.5) * 1e3,
            "p99": percentile(latencies, 0.99) * 1e3}


def remember(options):
    """Hours of a session at once; the most memory held, in KiB."""
    viewer = Viewer(options)
    reader = subprocess.Popen(
        ["cat"], stdin=viewer.master, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    viewer.write(header(TEMPO, "plan_view"))
    frames = round(options.hours * 3600 / FRAME)
    block, early = [], 0
    for due, frame, line in melody(TEMPO, frames, seed=1, again=640):
        block.append(line)
        if frame is not None:
            block.append(plan(frame, due))
        if len(block) > 500:
            viewer.write(b"".join(block))
            block = []
        if frame == frames // 10:
            early = peak_memory(viewer.process.pid)
    viewer.write(b"".join(block))
    held = peak_memory(viewer.process.pid)
    viewer.process.stdin.close()
    status = viewer.process.wait()
    reader.kill()
    reader.wait()
    if status:
        sys.exit(70)
    return {"frames": frames, "a tenth": early, "all": held}


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tools", default=".build/release", help="their folder")
    parser.add_argument("--seconds", type=float, default=30, help="of the session in real time")
    parser.add_argument("--hours", type=float, default=10, help="of the session at once")
    parser.add_argument("--columns", type=int, default=80)
    parser.add_argument("--rows", type=int, default=24)
    parser.add_argument("--fps", type=int, default=30)
    parser.add_argument("--core", type=int, default=1, help="the only one that the viewer runs on")
    add_json_option(parser)
    return parser.parse_args()


def main():
    options = parse()
    keep_off(options.core)
    played = play(options)
    held = remember(options)
    print(f"{options.columns} x {options.rows}, {options.fps} drawings a second:")
    print(f"plan to terminal   median {played['median']:.2f} ms, 99 % {played['p99']:.2f} ms"
          f" ({played['plans']} plans)")
    print(f"processor          {played['share'] * 100:.2f} % of a core,"
          f" {played['bytes'] / 1024:.1f} KiB/s written")
    print(f"memory             {held['all'] / 1024:.1f} MiB after {options.hours:g} hours,"
          f" {held['a tenth'] / 1024:.1f} MiB after a tenth of them")
    sizes = {name: getattr(options, name) for name in ("columns", "rows", "fps", "hours")}
    write_json({**sizes, "played": played, "held": held}, options.json)
    is_good = (played["p99"] <= LATENCY_LIMIT and played["share"] <= SHARE_LIMIT
               and held["all"] <= held["a tenth"] + 1024)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
