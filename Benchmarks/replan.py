#!/usr/bin/env python3
"""How long the agent thinks about a plan: tick written -> plan read, as fast as it answers.

Each row is the agent with other settings, on one core, playing to the same made melody. What is
measured begins after the 512 frames that the network looks back on, unless `--history` says otherwise:
so all plans cost what they cost in the middle of a long session. `--hour` plays a whole hour of 16th
notes instead, and compares its end with its beginning.
"""

import argparse
import itertools
import os
import subprocess
import sys
import time

from figures import add_agent_options, keep_off, percentile, write_json
from playing import Listener, header, melody

MINUTE = 480  # frames at 120 beats a minute


def answers(command, frames, again):
    """How long each of the frames' ticks was answered after, in ns. again: see melody."""
    agent = subprocess.Popen(command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    source, listener = agent.stdin.fileno(), Listener(agent.stdout.fileno())
    os.write(source, header(120, "replan"))
    times = []
    for _, frame, line in melody(120, frames, 1, again):
        written = time.monotonic_ns()
        os.write(source, line)
        if frame is None:
            continue
        while frame not in listener.answered:
            if not listener.listen():
                sys.exit(f"replan: {' '.join(command)} ended with status {agent.wait()}")
        times.append(listener.answered.pop(frame) - written)
    agent.stdin.close()
    while listener.listen():
        pass
    if agent.wait() != 0:
        sys.exit(f"replan: {' '.join(command)} ended with status {agent.returncode}")
    return times


def measure(options, settings, frames, again):
    """Milliseconds, in order of the frames after the history."""
    command = ["taskset", "-c", str(options.core), options.agent]
    for name in "hypotheses", "lookahead", "backend":
        command += [f"--{name}", str(settings[name])] if settings[name] else []
    history = settings["history"]
    return [ns / 1e6 for ns in answers(command, history + frames, again)[history:]]


def is_there(options, backend):
    """Whether the agent has this backend here."""
    command = [options.agent, "--backend", backend]
    return subprocess.run(command, input=b"", capture_output=True, check=False).returncode != 64


def figures(times):
    ordered = sorted(times)
    return {
        "median": percentile(ordered, 0.5), "p99": percentile(ordered, 0.99), "max": ordered[-1],
    }


def report(settings, result):
    cells = " ".join(f"{name} {value}" for name, value in settings.items() if value is not None)
    print(f"{cells:58}" + "".join(f"{value:9.3f}" for value in result.values()), flush=True)


def rows(options):
    for backend, history, lookahead, hypotheses in itertools.product(
        options.backend, options.history, options.lookahead, options.hypotheses
    ):
        if backend is None or is_there(options, backend):
            yield {
                "hypotheses": hypotheses, "lookahead": lookahead, "history": history,
                "backend": backend,
            }


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--frames", type=int, default=960, help="that are measured in each run")
    parser.add_argument("--hypotheses", type=int, nargs="+", default=[1, 4, 8, 16, 32, 64])
    parser.add_argument("--lookahead", type=float, nargs="+", default=[4], help="beats")
    parser.add_argument("--history", type=int, nargs="+", default=[512],
                        help="frames that were heard before")
    parser.add_argument("--backend", nargs="+", default=[None])
    parser.add_argument("--hour", action="store_true", help="play for an hour")
    add_agent_options(parser)
    return parser.parse_args()


def main():
    options = parse()
    keep_off(options.core)
    results = []
    print(f"{'ms':58}" + "".join(f"{name:>9}" for name in ("median", "p99", "max")))
    for settings in rows(options):
        # In an hour each minute has the same melody, so that its minutes can be compared.
        length = (60 * MINUTE, MINUTE) if options.hour else (options.frames, None)
        times = measure(options, settings, *length)
        results.append({**settings, **figures(times)})
        report(settings, figures(times))
        if options.hour:
            spans = {
                "second minute": times[MINUTE:2 * MINUTE], "last minute": times[-MINUTE:],
                "minutes 2 to 11": times[MINUTE:11 * MINUTE],
                "last ten minutes": times[-10 * MINUTE:],
            }
            for name, span in spans.items():
                report({"": name}, figures(span))
                results[-1][name] = figures(span)
    write_json({"rows": results}, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
