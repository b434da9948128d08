"""Checks the real jam-agent against the rules of plans in jam-stream(5). Songs are played to it
twice: with its own settings, and with `set` records for commit and lookahead in the middle."""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ..data.chord_vocabulary import ChordVocabulary
from ..data.corpus import Song, evenly, read_file
from ..data.frames import FRAMES_PER_BEAT, QUALITIES, frames_of
from ..data.stream import compact, stream_of

LONGEST_LINE = 4096  # bytes, with the newline
COMMIT_BEATS = (0, 8)
LOOKAHEAD_BEATS = (0.25, 8)


class BrokenRule(Exception):
    """A rule that an agent's output broke, and the number of the line, from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line


@dataclass
class PlanRules:
    """Checks an agent's output line by line. Raises BrokenRule at the first rule that is broken."""

    lines: int = 0
    plans: int = 0
    commit: int | None = None  # of the latest plan: frames before it are committed
    time: int = 0  # of the latest record, microseconds
    tick: dict[str, Any] | None = None  # the latest one, until a plan answers it
    chords: dict[int, str] = field(default_factory=dict)  # by frame, as first committed

    def read(self, line: bytes) -> None:
        """Checks a line, which ends with its newline."""
        self.lines += 1
        self.require(line.endswith(b"\n"), "expected a newline at the end, found none")
        self.require(
            len(line) <= LONGEST_LINE, f"expected {LONGEST_LINE} bytes at most, found {len(line)}"
        )
        try:
            record = json.loads(line)
        except ValueError:
            raise BrokenRule(self.lines, f"expected JSON, found {line[:40]!r}") from None
        time = record["t"]
        self.require(time >= self.time, f"expected t from {self.time} on, found {time}")
        self.time = time
        if record["type"] == "tick":
            self.tick = record
        elif record["type"] == "plan":
            self.read_plan(record)

    def read_plan(self, plan: dict[str, Any]) -> None:
        """Checks a plan record."""
        frame, commit, until = plan["frame"], plan["commit"], plan["until"]
        answers = None if self.tick is None else (self.tick["frame"], self.tick["t"])
        self.require(
            answers == (frame, plan["t"]),
            f"expected a plan for {answers} (frame, t), found {(frame, plan['t'])}",
        )
        self.tick = None
        self.plans += 1
        self.require(plan["rev"] == self.plans, f"expected rev {self.plans}, found {plan['rev']}")
        self.require(
            frame <= commit <= until,
            f"expected frame, commit, until in order, found {(frame, commit, until)}",
        )
        if self.commit is not None:
            self.require(
                commit >= self.commit, f"expected commit from {self.commit} on, found {commit}"
            )
        self.read_chords(plan)
        self.commit = commit

    def read_chords(self, plan: dict[str, Any]) -> None:
        """Checks that a plan's chords follow each other from its frame, or earlier, up to `until`,
        and that committed chords are unchanged."""
        frame, until, chords = plan["frame"], plan["until"], plan["chords"]
        first = min(frame, chords[0]["from"]) if chords else frame
        for chord in chords:
            self.require(
                chord["from"] == first < chord["to"],
                f"expected a chord from frame {first} on, found {chord}",
            )
            first = chord["to"]
            symbol = chord["chord"]
            for covered in range(chord["from"], min(chord["to"], plan["commit"])):
                committed = self.chords.setdefault(covered, symbol)
                self.require(
                    committed == symbol,
                    f"expected {committed} as committed in frame {covered}, found {symbol}",
                )
        self.require(first == until, f"expected chords up to {until}, found them up to {first}")

    def require(self, condition: bool, message: str) -> None:
        """Raises BrokenRule unless the condition holds."""
        if not condition:
            raise BrokenRule(self.lines, message)


def with_settings(stream: Iterable[str], seed: int) -> Iterator[str]:
    """The stream with `set` records inserted at random, about one in two bars of 4/4."""
    generator = random.Random(seed)
    for line in stream:
        yield line
        record = json.loads(line)
        if record["type"] == "tick" and generator.random() < 1 / 32:
            name, limits = generator.choice(
                [("commit", COMMIT_BEATS), ("lookahead", LOOKAHEAD_BEATS)]
            )
            value = round(generator.uniform(*limits), 2)
            yield compact({"t": record["t"], "type": "set", "name": name, "value": value})


def check(given: list[str], made: bytes) -> PlanRules:
    """Checks an agent's output against the rules, and that it passes its input on unchanged."""
    rules = PlanRules()
    expected = iter(given)
    for line in made.splitlines(keepends=True):
        rules.read(line)
        if json.loads(line)["type"] not in ("plan", "settings"):
            own = next(expected, None)
            rules.require(
                own is not None and line == own.encode() + b"\n",
                f"expected the input's {own}, found {line!r}",
            )
    left = next(expected, None)
    rules.require(left is None, f"expected the input's {left} to follow, found the end")
    return rules


def play(command: list[str], song: Song, seed: int, beats: int | None = None) -> tuple[int, int]:
    """Plays a song, or its first beats, to the agent twice, and checks both outputs. Returns the
    numbers of records and of plans."""
    frames = len(frames_of(song, ChordVocabulary(QUALITIES)))
    if beats is not None:
        frames = min(frames, beats * FRAMES_PER_BEAT)
    plain = list(stream_of(song, frames))
    records, plans = 0, 0
    for name, given in (("plain", plain), ("with settings", list(with_settings(plain, seed)))):
        ran = subprocess.run(
            [*command, "--seed", str(seed)],
            input="".join(f"{line}\n" for line in given).encode(),
            capture_output=True,
        )
        place = f"{song.id} ({name}, seed {seed})"
        if ran.returncode != 0:
            message = ran.stderr.decode(errors="replace").strip()
            raise RuntimeError(f"{place}: exit status {ran.returncode}: {message}")
        try:
            checked = check(given, ran.stdout)
            checked.require(checked.plans > 0, "expected plans, found none")
        except BrokenRule as error:
            raise RuntimeError(f"{place}: {error}") from error
        records, plans = records + checked.lines, plans + checked.plans
    return records, plans


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", default=".build/release/jam-agent", help="the jam-agent to run")
    parser.add_argument("--songs", type=int, help="this many, spread over all files")
    parser.add_argument("--beats", type=int, help="of each song, from its beginning")
    parser.add_argument("--jobs", type=int, default=2, help="agents at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("files", type=Path, nargs="+", help="songs (.jsonl)")
    options = parser.parse_args()
    songs = evenly([song for path in options.files for song in read_file(path)], options.songs)
    numbered = [(song, 1000 * options.seed + number) for number, song in enumerate(songs)]
    records, plans = 0, 0
    with ThreadPoolExecutor(options.jobs) as pool:
        results = [pool.submit(play, [options.agent], *song, options.beats) for song in numbered]
        try:
            for result in tqdm(results, unit="song"):
                counts = result.result()
                records, plans = records + counts[0], plans + counts[1]
        except RuntimeError as error:
            pool.shutdown(cancel_futures=True)
            print(f"plan_rules: {error}", file=sys.stderr)
            return 1
    print(f"{len(songs)} songs, {records} records, {plans} plans: every rule kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
