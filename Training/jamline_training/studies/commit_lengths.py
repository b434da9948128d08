"""What it costs to promise more, and what it saves to promise only what is sure: live, as the agent
is shipped but for what it promises, and from a cold start. How well it plays, and how far its promises
reach."""

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
REACH = "beats promised"
DRAWN = ("note in chord", "root agreement")


@dataclass(frozen=True)
class Promise:
    """commit: beats that are always promised; up_to: that may be, in all, where it is sure."""

    commit: float
    up_to: float = 0.0
    sure: float = 1.0

    @property
    def name(self) -> str:
        more = f", up to {self.up_to:g} where {self.sure:g} sure" if self.up_to else ""
        return f"{self.commit:g}{more}"

    @property
    def options(self) -> dict[str, str]:
        more = {"commit-up-to": str(self.up_to), "sure": str(self.sure)} if self.up_to else {}
        return {"commit": str(self.commit), **more}


PROMISES = [
    *(Promise(commit) for commit in (0.25, 1, 2, 3, 4)),
    *(Promise(1, 4, sure) for sure in (0.7, 0.6, 0.5, 0.4, 0.3)),
]


@dataclass(frozen=True)
class Played:
    """A song: the take, and how many beats are promised at a tick, on average."""

    take: Take
    reach: float


def played_to(command: list[str], song: Song, beats: int) -> Played:
    take = take_of(song, beats)
    plans = agent_plans(command, song, len(take))
    reach = fmean(plan["commit"] - plan["frame"] for plan in plans) / FRAMES_PER_BEAT
    return Played(take.played(committed_chords(plans, len(take))), reach)


def figures_of(played: list[Played]) -> dict[str, Estimate]:
    found = estimates(Measured([song.take for song in played]).figures, len(played))
    reach = fmean(song.reach for song in played)
    nan = float("nan")
    return {REACH: Estimate(reach, nan, nan), **{name: found[name] for name in FIGURES}}


def draw(rows: dict[Promise, dict[str, Estimate]]) -> Figure:
    """Each figure by how far promises reach: a line where that is fixed, another where it depends."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(7.5, 4.2), layout="constrained")
        axes = figure.subplots()
        for name, colour in zip(DRAWN, COLOURS, strict=False):
            for is_sure, style, label in ((False, "o-", name), (True, "s--", f"{name}, if sure")):
                some = [row for promise, row in rows.items() if bool(promise.up_to) == is_sure]
                points = sorted((row[REACH].value, row[name].value) for row in some)
                axes.plot(*zip(*points, strict=True), style, color=colour, label=label)
        axes.set(ylim=(0, 1), xlabel=REACH)
        figure.legend(loc="outside lower center", ncols=2)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", default=".build/release/jam-agent", help="the jam-agent to run")
    parser.add_argument("--songs", type=int, default=8, help="the first of each file")
    parser.add_argument("--beats", type=int, default=64, help="of each song")
    parser.add_argument("--jobs", type=int, default=2, help="agents at a time")
    parser.add_argument("--plot", type=Path, help="draw it there, as .svg and .png")
    parser.add_argument("files", type=Path, nargs="+", help="songs (.jsonl)")
    options = parser.parse_args()
    rows = {}
    print(heading(["promised", REACH, *FIGURES]))
    with reported("commit_lengths", "measure the agent"):
        songs = seeded_songs(options.files, options.songs)
        for promise in PROMISES:
            command = [options.agent, *words(promise.options | {"silence": "0"})]

            def play(seeded: tuple[str, Song], command: list[str] = command) -> Played:
                return played_to([*command, "--seed", seeded[0]], seeded[1], options.beats)

            played = list(in_parallel(play, songs, options.jobs, promise.name))
            rows[promise] = figures_of(played)
            print(
                line([promise.name, *(cell(*item) for item in rows[promise].items())]), flush=True
            )
    if options.plot:
        save(draw(rows), options.plot)


if __name__ == "__main__":
    main()
