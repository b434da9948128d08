#!/usr/bin/env python3
"""How soon the agent answers: tick written -> plan written, at real-time pace.

The driver is the agent's midi-in: it writes the records of a made melody when they are due and
stamps each tick just after write(2) returned, and each plan just after read(2) brought it. Exits
with status 1 if any tick stayed without its plan.

With --set NAME=VALUE,VALUE,... a setting changes at every bar line, in turn to each of its values:

  live_latency.py --tempo 240 --set hypotheses=64,16 --set model=pretrained,accompanist
"""

import argparse
import os
import subprocess
import sys
import time

from figures import add_agent_options, keep_off, percentile, write_json
from playing import FRAMES_PER_BEAT, Listener, header, melody, record

AGENT_FAILED = 70
FRAMES_PER_BAR = 4 * FRAMES_PER_BEAT


def change(text):
    """NAME=VALUE,VALUE,... as a name and its values, which are numbers where they can be."""
    name, _, values = text.partition("=")

    def value(text):
        try:
            return float(text)
        except ValueError:
            return text

    return name, [value(each) for each in values.split(",")]


def with_changes(events, changes):
    """The events of a melody, with `set` records before the tick of each bar but the first."""
    for due, frame, line in events:
        if frame and frame % FRAMES_PER_BAR == 0:
            for name, values in changes:
                value = values[frame // FRAMES_PER_BAR % len(values)]
                yield due, None, record(due, "set", name=name, value=value)
        yield due, frame, line


def play(agent, options):
    """Plays the melody to the agent: when it was ready, when ticks were written, its answers."""
    source, listener = agent.stdin.fileno(), Listener(agent.stdout.fileno())
    os.write(source, header(options.tempo, "live_latency"))
    # An agent that is still taking in its model is not late: time begins when it passes on.
    while listener.lines == 0:
        if not listener.listen():
            sys.exit("live_latency: cannot play: the agent ended at once")
    start = time.monotonic_ns()
    written = {}
    frames = int(options.seconds * options.tempo / 60 * FRAMES_PER_BEAT)
    events = melody(options.tempo, frames, options.seed)
    for due, frame, line in with_changes(events, options.changes):
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


def report(options, ready, written, listener):
    """Prints the table, and gives its figures."""
    ordered = sorted(listener.answered[f] - t for f, t in written.items() if f in listener.answered)
    unanswered = len(written) - len(ordered)
    counted = (listener.counters or {}).get("missed", 0)
    frame = 60e9 / options.tempo / FRAMES_PER_BEAT
    print(f"tick written -> plan written, {options.tempo:g} beats/min, {options.seconds:g} s")
    print(f"{'':10}{'ms':>10}{'of a 16th':>12}")
    result = {}
    for name, share in ("median", 0.5), ("p99", 0.99), ("max", 1):
        if ordered:
            result[name] = percentile(ordered, share) / 1e6
            print(f"{name:10}{result[name]:10.3f}{result[name] * 1e6 / frame:12.1%}")
    print(f"{'ticks':10}{len(written):10}")
    print(f"{'missed':10}{unanswered:10}   (the agent counted {counted})")
    print(f"{'ready':10}{ready / 1e6:10.1f}   ms from start to the first record passed on")
    missed = max(unanswered, counted)
    return {**result, "ticks": len(written), "missed": missed, "ready": ready / 1e6}


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n")[0],
        epilog="What follows -- goes to the agent: -- --lookahead 4 --temperature 1")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--tempo", type=float, default=120, help="beats a minute")
    parser.add_argument("--seed", type=int, default=1, help="of the melody")
    parser.add_argument(
        "--set", dest="changes", type=change, action="append", default=[], metavar="NAME=VALUES",
        help="change a setting at every bar line")
    add_agent_options(parser)
    parser.add_argument("agent_options", nargs="*", help=argparse.SUPPRESS)
    return parser.parse_args()


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
    result = report(options, start - begun, written, listener)
    write_json(result, options.json)
    return 1 if result["missed"] else 0


if __name__ == "__main__":
    sys.exit(main())
