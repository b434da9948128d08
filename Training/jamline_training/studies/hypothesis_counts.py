"""Measures what more hypotheses bring and cost: live, as the agent is shipped but for their number,
and from a cold start. Measures how well the agent plays, how often its plans last, and the
processor time of a plan."""

from __future__ import annotations

import argparse
import resource
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from tqdm import tqdm

from ..agent.playing import agent_plans, seeded_songs, words
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
LASTING = "plans that last, 2 beats ahead"
COST = "ms a plan"
AHEAD = 2 * FRAMES_PER_BEAT
DRAWN = ("note in chord", "root agreement", LASTING)


@dataclass(frozen=True)
class Played:
    """A song's take; the number of its plans that were right two beats ahead, and of all plans; the
    processor time in seconds, and the number of ticks."""

    take: Take
    lasted: int
    plans: int
    seconds: float
    ticks: int


def planned_at(plan: dict[str, Any], frame: int) -> str | None:
    """The chord that a plan has in a frame."""
    for chord in plan["chords"]:
        if chord["from"] <= frame < chord["to"]:
            return chord["chord"]
    return None


def played_to(command: list[str], song: Song, beats: int) -> Played:
    """Lets the agent play to the song's first beats, and compares its plans with what it played
    then."""
    take = take_of(song, beats)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    plans = agent_plans(command, song, len(take))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    chords = committed_chords(plans, len(take))
    lasted = [
        planned_at(plan, plan["frame"] + AHEAD) == chords[plan["frame"] + AHEAD]
        for plan in plans
        if plan["frame"] + AHEAD < len(take)
    ]
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Played(take.played(chords), sum(lasted), len(lasted), seconds, len(take))


def figures_of(played: Sequence[Played]) -> dict[str, Estimate]:
    """The figures of a row."""
    found = estimates(Measured([song.take for song in played]).figures, len(played))
    lasting = sum(song.lasted for song in played) / sum(song.plans for song in played)
    cost = 1e3 * sum(song.seconds for song in played) / sum(song.ticks for song in played)
    nan = float("nan")
    return {
        **{name: found[name] for name in FIGURES},
        LASTING: Estimate(lasting, nan, nan), COST: Estimate(cost, nan, nan),
    }  # fmt: skip


def draw(rows: dict[int, dict[str, Estimate]]) -> Figure:
    """Draws each figure by the time of a plan, with the number of hypotheses below each point."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8.5, 4.2), layout="constrained")
        axes = figure.subplots()
        costs = [row[COST].value for row in rows.values()]
        for name, colour in zip(DRAWN, COLOURS, strict=False):
            values = [row[name].value for row in rows.values()]
            axes.plot(costs, values, "o-", color=colour, label=name)
        for count, cost in zip(rows, costs, strict=True):
            axes.annotate(str(count), (cost, 0.02), ha="center", fontsize=9)
        axes.set(xscale="log", ylim=(0, 1), xlabel=f"{COST} (below the points: hypotheses)")
        ticks = [n * 10.0**power for power in range(-1, 4) for n in (1, 2, 3, 5, 7)]
        ticks = [tick for tick in ticks if min(costs) / 1.2 <= tick <= max(costs) * 1.2]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        figure.legend(loc="outside lower center", ncols=3)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", default=".build/release/jam-agent", help="the jam-agent to run")
    parser.add_argument("--hypotheses", type=int, nargs="+", default=[1, 2, 4, 8, 16, 32, 64])
    parser.add_argument("--songs", type=int, default=8, help="the first of each file")
    parser.add_argument("--beats", type=int, default=64, help="of each song")
    parser.add_argument("--plot", type=Path, help="draw it here, as .svg and .png")
    parser.add_argument("files", type=Path, nargs="+", help="songs (.jsonl)")
    options = parser.parse_args()
    rows = {}
    print(heading(["hypotheses", *FIGURES, LASTING, COST]))
    with reported("hypothesis_counts", "measure the agent"):
        songs = seeded_songs(options.files, options.songs)
        for count in options.hypotheses:
            command = [options.agent, *words({"hypotheses": str(count), "silence": "0"})]
            played = [
                played_to([*command, "--seed", seed], song, options.beats)
                for seed, song in tqdm(songs, f"{count} hypotheses", unit="song")
            ]
            rows[count] = figures_of(played)
            print(line([str(count), *(cell(*item) for item in rows[count].items())]), flush=True)
    if options.plot:
        save(draw(rows), options.plot)


if __name__ == "__main__":
    main()
