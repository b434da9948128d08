"""Measures what committing further ahead costs, and what committing only confident chords saves:
live, as the agent is shipped but for what it commits, and from a cold start. Measures how well the
agent plays, and how far ahead it commits."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import matplotlib
from matplotlib.figure import Figure

from ..agent.playing import agent_plans, in_parallel, seeded_songs, words
from ..data.corpus import Song
from ..data.frames import FRAMES_PER_BEAT
from ..data.stream import committed_chords
from ..data.takes import Take, take_of
from ..errors import reported
from ..evaluation.bootstrap import Estimate, estimates
from ..evaluation.metrics import Measured
from ..evaluation.plots import COLOURS, STYLE, save
from ..evaluation.table import cell, heading, line

FIGURES = ("note in chord", "root agreement", "changes per 4 beats")
REACH = "beats committed"
DRAWN = ("note in chord", "root agreement")


@dataclass(frozen=True)
class Commit:
    """A setting of the agent. least: beats that are always committed. most: beats that are
    committed at most, where the confidence is min_confidence or more; 0 for no more than
    `least`."""

    least: float
    most: float = 0.0
    min_confidence: float = 1.0

    @property
    def name(self) -> str:
        more = f", up to {self.most:g} at confidence {self.min_confidence:g}" if self.most else ""
        return f"{self.least:g}{more}"

    @property
    def options(self) -> dict[str, str]:
        """The agent's options."""
        options = {"commit": str(self.least)}
        if self.most:
            options |= {"max-commit": str(self.most), "min-confidence": str(self.min_confidence)}
        return options


COMMITS = [
    *(Commit(beats) for beats in (0.25, 1, 2, 3, 4)),
    *(Commit(1, 4, confidence) for confidence in (0.7, 0.6, 0.5, 0.4, 0.3)),
]


@dataclass(frozen=True)
class Played:
    """A song's take, and how many beats are committed at a tick, on average."""

    take: Take
    reach: float


def played_to(command: list[str], song: Song, beats: int) -> Played:
    """Lets the agent play to the song's first beats."""
    take = take_of(song, beats)
    plans = agent_plans(command, song, len(take))
    reach = fmean(plan["commit"] - plan["frame"] for plan in plans) / FRAMES_PER_BEAT
    return Played(take.played(committed_chords(plans, len(take))), reach)


def figures_of(played: list[Played]) -> dict[str, Estimate]:
    """The figures of a row."""
    found = estimates(Measured([song.take for song in played]).figures, len(played))
    reach = fmean(song.reach for song in played)
    nan = float("nan")
    return {REACH: Estimate(reach, nan, nan), **{name: found[name] for name in FIGURES}}


def draw(rows: dict[Commit, dict[str, Estimate]]) -> Figure:
    """Draws each figure by how far ahead the agent commits: a line for fixed commits, another for
    those that depend on the confidence."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(7.5, 4.2), layout="constrained")
        axes = figure.subplots()
        kinds = ((False, "o-", "{}"), (True, "s--", "{}, by confidence"))
        for name, colour in zip(DRAWN, COLOURS, strict=False):
            for by_confidence, style, label in kinds:
                some = [row for commit, row in rows.items() if bool(commit.most) == by_confidence]
                points = sorted((row[REACH].value, row[name].value) for row in some)
                x, y = zip(*points, strict=True)
                axes.plot(x, y, style, color=colour, label=label.format(name))
        axes.set(ylim=(0, 1), xlabel=REACH)
        figure.legend(loc="outside lower center", ncols=2)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", default=".build/release/jam-agent", help="the jam-agent to run")
    parser.add_argument("--songs", type=int, default=8, help="the first of each file")
    parser.add_argument("--beats", type=int, default=64, help="of each song")
    parser.add_argument("--jobs", type=int, default=2, help="agents at a time")
    parser.add_argument("--plot", type=Path, help="draw it here, as .svg and .png")
    parser.add_argument("files", type=Path, nargs="+", help="songs (.jsonl)")
    options = parser.parse_args()
    rows = {}
    print(heading(["commit", REACH, *FIGURES]))
    with reported("commit_lengths", "measure the agent"):
        songs = seeded_songs(options.files, options.songs)
        for commit in COMMITS:
            command = [options.agent, *words(commit.options | {"silence": "0"})]

            def play(seeded: tuple[str, Song], command: list[str] = command) -> Played:
                return played_to([*command, "--seed", seeded[0]], seeded[1], options.beats)

            played = list(in_parallel(play, songs, options.jobs, commit.name))
            rows[commit] = figures_of(played)
            cells = [cell(*item) for item in rows[commit].items()]
            print(line([commit.name, *cells]), flush=True)
    if options.plot:
        save(draw(rows), options.plot)


if __name__ == "__main__":
    main()
