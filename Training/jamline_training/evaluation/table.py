"""Figures as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .curves import BACK
from .metrics import FIGURES

# Columns of the two-sample test, and whether its classifier sees the melody.
TWO_SAMPLE_TESTS = {"two-sample test, chords": False, "two-sample test, with melody": True}
# Digits after the decimal point, if not three.
DIGITS = {
    "changes per 4 beats": 2, "onsets per 4 beats": 2, "pitch classes": 2,
    "onset-interval EMD": 0, "chord-length entropy": 2, "chord-name entropy": 2,
    "distinct bigrams": 2, "ms a plan": 1, BACK: 1, **dict.fromkeys(TWO_SAMPLE_TESTS, 2),
}  # fmt: skip


def cell(name: str, estimate: Sequence[float | None] | None) -> str:
    """A figure, (value, low, high), with half of the length of its interval."""
    value, low, high = estimate or (None, None, None)
    if value is None or value != value:
        return "–"
    digits = DIGITS.get(name, 3)
    text = f"{value:.{digits}f}"
    if low is None or low != low or high == low:
        return text
    return f"{text} ±{(high - low) / 2:.{digits}f}"


def line(cells: Iterable[str]) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def heading(columns: Sequence[str]) -> str:
    """The heading of a table: two lines."""
    return f"{line(columns)}\n|{'---|' * len(columns)}"


def table(report: dict[str, Any]) -> str:
    """All rows of a report, in order of scope and set."""
    columns = [*FIGURES, *TWO_SAMPLE_TESTS]
    lines = [heading(["songs", "set", "who", "n", *columns])]
    scopes = list(dict.fromkeys(row["scope"] for row in report["rows"]))
    sets = list(dict.fromkeys(row["set"] for row in report["rows"]))
    for row in sorted(
        report["rows"], key=lambda row: (scopes.index(row["scope"]), sets.index(row["set"]))
    ):
        cells = [cell(name, row["figures"].get(name)) for name in columns]
        who = f"**{row['who']}**" if row["who"] == "human" else row["who"]
        lines.append(line([row["scope"], row["set"], who, str(row["songs"]), *cells]))
    return "\n".join(lines) + "\n"
