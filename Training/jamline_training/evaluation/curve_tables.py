"""A report's curves as tables in Markdown: adaptation, and wait and see."""

from __future__ import annotations

from typing import Any

from ..data.conditions import MOVED_AT_BEAT, MOVED_BY, WRONG_SHARE
from .curves import BACK, LEVEL, NEAR
from .report import FEW, POOLED
from .table import cell, heading, line

# Figures with wrong notes. Note in chord alone would prove little.
UNDER_WRONG_NOTES = ("note in chord", "silence over melody", "pitch classes")
ADAPTATION_COLUMNS = (
    "who", "n", "note in chord before", f"within {NEAR} of it after beats",
    "as written: note in chord", *(f"wrong notes: {name}" for name in UNDER_WRONG_NOTES),
)  # fmt: skip
# The beats of the table, from 1 on.
BEATS_SHOWN = (1, 2, 4, 8, 16, 32, 64)


def adaptation_table(report: dict[str, Any]) -> str:
    """For each setting that was measured with a moving melody: how soon it is back, and its figures
    with wrong notes, if these were measured (on fewer songs)."""
    few = {
        row["who"]: row["figures"]
        for row in report["rows"]
        if (row["scope"], row["set"]) == (FEW, POOLED)
    }
    lines = [heading(ADAPTATION_COLUMNS)]
    for who, row in report["adaptation"].items():
        if LEVEL not in row:  # The human: the chords would have moved along.
            continue
        plain = who.removeprefix("moved, ")
        wrong = few.get(plain.replace("frame by frame", "wrong notes"), {})
        is_back = row[BACK][0] < len(row["by beat"]) - MOVED_AT_BEAT
        cells = [
            cell(LEVEL, row[LEVEL]),
            cell(BACK, row[BACK]) if is_back else "not back",
            cell("note in chord", few.get(plain, {}).get("note in chord")),
            *(cell(name, wrong.get(name)) for name in UNDER_WRONG_NOTES),
        ]
        lines.append(line([plain, str(row["songs"]), *cells]))
    return "\n".join(lines)


def wait_and_see_table(report: dict[str, Any]) -> str:
    """Note in chord in some beats, from a cold start."""
    followed = report["wait and see"]
    longest = max((len(row["by beat"]) for row in followed.values()), default=0)
    beats = [beat for beat in BEATS_SHOWN if beat <= longest]
    lines = [heading(["who", "n", *(f"beat {beat}" for beat in beats)])]
    for who, row in followed.items():
        cells = [cell("note in chord", row["by beat"][beat - 1]) for beat in beats]
        lines.append(line([who, str(row["songs"]), *cells]))
    return "\n".join(lines)


def curve_tables(report: dict[str, Any]) -> str:
    """Both tables with their captions."""
    parts = [
        f"Adaptation: the melody moves by {MOVED_BY} semitones after {MOVED_AT_BEAT} beats. "
        f"Wrong notes: {WRONG_SHARE:.0%} of them are a semitone off.",
        adaptation_table(report),
        "Wait and see: note in chord by beat from a cold start.",
        wait_and_see_table(report),
    ]
    return "\n\n".join(parts) + "\n"
