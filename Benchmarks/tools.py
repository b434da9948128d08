#!/usr/bin/env python3
"""What the tools cost to start and to pass a line on, beside `cat`.

Start: from exec to the first record that comes out, a few times, the median. Memory: the most that is
resident then. Hop: from the write(2) of a line to the read(2) that brings it, through a tool and
through `cat`, in the same run.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import add_json_option, peak_memory, percentile, write_json
from playing import header, melody, record

HEADER = header(120, "tools")
STARTS, HOPS = 201, 3000
# Frames that the agent has heard when its memory is measured: all that it looks back on, and more.
HISTORY = 640
LAST = f'"type":"plan","frame":{HISTORY - 1},'.encode()


def first_output(command, given, folder):
    """Seconds from exec to the first byte, and the peak memory in KiB then."""
    begun = time.monotonic()
    tool = subprocess.Popen(
        command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
    os.write(tool.stdin.fileno(), given)
    if not os.read(tool.stdout.fileno(), 1 << 16):
        sys.exit(f"tools: {command[0]} ended without a word")
    seconds, memory = time.monotonic() - begun, peak_memory(tool.pid)
    tool.stdin.close()
    tool.stdout.read()
    tool.wait()
    return seconds, memory


def session(frames):
    """The lines of a made melody: what an agent holds once it looks back on all that it can."""
    return HEADER + b"".join(line for _, _, line in melody(120, frames, seed=1))


def whole_run(command, given, folder):
    """Seconds that a tool takes for a session of nothing, which it has nothing to say of."""
    begun = time.monotonic()
    subprocess.run(command, input=given, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


def peak_of(command, given, folder, last):
    """The peak memory in KiB of a tool that was given something and waits for more, once it has said
    the last that it has to say of it, and half a second later."""
    said = os.path.join(folder, "said")
    with open(said, "wb") as file:
        tool = subprocess.Popen(command, bufsize=0, stdin=subprocess.PIPE, cwd=folder, stdout=file)
    tool.stdin.write(given)
    end = time.monotonic() + 120
    while last not in Path(said).read_bytes():
        if tool.poll() is not None or time.monotonic() > end:
            sys.exit(f"tools: {command[0]} has not said {last.decode()}")
        time.sleep(0.2)
    time.sleep(0.5)
    memory = peak_memory(tool.pid)
    tool.stdin.close()
    tool.wait()
    return memory


def hops(command, core):
    """Seconds that lines take to come through. The tool and this program share a core: how long another
    one takes to wake up is no matter of the tool's."""
    os.sched_setaffinity(0, {core})
    tool = subprocess.Popen(command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    source, sink = tool.stdin.fileno(), tool.stdout.fileno()
    os.write(source, HEADER)
    os.read(sink, 1 << 16)
    times = []
    for number in range(HOPS):
        line = record(number / 100, "note_on", ch=1, note=60, vel=number % 127 + 1)
        begun = time.monotonic_ns()
        os.write(source, line)
        os.read(sink, 1 << 16)
        times.append((time.monotonic_ns() - begun) / 1e9)
    tool.stdin.close()
    tool.wait()
    return sorted(times[HOPS // 10:])


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tools", default=".build/release", help="their folder")
    parser.add_argument("--tune", default="Examples/saints.mid")
    parser.add_argument("--core", type=int, default=1, help="that lines are passed on")
    add_json_option(parser)
    return parser.parse_args()


def main():
    options = parse()
    tune, tools = os.path.abspath(options.tune), os.path.abspath(options.tools)
    plan = record(
        0, "plan", frame=0, rev=1, commit=4, until=16, melody=[],
        chords=[{"from": 0, "to": 16, "chord": "C", "bass": 0}])
    commands = {
        "midi-in": ([f"{tools}/midi-in", "--input", tune, "--pace", "fast"], b""),
        "jam-agent": ([f"{tools}/jam-agent"], HEADER),
        "plan-view": ([f"{tools}/plan-view", "--style", "line"], HEADER + plan
                      + record(0, "tick", frame=0)),
        "jam-tee": ([f"{tools}/jam-tee", "copy"], HEADER),
        "midi-out": ([f"{tools}/midi-out", "--output", "out.mid"], HEADER),
    }
    results, passing = {}, {}
    print(f"{'':12}{'start ms':>10}{'peak MiB':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for name, (command, given) in commands.items():
            if name == "midi-out":
                starts = [whole_run(command, given, folder) for _ in range(STARTS)]
                memory = peak_of(command, given, folder, b"")
            else:
                runs = [first_output(command, given, folder) for _ in range(STARTS)]
                starts, memory = [seconds for seconds, _ in runs], max(peak for _, peak in runs)
            if name == "jam-agent":
                memory = peak_of(command, session(HISTORY), folder, LAST)
            results[name] = {"start": statistics.median(starts) * 1e3, "peak": memory / 1024}
            print(f"{name:12}{results[name]['start']:10.2f}{results[name]['peak']:10.1f}")
        many = [f"{tools}/jam-agent", "--hypotheses", "64"]
        memory = peak_of(many, session(HISTORY), folder, LAST) / 1024
        print(f"jam-agent with 64 hypotheses: {memory:.1f} MiB")
    print(f"{'hop':12}{'median us':>10}{'p99 us':>10}")
    for name, command in ("jam-agent", [f"{tools}/jam-agent"]), ("cat", ["cat"]):
        times = hops(command, options.core)
        passing[name] = {
            "median": percentile(times, 0.5) * 1e6, "p99": percentile(times, 0.99) * 1e6,
        }
        print(f"{name:12}" + "".join(f"{value:10.1f}" for value in passing[name].values()))
    write_json(
        {"tools": results, "peak of 64 hypotheses": memory, "hops": passing}, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
