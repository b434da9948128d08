#!/usr/bin/env python3
"""What a branch costs: `jam-tee` beside `tee`.

A branch whose reader is stopped: how many lines still pass, and what is dropped. A branch that is a
recording: how long a line takes to pass, and how many pass in a second. Exits with status 1 if `jam-tee`
stalls, or if what the branch got and what it was told it lacks are not what was sent.
"""

import argparse
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time

from figures import add_json_option, percentile, write_json
from playing import header, melody, record
from tools import hops

# A lively session: ticks, notes, plans, controllers.
LINES_PER_SECOND = 128
# So long without a line is a stall: nothing else keeps the tool from passing on.
PATIENCE = 2


def session(frames):
    """The lines of a made session, a plan after each tick."""
    lines = [header(120, "tees")]
    chords = [{"from": beat * 4, "to": beat * 4 + 4, "chord": "Am7", "bass": 9, "confidence": 0.5}
              for beat in range(6)]
    for due, frame, line in melody(120, frames, seed=1):
        lines.append(line)
        if frame is not None:
            lines.append(record(
                due, "plan", frame=frame, rev=frame + 1, commit=frame + 4, until=frame + 16,
                chords=chords, melody=[]))
    return lines + [record(frames / 8, "end", reason="end of file")]


def feed(sink, lines, blocks):
    """Writes the lines, each by itself, or in blocks."""
    try:
        if blocks:
            sink.write(b"".join(lines))
        else:
            for line in lines:
                os.write(sink.fileno(), line)
        sink.flush()
    except BrokenPipeError:
        pass


def passed_on(tool, count):
    """The lines that come out until all are there, or none has come for a while."""
    passed, source = 0, tool.stdout.fileno()
    while passed < count and select.select([source], [], [], PATIENCE)[0]:
        passed += os.read(source, 1 << 16).count(b"\n")
    return passed


def stall(name, command, lines, folder):
    """What passes while the reader of a branch is stopped."""
    pipe, got = os.path.join(folder, f"{name}.pipe"), os.path.join(folder, f"{name}.got")
    os.mkfifo(pipe)
    holder = os.open(pipe, os.O_RDWR)
    with open(got, "wb") as file:
        reader = subprocess.Popen(["cat", pipe], stdout=file)
        while not any(os.path.realpath(f"/proc/{reader.pid}/fd/{fd}") == os.path.realpath(pipe)
                      for fd in os.listdir(f"/proc/{reader.pid}/fd")):
            time.sleep(0.01)
        reader.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, reader.pid, os.WSTOPPED | os.WNOWAIT)
    tool = subprocess.Popen(
        [*command, pipe], bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL)
    feeder = threading.Thread(target=feed, args=(tool.stdin, lines, False), daemon=True)
    feeder.start()
    passed = passed_on(tool, len(lines))
    # Opened before by the tool: the reader's end comes with the tool's.
    os.close(holder)
    reader.send_signal(signal.SIGCONT)
    threading.Thread(target=tool.stdout.read, daemon=True).start()
    feeder.join()
    tool.stdin.close()
    tool.wait()
    reader.wait()
    with open(got, "rb") as file:
        taken = [json.loads(line) for line in file]
    missed = [line["dropped"] for line in taken if "dropped" in line]
    return {
        "tool": name, "passed": passed, "stalled": passed < len(lines),
        "seconds": passed / LINES_PER_SECOND, "dropped": sum(missed),
        "accounted": len(taken) - len(missed) + sum(missed) == len(lines),
    }


def throughput(command, lines):
    """Lines a second that pass when all come at once."""
    tool = subprocess.Popen(command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    feeder = threading.Thread(target=feed, args=(tool.stdin, lines, True), daemon=True)
    begun = time.monotonic()
    feeder.start()
    passed = passed_on(tool, len(lines))
    seconds = time.monotonic() - begun
    feeder.join()
    tool.stdin.close()
    tool.wait()
    return passed / seconds


def missing(path):
    """How many lines a recording lacks, as it says itself."""
    with open(path, "rb") as file:
        return sum(json.loads(line)["dropped"] for line in file if b'"dropped":' in line)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tools", default=".build/release", help="their folder")
    parser.add_argument("--frames", type=int, default=8000, help="of the session: 16th notes")
    parser.add_argument("--core", type=int, default=1, help="that single lines are passed on")
    add_json_option(parser)
    return parser.parse_args()


def main():
    options = parse()
    lines = session(options.frames)
    tools = {
        "tee": ["tee"], "jam-tee": [f"{os.path.abspath(options.tools)}/jam-tee", "--drain", "60"],
    }
    everywhere = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory() as folder:
        stalls = [stall(name, command, lines, folder) for name, command in tools.items()]
        copy = os.path.join(folder, "copy")
        commands = {"cat": ["cat"], **{name: [*command, copy] for name, command in tools.items()}}
        rows = []
        for name, command in commands.items():
            rate = throughput(command, lines)
            lost = missing(copy) if name == "jam-tee" else 0
            times = hops(command, options.core)
            os.sched_setaffinity(0, everywhere)
            rows.append({
                "tool": name, "median": percentile(times, 0.5) * 1e6,
                "p99": percentile(times, 0.99) * 1e6, "per second": rate, "missing": lost,
            })
    print(f"{len(lines)} lines, the branch's reader stopped:")
    print(f"{'':10}{'passed':>10}{'s at 128/s':>12}{'dropped':>10}")
    for row in stalls:
        seconds = f"{row['seconds']:.1f}" if row["stalled"] else "never"
        print(f"{row['tool']:10}{row['passed']:10}{seconds:>12}{row['dropped']:10}")
    print(f"{'hop':10}{'median us':>10}{'p99 us':>10}{'lines/s':>12}{'missing':>10}")
    for row in rows:
        print(f"{row['tool']:10}{row['median']:10.1f}{row['p99']:10.1f}{row['per second']:12,.0f}"
              f"{row['missing']:10}")
    write_json({"lines": len(lines), "stalls": stalls, "rows": rows}, options.json)
    ours = stalls[-1]
    return 1 if ours["stalled"] or not ours["accounted"] else 0


if __name__ == "__main__":
    sys.exit(main())
