"""The tables of the model card (Models/README.md): the main rows of a report."""

from __future__ import annotations

from typing import Any

from .report import ALL, FEW, HUMAN, POOLED, TEACHER
from .table import cell, heading, line

SETS = ("openewld.ood", "nottingham.test", "pop909_cl.test", "neonscribe.test")
COLUMNS = ("note in chord", "root agreement", "changes on bar lines", "changes per 4 beats",
           "silence over melody", "pitch classes")  # fmt: skip
# The figures beside those of the literature.
BY_SET = (*COLUMNS, "chord-name entropy", "two-sample test, chords")
# The rows of settings frame by frame. {} is the agent's default number of hypotheses.
HYPOTHESES = ("1 hypothesis", "1 hypothesis and the predictors", "{} hypotheses")
BASELINES = ("hidden Markov model", "rule player, every beat")
SOME = ("{} hypotheses", "{} hypotheses, no predictors",
        "1 hypothesis and the predictors", "the predictors alone",
        "1 hypothesis")  # fmt: skip
LIVE = ("1 frame", "1 beat", "2 beats", "4 beats")


def named(hypotheses: str, report: dict[str, Any]) -> str:
    """The name of a setting frame by frame."""
    return f"frame by frame, {hypotheses.format(report['defaults']['hypotheses'])}"


def rows_of(report: dict[str, Any], scope: str, of_set: str) -> dict[str, dict[str, Any]]:
    """The rows of a scope and a set, by accompanist."""
    rows = report["rows"]
    return {row["who"]: row for row in rows if (row["scope"], row["set"]) == (scope, of_set)}


def by_set(report: dict[str, Any]) -> str:
    """A table of all songs, frame by frame, with baselines and the human."""
    lines = [heading(["set", "who", *BY_SET])]
    for name in SETS:
        rows = rows_of(report, ALL, name)
        for who in (*(named(each, report) for each in HYPOTHESES), *BASELINES, TEACHER, HUMAN):
            if who in rows:
                cells = [cell(column, rows[who]["figures"].get(column)) for column in BY_SET]
                lines.append(line([name, who.removeprefix("frame by frame, "), *cells]))
    return "\n".join(lines)


def by_commit(report: dict[str, Any]) -> str:
    """A table of the same few songs of each set: the parts of the agent, and how much it
    commits."""
    rows = rows_of(report, FEW, POOLED)
    wrong = named("{} hypotheses", report).replace("frame by frame", "wrong notes")
    chosen = [*(named(each, report) for each in SOME), wrong,
              *(f"live, {commit} committed" for commit in LIVE), HUMAN]  # fmt: skip
    songs = next((row["songs"] for row in rows.values()), 0)
    lines = [heading([f"{songs} songs of all sets", *COLUMNS])]
    for who in chosen:
        if who in rows:
            cells = [cell(column, rows[who]["figures"].get(column)) for column in COLUMNS]
            lines.append(line([who, *cells]))
    return "\n".join(lines)


def card(report: dict[str, Any]) -> str:
    """Both tables."""
    return f"{by_set(report)}\n\n{by_commit(report)}\n"
