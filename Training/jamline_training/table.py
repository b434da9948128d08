"""Figures as a table in Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from .bootstrap import Estimate

# Digits after the point, where not three.
DIGITS = {
    "changes per 4 beats": 2, "onsets per 4 beats": 2, "pitch classes": 2,
    "onset-interval EMD": 0, "chord-length entropy": 2, "chord-name entropy": 2,
}  # fmt: skip


def cell(name: str, estimate: Estimate) -> str:
    """A figure, and how far its interval reaches to either side."""
    if math.isnan(estimate.value):
        return "–"
    digits = DIGITS.get(name, 3)
    text = f"{estimate.value:.{digits}f}"
    if math.isnan(estimate.low):
        return text
    return f"{text} ±{(estimate.high - estimate.low) / 2:.{digits}f}"


def line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def heading(columns: Sequence[str]) -> str:
    return f"{line(columns)}\n|{'---|' * len(columns)}"
