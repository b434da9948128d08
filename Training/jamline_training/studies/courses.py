"""Ablations of reinforcement: short courses, each with one change, at an equal budget.

A row is done when DIR/ROW.json is there (which must say the course that is asked for), and goes on
from its checkpoint in DIR/ROW where it was interrupted."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from ..agent.settings import MOVED_BEATS
from ..data.chord_vocabulary import ChordVocabulary
from ..data.conditions import MOVED_AT_BEAT, moved
from ..data.corpus import Song, read_split
from ..data.files import write_json
from ..errors import reported
from ..evaluation.comparison import openings_of, takes_of
from ..evaluation.curves import ByBeat
from ..network import checkpoint
from ..network.checkpoint import restored
from ..network.model import Accompanist
from ..rl.course import WORTH, Course
from ..rl.progress import lines_of
from ..rl.reinforcement import Origins, train
from .ablation_table import BASE, Column, differences
from .ablations import as_json

# Options without which no row can be trained.
NEEDED = ("corpus", "begin", "teacher", "judges")
BUDGET = {"steps": 40, "batch": 32, "warm_up": 4}


@dataclass(frozen=True)
class Row:
    """One course: what differs from the base, in words and in fields of Course."""

    name: str
    change: str
    course: dict[str, object] = field(default_factory=dict)


def without(*parts: str) -> dict[str, object]:
    """The rewards but for these."""
    return {"worth": {**WORTH, **dict.fromkeys(parts, 0.0)}}


JUDGES = [name for name in WORTH if name.startswith(("contrastive", "discriminative"))]
ROWS = [
    *(Row(f"{BASE}{seed}", f"none (seed {seed})", {"seed": seed}) for seed in (1, 2, 3)),
    Row("no-adversary", "no adversary", without("adversary")),
    Row("no-teacher", "not held to the teacher", {"of_teacher": 0.0}),
    Row("no-judges", "no learned judges", without(*JUDGES)),
    Row("one-scale", "judges of whole excerpts alone", {"multi_scale": False}),
    Row("as-written", "melodies as they are written, and heard throughout",
        {"performed": 0.0, "modulated": 0.0, "unheard": 0.0}),
    Row("no-structure", "no rewards of structure", without("together", "alike", "close")),
    Row("teacher-alone", "no rewards at all", {"of_rewards": 0.0, "of_prospects": 0.0}),
]  # fmt: skip
FIGURES = ("note in chord", "root agreement", "changes on bar lines", "changes per 4 beats",
           "same bar, same root", "phrases closed", "pitch classes", "chord-name entropy",
           "distinct bigrams")  # fmt: skip
# Note in chord: of the beats before the melody moves, and of the first ones after.
BEFORE, AFTER, BEATS_AFTER = "moved: before", "moved: four beats after", 4


def column(name: str) -> Column:
    return Column(name, lambda result: result["valid"][name])


COLUMNS = [column(name) for name in (*FIGURES, BEFORE, AFTER)]


def when_moved(policy: Accompanist, songs: list[Song]) -> dict[str, float]:
    """What becomes of note in chord where a melody leaves its key."""
    frames = openings_of([moved(song) for song in songs], ChordVocabulary(policy.c.qualities))
    takes = list(takes_of(policy, frames, frames))
    shares = ByBeat(takes, MOVED_BEATS).shares(np.ones((1, len(takes))))[0]
    before, after = np.split(shares, [MOVED_AT_BEAT])
    means = {BEFORE: before[MOVED_AT_BEAT // 2 :], AFTER: after[:BEATS_AFTER]}
    return {name: round(float(np.nanmean(part)), 4) for name, part in means.items()}


def run_row(row: Row, base: Course, origins: Origins, corpus: Path, out: Path) -> None:
    """Trains and measures a row, unless that is done, and writes DIR/ROW.json."""
    course, path = replace(base, **row.course), out / f"{row.name}.json"
    made = as_json({"course": asdict(course)})
    if path.exists():
        return checkpoint.require_same(path, json.loads(path.read_text()), made)
    print(f"{row.name}: {row.change}", file=sys.stderr)
    train(corpus, out / row.name, origins, course)
    policy = restored(out / row.name / "checkpoint.pt", Accompanist).eval()
    figures = lines_of(out / row.name / "evaluation.jsonl")[-1]
    figures |= when_moved(policy, read_split(corpus, "valid"))
    result = {"row": row.name, "change": row.change, "seed": course.seed}
    write_json(path, {**result, **made, "valid": figures})


def report(results: list[dict]) -> str:
    return differences(results, COLUMNS, 3)


def rows_of(text: str) -> list[Row]:
    named = {row.name: row for row in ROWS}
    for name in text.split(","):
        if name not in named:
            raise argparse.ArgumentTypeError(f'expected rows of {", ".join(named)}, found "{name}"')
    return [named[name] for name in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, help="folder of SET.SPLIT.jsonl files")
    parser.add_argument("--begin", type=Path, help="checkpoint.pt of an accompanist")
    parser.add_argument("--teacher", type=Path, help="checkpoint.pt of a teacher")
    parser.add_argument("--judges", type=Path, help="rewards.pt")
    parser.add_argument("--out", type=Path, required=True, help="folder of results")
    parser.add_argument("--rows", type=rows_of, default=ROWS, metavar="ROW,…",
                        help=f"only these, of {', '.join(row.name for row in ROWS)}")  # fmt: skip
    parser.add_argument("--steps", type=int, default=BUDGET["steps"], help="of each row")
    parser.add_argument("--threads", type=int, default=2, help="processor threads to use")
    parser.add_argument("--report", action="store_true", help="print the table of what is done")
    options = parser.parse_args()
    is_told = all(getattr(options, name) for name in NEEDED)
    if not is_told and not options.report:
        parser.error(f"expected --{', --'.join(NEEDED)}, or --report of what is done")
    torch.set_num_threads(options.threads)
    with reported("courses", "compare the courses"):
        if is_told:
            base = Course(**{**BUDGET, "steps": options.steps})
            options.out.mkdir(parents=True, exist_ok=True)
            for row in options.rows:
                origins = Origins(options.begin, options.teacher, options.judges)
                run_row(row, base, origins, options.corpus, options.out)
        if options.report:
            done = [options.out / f"{row.name}.json" for row in ROWS]
            print(report([json.loads(path.read_text()) for path in done if path.exists()]))


if __name__ == "__main__":
    main()
