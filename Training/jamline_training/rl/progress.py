"""The progress of runs of reinforcement learning: plots of their logs, and a table of their figures
on the validation songs."""

from __future__ import annotations

import argparse
import json
from itertools import cycle
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..errors import reported
from ..evaluation.metrics import FIGURES
from ..evaluation.plots import COLOURS, STYLE, save
from ..evaluation.table import cell, heading, line
from ..network.old_names import REWARDS, renamed

# The panels, and the figures in each: of log.jsonl, and of evaluation.jsonl.
LOGGED = {
    "rewards a frame": ("note", "root", "tones", "together", "alike", "close", "silence"),
    "nats": ("kl", "entropy", "discriminator"),
    "habits": ("changes", "changes, person", "bar lines", "bar lines, person", "crowd",
               "crowd, person"),
    "losses": ("critic", "supervision"),
}  # fmt: skip
EVALUATED = {
    "harmony on validation songs": ("note in chord", "root agreement", "same bar, same root"),
    "diversity on validation songs": ("chord-name entropy", "pitch classes", "changes per 4 beats"),
}
# A point of a log is the mean of so many steps.
SMOOTHED = 8
Steps = list[dict[str, float]]


def lines_of(path: Path) -> Steps:
    """The lines of a log, with rewards under today's names."""
    return [
        renamed(json.loads(text), REWARDS) for text in path.read_text(encoding="utf-8").splitlines()
    ]


def smoothed(values: list[float]) -> np.ndarray:
    """The means of each SMOOTHED consecutive values."""
    whole = len(values) // SMOOTHED * SMOOTHED
    return np.array(values[:whole]).reshape(-1, SMOOTHED).mean(axis=1)


def panel(axes: Axes, title: str, names: tuple[str, ...], runs: list[Steps], every: int) -> None:
    """Draws a panel: a colour for each figure, dashed lines for the person's, the first run's line
    thickest. every: steps for each point."""
    colours = cycle(COLOURS)
    colour = None
    for name in names:
        if name not in runs[0][-1]:
            continue
        is_persons = name.endswith(", person")
        colour = colour if is_persons else next(colours)
        for number, steps in enumerate(runs):
            found = [(step["step"], step[name]) for step in steps if name in step]
            x, y = (list(part) for part in zip(*found, strict=True))
            if every > 1:
                x, y = smoothed(x), smoothed(y)
            width = 1.8 if number == 0 else 0.7
            axes.plot(
                x, y, color=colour, linewidth=width, linestyle="--" if is_persons else "-",
                label=name if number == 0 else None,
            )  # fmt: skip
    axes.set(title=title, xlabel="step")
    if axes.has_data():
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=3, fontsize="small")


def drawn(folders: list[Path]) -> Figure:
    """Draws the logs of runs."""
    logs = [lines_of(folder / "log.jsonl") for folder in folders]
    evaluations = [lines_of(folder / "evaluation.jsonl") for folder in folders]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(13, 8), layout="constrained")
        panels = iter(figure.subplots(2, 3).flatten())
        for title, names in LOGGED.items():
            panel(next(panels), title, names, logs, SMOOTHED)
        for title, names in EVALUATED.items():
            panel(next(panels), title, names, evaluations, 1)
    return figure


def with_reward(folder: Path) -> Steps:
    """A run's evaluations, each with the mean reward and divergence since the one before."""
    evaluations, logged = (lines_of(folder / f"{name}.jsonl") for name in ("evaluation", "log"))
    last = -1.0
    for figures in evaluations:
        since = [step for step in logged if last < step["step"] <= figures["step"]]
        for name in ("reward", "kl"):
            if since:
                figures[name] = sum(step[name] for step in since) / len(since)
        last = figures["step"]
    return evaluations


def table(folders: list[Path]) -> str:
    """A table of rewards, and of figures on songs that were not trained on: all evaluations of a
    single run, or the last one of each of several."""
    columns = ("reward", "kl", *FIGURES)
    rows = [heading(["run", "step", *columns])]
    for folder in folders:
        evaluations = with_reward(folder)
        for figures in evaluations if len(folders) == 1 else evaluations[-1:]:
            cells = [cell(name, (figures.get(name), None, None)) for name in columns]
            rows.append(line([folder.name, str(figures["step"]), *cells]))
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+", help="folders of runs")
    parser.add_argument("--plot", type=Path, help="draw them here, as .svg and .png")
    options = parser.parse_args()
    with reported("progress", "show the runs"):
        print(table(options.runs))
        if options.plot:
            save(drawn(options.runs), options.plot)


if __name__ == "__main__":
    main()
