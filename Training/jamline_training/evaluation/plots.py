"""Plots of a report, as PNG and as SVG."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..agent.settings import LIVE_COMMITS
from ..data.conditions import MOVED_AT_BEAT
from ..data.files import written_whole
from .curves import BACK, LEVEL, NEAR
from .report import ALL, FEW, HUMAN, POOLED

# Colours that colour-blind people can tell apart (Okabe and Ito 2008). The human is black.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#777777")
STYLE = {
    "font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
    "grid.alpha": 0.3, "legend.frameon": False, "legend.fontsize": 9, "axes.titlesize": 11,
    # The same figures give the same files. Text stays text.
    "svg.hashsalt": "jamline", "svg.fonttype": "none",
}  # fmt: skip
# Sets of fewer songs have no line of their own.
LEAST_SONGS = 5
MOST_SETS = 4
BEATS_SHOWN_BEFORE = 12
Report = dict[str, Any]


def values_of(estimates: list[list[float | None]]) -> np.ndarray:
    """(3, n): values, low and high ends. What is unknown is nan."""
    return np.array(estimates, float).T


def rows_of(report: Report, scope: str, set_name: str) -> dict[str, dict[str, Any]]:
    """The rows of a scope and a set, by accompanist."""
    return {
        row["who"]: row for row in report["rows"] if (row["scope"], row["set"]) == (scope, set_name)
    }


def sets_of(report: Report) -> list[str]:
    """All sets together, then those of the most songs."""
    human = [row for row in report["rows"] if (row["scope"], row["who"]) == (ALL, HUMAN)]
    single = [row for row in human if "." in row["set"] and row["songs"] >= LEAST_SONGS]
    single.sort(key=lambda row: -row["songs"])
    return [POOLED, *(row["set"] for row in single[:MOST_SETS])]


def line_with_band(axes: Axes, x: np.ndarray, curve: np.ndarray, **style: object) -> None:
    """Draws a curve with its intervals."""
    drawn = axes.plot(x, curve[0], **style)[0]
    axes.fill_between(x, curve[1], curve[2], color=drawn.get_color(), alpha=0.12, linewidth=0)


def commit_curve(report: Report) -> Figure | None:
    """Note in chord and root agreement by how far ahead chords are committed."""
    names = [f"live, {label} committed" for label in LIVE_COMMITS]
    x = np.array([float(beats) for beats in LIVE_COMMITS.values()])
    figure = Figure(figsize=(9.5, 4.2), layout="constrained")
    panels = figure.subplots(1, 2)
    for axes, name in zip(panels, ("note in chord", "root agreement"), strict=True):
        for number, set_name in enumerate(sets_of(report)):
            rows = rows_of(report, FEW, set_name)
            known = HUMAN in rows and all(who in rows for who in names)
            if not known or rows[HUMAN]["songs"] < LEAST_SONGS:
                continue
            curve = values_of([rows[who]["figures"][name] for who in names])
            pooled = set_name == POOLED
            style = {"color": "black" if pooled else COLOURS[number - 1], "marker": "o"}
            label = f"{set_name} ({rows[HUMAN]['songs']} songs)"
            if pooled:
                line_with_band(axes, x, curve, label=label, linewidth=2.2, **style)
            else:
                axes.plot(x, curve[0], label=label, linewidth=1.2, markersize=4, **style)
        axes.set(title=name, xlabel="beats committed", xscale="log")
        axes.set_xticks(x, ["¼\n(1 frame)", *(f"{beats:g}" for beats in x[1:])])
        axes.minorticks_off()
    human = rows_of(report, FEW, POOLED).get(HUMAN)
    if human:
        level = human["figures"]["note in chord"][0]
        panels[0].axhline(level, color="black", linestyle=":", label="human, all sets")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def panel_of_curves() -> tuple[Figure, Axes, Iterator[str]]:
    """An empty figure, its one panel, and colours for its curves."""
    figure = Figure(figsize=(8.5, 5.4), layout="constrained")
    return figure, figure.subplots(), iter(COLOURS)


def adaptation(report: Report) -> Figure | None:
    """Note in chord by beat while the melody moves by six semitones."""
    followed = report["adaptation"]
    if not followed:
        return None
    figure, axes, colours = panel_of_curves()
    for who, row in followed.items():
        curve = values_of(row["by beat"])[:, MOVED_AT_BEAT - BEATS_SHOWN_BEFORE :]
        x = np.arange(curve.shape[1]) - BEATS_SHOWN_BEFORE
        label = f"{who} ({row['songs']} songs)"
        if who == HUMAN:
            axes.plot(x, curve[0], color="black", linestyle=":", label=f"{label}, moved along")
            continue
        colour = next(colours)
        level, back = row[LEVEL][0], row[BACK][0]
        label += f": back after {back:.0f} beats" if back <= x[-1] else ": not back"
        line_with_band(axes, x, curve, color=colour, marker=".", label=label)
        axes.plot([x[0], x[-1]], [level - NEAR] * 2, color=colour, linewidth=0.8, linestyle="--")
    axes.axvline(-0.5, color="black", linewidth=1)
    axes.set(
        xlabel="beats since the melody moved", ylabel="note in chord", ylim=(0, 1),
        title="The melody moves by six semitones (dashed: .08 below the level before)",
    )  # fmt: skip
    figure.legend(loc="outside lower center")
    return figure


def wait_and_see(report: Report) -> Figure | None:
    """Note in chord by beat from a cold start."""
    followed = report["wait and see"]
    if not followed:
        return None
    figure, axes, colours = panel_of_curves()
    for who, row in followed.items():
        curve = values_of(row["by beat"])
        x = np.arange(curve.shape[1])
        agent = "hypothes" in who
        if who == HUMAN:
            axes.plot(x, curve[0], color="black", linestyle=":", label=who)
        elif agent:
            line_with_band(axes, x, curve, color=next(colours), linewidth=2, label=who)
        else:
            axes.plot(x, curve[0], color=next(colours), linewidth=1, label=who)
    axes.set(
        xlabel="beats since the beginning", ylabel="note in chord", ylim=(0, 1),
        title="From a cold start",
    )  # fmt: skip
    figure.legend(loc="outside lower center", ncols=3)
    return figure


def spread(places: np.ndarray, least: float) -> np.ndarray:
    """Moves places apart until neighbours have a distance of `least`, in the same order."""
    order = np.argsort(places)
    moved = places[order].astype(float)
    for _ in range(200):
        gaps = np.diff(moved)
        short = np.maximum(0, least - gaps) / 2
        if not short.any():
            break
        moved[:-1] -= short
        moved[1:] += short
    result = np.empty_like(moved)
    result[order] = moved
    return result


def overview(report: Report) -> Figure | None:
    """Note in chord by root agreement: a dot for each row, with its intervals."""
    sets = sets_of(report)[:2]
    figure = Figure(figsize=(6.4 * len(sets), 5.4), layout="constrained")
    for axes, set_name in zip(np.atleast_1d(figure.subplots(1, len(sets))), sets, strict=True):
        rows = rows_of(report, ALL, set_name)
        shown = [who for who in rows if who != HUMAN]
        names = ("root agreement", "note in chord")
        x, y = (values_of([rows[who]["figures"][name] for who in shown]) for name in names)
        for at, who in enumerate(shown):
            colour = COLOURS[1] if "hypothes" in who else COLOURS[0]
            bars = {"xerr": np.abs(x[1:, [at]] - x[0, at]), "yerr": np.abs(y[1:, [at]] - y[0, at])}
            axes.errorbar(x[0, at], y[0, at], **bars, fmt="o", color=colour, capsize=2)
        level = rows[HUMAN]["figures"]["note in chord"][0]
        axes.axhline(level, color="black", linestyle=":")
        right = x.max() + 0.02
        axes.text(x[0].min(), level, "human (agrees with itself: 1)", va="bottom", fontsize=9)
        lowest, highest = axes.get_ylim()
        labels = spread(y[0], (highest - lowest) / 24)
        for at, who in enumerate(shown):
            axes.annotate(
                who, (x[0, at], y[0, at]), (right, labels[at]), va="center", fontsize=9,
                arrowprops={"arrowstyle": "-", "color": "#aaaaaa", "linewidth": 0.6},
            )  # fmt: skip
        axes.set(
            xlabel="root agreement with the human", ylabel="note in chord",
            title=f"{set_name} ({rows[HUMAN]['songs']} songs)",
            xlim=(x.min() - 0.02, right + 0.75 * (x.max() - x.min())),
        )  # fmt: skip
    return figure


def figures_of(report: Report) -> Iterator[tuple[str, Figure]]:
    """The plots that the report has data for, by name."""
    drawings = {
        "commit": commit_curve, "adaptation": adaptation, "wait-and-see": wait_and_see,
        "overview": overview,
    }  # fmt: skip
    for name, drawing in drawings.items():
        with matplotlib.rc_context(STYLE):
            figure = drawing(report)
        if figure is not None:
            yield name, figure


def save(figure: Figure, path: Path) -> None:
    """Writes a plot as PNG and as SVG. path: without ending."""
    for kind in ("png", "svg"):
        metadata = {"Date": None} if kind == "svg" else None
        with matplotlib.rc_context(STYLE), written_whole(Path(f"{path}.{kind}")) as beside:
            figure.savefig(beside, format=kind, dpi=140, metadata=metadata)


def draw(report: Report, folder: Path) -> None:
    """Writes each plot."""
    for name, figure in figures_of(report):
        save(figure, folder / name)
