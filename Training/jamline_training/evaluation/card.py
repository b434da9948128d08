"""The tables of figures that the model's card has (Models/README.md): the main rows of a report."""

from __future__ import annotations

from typing import Any

from .report import ALL, FEW, HUMAN, POOLED, TEACHER
from .table import cell, heading, line

SETS = ("openewld.ood", "nottingham.test", "pop909_cl.test", "neonscribe.test")
COLUMNS = ("note in chord", "root agreement", "changes on bar lines", "changes per 4 beats",
           "silence over melody", "pitch classes")  # fmt: skip
# Beside what the literature has.
BY_SET = (*COLUMNS, "chord-name entropy", "judge, chords")
# Whose rows are shown, frame by frame; {} is the agent's own number of hypotheses.
MINDS = ("1 hypothesis", "1 hypothesis and the ears", "{} hypotheses")
BASELINES = ("hidden Markov model", "rule player, every beat")
SOME = ("{} hypotheses", "{} hypotheses, no ears", "1 hypothesis and the ears", "the ears alone",
        "1 hypothesis")  # fmt: skip
LIVE = ("1 frame", "1 beat", "2 beats", "4 beats")


def named(minds: str, report: dict[str, Any]) -> str:
    return f"frame by frame, {minds.format(report['defaults']['hypotheses'])}"


def rows_of(report: dict[str, Any], scope: str, of_set: str) -> dict[str, dict[str, Any]]:
    """By who."""
    rows = report["rows"]
    return {row["who"]: row for row in rows if (row["scope"], row["set"]) == (scope, of_set)}


def by_set(report: dict[str, Any]) -> str:
    """All songs, frame by frame, beside simple accompanists and the human."""
    lines = [heading(["set", "who", *BY_SET])]
    for name in SETS:
        rows = rows_of(report, ALL, name)
        for who in (*(named(minds, report) for minds in MINDS), *BASELINES, TEACHER, HUMAN):
            if who in rows:
                cells = [cell(column, rows[who]["figures"].get(column)) for column in BY_SET]
                lines.append(line([name, who.removeprefix("frame by frame, "), *cells]))
    return "\n".join(lines)


def by_promise(report: dict[str, Any]) -> str:
    """The same few songs of each set: what each part is worth, and each promise."""
    rows = rows_of(report, FEW, POOLED)
    wrong = named("{} hypotheses", report).replace("frame by frame", "wrong notes")
    chosen = [*(named(minds, report) for minds in SOME), wrong,
              *(f"live, {promise} promised" for promise in LIVE), HUMAN]  # fmt: skip
    songs = next((row["songs"] for row in rows.values()), 0)
    lines = [heading([f"{songs} songs of all sets", *COLUMNS])]
    for who in chosen:
        if who in rows:
            cells = [cell(column, rows[who]["figures"].get(column)) for column in COLUMNS]
            lines.append(line([who, *cells]))
    return "\n".join(lines)


def card(report: dict[str, Any]) -> str:
    return f"{by_set(report)}\n\n{by_promise(report)}\n"
