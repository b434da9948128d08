#!/usr/bin/env python3
"""How soon the agent answers: tick written -> plan written, at real-time pace.

The driver is the agent's midi-in: it writes the records of a made melody when they are due and
stamps each tick just after write(2) returned, and each plan just after read(2) brought it. Exits
with status 1 if any tick stayed without its plan.
"""

import argparse
import json
import os
import random
import select
import subprocess
import sys
import time

FRAMES_PER_BEAT = 4
AGENT_FAILED = 70


def melody(tempo, frames, seed):
    """Yields (due in s, frame or None, line): a walk up and down a scale, a note every 2 frames."""
    chance = random.Random(seed)
    scale = [60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77, 79]
    step = len(scale) // 2
    length = 60 / tempo / FRAMES_PER_BEAT
    for frame in range(frames):
        due = frame * length
        yield due, frame, record(due, "tick", frame=frame)
        if frame % 2 == 0:
            step = min(max(step + chance.choice((-2, -1, -1, 1, 1, 2)), 0), len(scale) - 1)
            yield due, None, record(due, "note_on", ch=1, note=scale[step], vel=80)
        else:
            due += 0.8 * length
            yield due, None, record(due, "note_off", ch=1, note=scale[step], vel=0)


def record(seconds, kind, **fields):
    fields = {"t": round(seconds * 1e6), "type": kind, **fields}
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


class Listener:
    """Reads what the agent writes, and stamps its plans."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.rest = b""
        self.answered = {}  # when the plan for a frame came
        self.counters = None
        self.lines = 0

    def listen(self, until=None):
        """Takes in the next output, if any comes in time; false at its end."""
        patience = None if until is None else max(until - time.monotonic_ns(), 0) / 1e9
        if not select.select([self.descriptor], [], [], patience)[0]:
            return True
        data = os.read(self.descriptor, 1 << 16)
        now = time.monotonic_ns()
        *lines, self.rest = (self.rest + data).split(b"\n")
        self.lines += len(lines)
        for line in lines:
            if b'"type":"plan"' in line:
                self.answered[json.loads(line)["frame"]] = now
            elif b'"type":"stat"' in line:
                self.counters = json.loads(line)
        return bool(data)


def play(agent, options):
    """Plays the melody to the agent: when it was ready, when ticks were written, its answers."""
    source, listener = agent.stdin.fileno(), Listener(agent.stdout.fileno())
    header = record(
        0, "header", format="jam", version=1, tempo=options.tempo, meter="4/4",
        frames_per_beat=FRAMES_PER_BEAT, producer="live_latency", source="made")
    os.write(source, header)
    # An agent that is still taking in its model is not late: time begins when it passes on.
    while listener.lines == 0:
        if not listener.listen():
            sys.exit("live_latency: cannot play: the agent ended at once")
    start = time.monotonic_ns()
    written = {}
    frames = int(options.seconds * options.tempo / 60 * FRAMES_PER_BEAT)
    for due, frame, line in melody(options.tempo, frames, options.seed):
        due = start + int(due * 1e9)
        while time.monotonic_ns() < due:
            if not listener.listen(until=due):
                sys.exit("live_latency: cannot play on: the agent went away")
        os.write(source, line)
        if frame is not None:
            written[frame] = time.monotonic_ns()
    # The last tick has its time as well.
    end = start + int(options.seconds * 1e9)
    while time.monotonic_ns() < end and listener.listen(until=end):
        pass
    agent.stdin.close()
    while listener.listen():
        pass
    return start, written, listener


def percentile(ordered, share):
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def report(options, ready, written, listener):
    """Prints the table; how many ticks were missed."""
    ordered = sorted(listener.answered[f] - t for f, t in written.items() if f in listener.answered)
    unanswered = len(written) - len(ordered)
    counted = (listener.counters or {}).get("missed", 0)
    frame = 60e9 / options.tempo / FRAMES_PER_BEAT
    print(f"tick written -> plan written, {options.tempo:g} beats/min, {options.seconds:g} s")
    print(f"{'':10}{'ms':>10}{'of a 16th':>12}")
    for name, share in ("median", 0.5), ("p99", 0.99), ("max", 1):
        if ordered:
            value = percentile(ordered, share)
            print(f"{name:10}{value / 1e6:10.3f}{value / frame:12.1%}")
    print(f"{'ticks':10}{len(written):10}")
    print(f"{'missed':10}{unanswered:10}   (the agent counted {counted})")
    print(f"{'ready':10}{ready / 1e6:10.1f}   ms from start to the first record passed on")
    return max(unanswered, counted)


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n")[0],
        epilog="What follows -- goes to the agent: -- --lookahead 4 --temperature 1")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--tempo", type=float, default=120, help="beats a minute")
    parser.add_argument("--core", type=int, default=1, help="the agent's only core")
    parser.add_argument("--seed", type=int, default=1, help="of the melody")
    parser.add_argument("--agent", default=".build/release/jam-agent", help="the tool's path")
    parser.add_argument("agent_options", nargs="*", help=argparse.SUPPRESS)
    return parser.parse_args()


def keep_off(core):
    """Leaves the agent's core to it, if there is another one."""
    others = os.sched_getaffinity(0) - {core}
    if others:
        os.sched_setaffinity(0, others)


def write_json(figures, path):
    """Writes them where a path is given."""
    if path:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(figures, file, indent=1)


def main():
    options = parse()
    keep_off(options.core)
    begun = time.monotonic_ns()
    command = ["taskset", "-c", str(options.core), options.agent, "--live"]
    agent = subprocess.Popen(
        command + options.agent_options, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with agent:
        start, written, listener = play(agent, options)
    if agent.returncode != 0:
        print(f"live_latency: the agent ended with status {agent.returncode}", file=sys.stderr)
        return AGENT_FAILED
    return 1 if report(options, start - begun, written, listener) else 0


if __name__ == "__main__":
    sys.exit(main())
