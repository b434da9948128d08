"""The results of ablations as Markdown tables: differences from the base, beside its noise."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean, stdev

from ..evaluation.table import heading, line
from ..training.losses import ONSET_PART

CHORD_PARTS = (ONSET_PART, "root", "quality", "bass")
BASE = "base-"
Result = dict
# Two-sided 95 % quantiles of Student's t with 1, 2, … degrees of freedom.
T_QUANTILES = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)


def chord_nats(part: Result) -> float:
    """Nats a frame of all parts of the chord event."""
    return sum(part["nats"][name] for name in CHORD_PARTS)


@dataclass(frozen=True)
class Column:
    """A figure of a row's result."""

    title: str
    of: Callable[[Result], float]


def column(title: str, part: Callable[[Result], Result], group: str, name: str) -> Column:
    """A figure of a group, `nats` or `played`, of a part of the result."""
    return Column(title, lambda result: part(result)[group][name])


def valid(result: Result) -> Result:
    """The figures of all validation songs."""
    return result["valid"]["all"]


def ood(result: Result) -> Result:
    """The figures of the ood songs."""
    return result["ood"]


# Note in chord never stands alone: chords of many tones and silence raise it.
PLAYED = ("note in chord", "silence over melody", "pitch classes", "root agreement",
          "onsets per 4 beats")  # fmt: skip


def columns_of(label: str, part: Callable[[Result], Result]) -> list[Column]:
    """The columns of a part of the result."""
    return [
        Column(f"{label}: chord nats", lambda result: chord_nats(part(result))),
        column("melody nats", part, "nats", "melody"),
        *(column(name, part, "played", name) for name in PLAYED),
    ]


COLUMNS = [*columns_of("valid", valid), *columns_of("ood", ood)]


def margin(bases: int) -> float:
    """How many standard deviations of so many base runs another run of the same recipe is within of
    their mean, in 95 % of cases. Mean and deviation are estimated from these few runs."""
    if bases < 2:
        return math.inf
    return T_QUANTILES[min(bases - 1, len(T_QUANTILES)) - 1] * math.sqrt(1 + 1 / bases)


def differences(results: list[Result], columns: list[Column], digits: int) -> str:
    """A table of the base's mean, its noise (the standard deviation over seeds), and each other
    row's difference from that mean. A difference is bold if chance alone would reach it in only 5 %
    of the cells."""
    bases = [result for result in results if result["row"].startswith(BASE)]
    lines = [heading(["row", "change", "seed", *(c.title for c in columns)])]
    if not bases:
        return "\n".join([*lines, "", "No base row is done: there is nothing to compare with."])
    means = [fmean(c.of(base) for base in bases) for c in columns]
    noise = [stdev(c.of(base) for base in bases) if bases[1:] else 0.0 for c in columns]

    def cell(difference: float, sigma: float) -> str:
        text = f"{difference:+.{digits}f}"
        return f"**{text}**" if sigma and abs(difference) > margin(len(bases)) * sigma else text

    seeds = ", ".join(str(base["seed"]) for base in bases)
    mean = f"mean of {len(bases)}"
    lines.append(line(["base", mean, seeds, *(f"{m:.{digits}f}" for m in means)]))
    lines.append(line(["", "± standard deviation", "", *(f"{n:.{digits}f}" for n in noise)]))
    for result in results:
        if result not in bases:
            shifts = [c.of(result) - mean for c, mean in zip(columns, means, strict=True)]
            cells = [cell(*pair) for pair in zip(shifts, noise, strict=True)]
            lines.append(line([result["row"], result["change"], str(result["seed"]), *cells]))
    return "\n".join(lines)


def per_set(name: str) -> Column:
    """A validation set's total nats a frame."""
    return Column(name, lambda result: result["valid"][name]["nats"]["total"])


def caption(results: list[Result]) -> str:
    """The budget of each row: that of the first result, which all have."""
    first = results[0]
    others = [f"{result['row']} {result['parameters']:,}" for result in results
              if result["parameters"] != first["parameters"]]  # fmt: skip
    exceptions = f" ({', '.join(others)})" if others else ""
    return (
        f"Each row: {first['steps']:,} steps, {first['frames']:,} frames, "
        f"{first['parameters']:,} parameters{exceptions}."
    )


def table(results: list[Result]) -> str:
    """The tables: figures over all sets, then the total nats a frame of each validation set."""
    if not results:
        return "No row is done."
    sets = [name for name in results[0]["valid"] if name != "all"]
    return "\n\n".join(
        [
            caption(results),
            differences(results, COLUMNS, 3),
            "Nats a frame, chords and melody together, by validation set:",
            differences(results, [per_set(name) for name in sets], 3),
        ]
    )
