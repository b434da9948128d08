#!/usr/bin/env python3
"""How many people one core plays for: live agents at real-time pace, as many as miss no tick.

All agents share one core; each plays to a made melody of its own, which begins anywhere in a bar, after
it has heard as many frames as it looks back on. A tick is missed if its plan is not there when the next
one comes. How late the lines themselves were, at most, stands beside. Twice as many play together until a
tick is missed; then the most that miss none are found between.
"""

import argparse
import heapq
import os
import random
import select
import signal
import subprocess
import sys
import time

from figures import add_agent_options, keep_off, write_json
from playing import FRAMES_PER_BEAT, Listener, header, melody

HISTORY = 512
TEMPO = 120
FRAME = 60 / TEMPO / FRAMES_PER_BEAT
BAR = 16 * FRAME


class Player:
    """One person with an agent."""

    def __init__(self, command, seed, frames):
        self.agent = subprocess.Popen(
            command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.listener = Listener(self.agent.stdout.fileno())
        self.phase = random.Random(seed).random() * BAR
        lines = list(melody(TEMPO, HISTORY + frames, seed))
        self.heard = [line for due, _, line in lines if due < HISTORY * FRAME]
        end = (HISTORY + frames) * FRAME, None, None
        self.lines = iter([*lines[len(self.heard):], end])
        self.written = None  # the frame of the last tick
        self.missed = 0

    def begin(self):
        """Lets the agent hear what came before, and waits until it has."""
        for line in [header(TEMPO, "sessions"), *self.heard]:
            os.write(self.agent.stdin.fileno(), line)
            while select.select([self.listener.descriptor], [], [], 0)[0]:
                self.listener.listen()
        while HISTORY - 1 not in self.listener.answered:
            if not self.listener.listen():
                sys.exit("sessions: an agent ended at once")

    def write(self, frame, line):
        """Writes a line, or at the end nothing; the tick before must have its plan by now."""
        if frame is not None or line is None:
            self.missed += self.written is not None and self.written not in self.listener.answered
            self.written = frame
        if line is not None:
            os.write(self.agent.stdin.fileno(), line)

    def end(self):
        self.agent.stdin.close()
        self.agent.send_signal(signal.SIGTERM)
        while self.listener.listen():
            pass
        self.agent.wait()


def missed_by(count, options, command):
    """How many ticks so many players miss together; the core's time that they take, a share; and how
    many seconds late a line was written at most."""
    frames = int(options.seconds / FRAME)
    players = [Player(command, seed, frames) for seed in range(count)]
    for player in players:
        player.begin()
    poller = select.poll()
    of_descriptor = {player.listener.descriptor: player for player in players}
    for descriptor in of_descriptor:
        poller.register(descriptor, select.POLLIN)
    start = time.monotonic() + 0.1
    due, busy, late = [], cpu_time(players), 0

    def schedule(number):
        following = next(players[number].lines, None)
        if following:
            at, frame, line = following
            at = start + players[number].phase + at - HISTORY * FRAME
            heapq.heappush(due, (at, number, frame, line))

    for number in range(count):
        schedule(number)
    while due:
        patience = max(due[0][0] - time.monotonic(), 0)
        for descriptor, _ in poller.poll(patience * 1e3):
            if not of_descriptor[descriptor].listener.listen():
                sys.exit("sessions: an agent went away")
        if time.monotonic() >= due[0][0]:
            at, number, frame, line = heapq.heappop(due)
            late = max(late, time.monotonic() - at)
            players[number].write(frame, line)
            schedule(number)
    seconds = time.monotonic() - start
    share = (cpu_time(players) - busy) / seconds
    for player in players:
        player.end()
    return sum(player.missed for player in players), share, late


def cpu_time(players):
    """Seconds of the processor that the agents have taken."""
    total = 0
    for player in players:
        with open(f"/proc/{player.agent.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def most_players(options, hypotheses):
    """The most that miss nothing, and the share of the core that they take."""
    command = ["taskset", "-c", str(options.core), options.agent, "--live"]
    command += ["--hypotheses", str(hypotheses)]
    good, shares, bad, count = 0, {0: 0.0}, None, options.first
    while bad is None or bad - good > 1:
        # What else the machine does may make a tick late, once.
        for _ in range(2):
            missed, shares[count], late = missed_by(count, options, command)
            print(f"{hypotheses:11}{count:8}{missed:8}{shares[count]:8.0%}{late * 1e3:9.1f}", flush=True)
            if not missed:
                break
        if missed:
            bad = count
        else:
            good = count
        count = 2 * good if bad is None else (good + bad) // 2
    return good, shares[good]


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=20, help="that they play together")
    parser.add_argument("--first", type=int, default=8, help="how many play at first")
    parser.add_argument("--hypotheses", type=int, nargs="+", default=[1, 16])
    add_agent_options(parser)
    return parser.parse_args()


def main():
    options = parse()
    keep_off(options.core)
    results = []
    print(f"{'hypotheses':>11}{'players':>8}{'missed':>8}{'core':>8}{'late ms':>9}")
    for hypotheses in options.hypotheses:
        players, share = most_players(options, hypotheses)
        results.append({"hypotheses": hypotheses, "players": players, "core": share})
        print(f"{hypotheses:11}{players:8} miss none", flush=True)
    write_json({"rows": results}, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
