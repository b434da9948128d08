"""Ablations of reinforcement learning: short courses, each with one change, at an equal budget.

A row is done when DIR/ROW.json exists, which must have the course that is asked for. An interrupted
row resumes from its checkpoint in DIR/ROW."""

from __future__ import annotations

import argparse
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
from ..rl.course import REWARD_WEIGHTS, Course
from ..rl.progress import lines_of
from ..rl.reinforcement import Origins, train
from .ablation_table import BASE, Column, differences
from .ablations import as_json, read_result

# The options that training takes.
NEEDED = ("corpus", "begin", "teacher", "reward_models")
BUDGET = {"steps": 40, "batch": 32, "warm_up": 4}


@dataclass(frozen=True)
class Row:
    """One course: its difference from the base, in words and as fields of Course."""

    name: str
    change: str
    course: dict[str, object] = field(default_factory=dict)


def without(*parts: str) -> dict[str, object]:
    """The base's reward weights, with some rewards left out."""
    return {"reward_weights": {**REWARD_WEIGHTS, **dict.fromkeys(parts, 0.0)}}


MODELLED = [name for name in REWARD_WEIGHTS if name.startswith(("contrastive", "discriminative"))]
ROWS = [
    *(Row(f"{BASE}{seed}", f"none (seed {seed})", {"seed": seed}) for seed in (1, 2, 3)),
    Row("no-discriminator", "no discriminator", without("discriminator")),
    Row("no-teacher", "no divergence from the teacher", {"teacher_weight": 0.0}),
    Row("no-reward-models", "no reward models", without(*MODELLED)),
    Row("one-scale", "reward models on whole excerpts only", {"multi_scale": False}),
    Row("as-written", "no performance augmentation and no melody masking",
        {"performance_augmentation": 0.0, "modulation": 0.0, "melody_masking": 0.0}),
    Row("no-structure", "no structural rewards", without("together", "alike", "close")),
    Row("teacher-alone", "no rewards",
        {"policy_gradient_weight": 0.0, "counterfactual_weight": 0.0}),
]  # fmt: skip
FIGURES = ("note in chord", "root agreement", "changes on bar lines", "changes per 4 beats",
           "same bar, same root", "phrases closed", "pitch classes", "chord-name entropy",
           "distinct bigrams")  # fmt: skip
# Note in chord in the beats before the melody moves, and in the first ones after.
BEFORE, AFTER, BEATS_AFTER = "moved: before", "moved: four beats after", 4


def column(name: str) -> Column:
    """A figure of the validation songs."""
    return Column(name, lambda result: result["valid"][name])


COLUMNS = [column(name) for name in (*FIGURES, BEFORE, AFTER)]


def when_moved(policy: Accompanist, songs: list[Song]) -> dict[str, float]:
    """Note in chord before and after the melody leaves its key."""
    frames = openings_of([moved(song) for song in songs], ChordVocabulary(policy.c.qualities))
    takes = list(takes_of(policy, frames, frames))
    shares = ByBeat(takes, MOVED_BEATS).shares(np.ones((1, len(takes))))[0]
    before, after = np.split(shares, [MOVED_AT_BEAT])
    means = {BEFORE: before[MOVED_AT_BEAT // 2 :], AFTER: after[:BEATS_AFTER]}
    return {name: round(float(np.nanmean(part)), 4) for name, part in means.items()}


def run_row(row: Row, base: Course, origins: Origins, corpus: Path, out: Path) -> None:
    """Trains and measures a row, unless it is done, and writes DIR/ROW.json."""
    course, path = replace(base, **row.course), out / f"{row.name}.json"
    made = as_json({"course": asdict(course)})
    if path.exists():
        return checkpoint.require_same(path, read_result(path), made)
    print(f"{row.name}: {row.change}", file=sys.stderr)
    train(corpus, out / row.name, origins, course)
    policy = restored(out / row.name / "checkpoint.pt", Accompanist).eval()
    figures = lines_of(out / row.name / "evaluation.jsonl")[-1]
    figures |= when_moved(policy, read_split(corpus, "valid"))
    result = {"row": row.name, "change": row.change, "seed": course.seed}
    write_json(path, {**result, **made, "valid": figures})


def report(results: list[dict]) -> str:
    """The table of results."""
    return differences(results, COLUMNS, 3)


def rows_of(text: str) -> list[Row]:
    """Parses names of rows, separated by commas."""
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
    parser.add_argument("--reward-models", type=Path, help="rewards.pt")
    parser.add_argument("--out", type=Path, required=True, help="folder of results")
    parser.add_argument("--rows", type=rows_of, default=ROWS, metavar="ROW,…",
                        help=f"only these, of {', '.join(row.name for row in ROWS)}")  # fmt: skip
    parser.add_argument("--steps", type=int, default=BUDGET["steps"], help="of each row")
    parser.add_argument("--threads", type=int, default=2, help="processor threads to use")
    parser.add_argument(
        "--report", action="store_true", help="print the table of the rows that are done"
    )
    options = parser.parse_args()
    is_training = all(getattr(options, name) for name in NEEDED)
    if not is_training and not options.report:
        needed = ", --".join(NEEDED).replace("_", "-")
        parser.error(f"expected --{needed}, or --report of what is done")
    torch.set_num_threads(options.threads)
    with reported("courses", "compare the courses"):
        if is_training:
            base = Course(**{**BUDGET, "steps": options.steps})
            options.out.mkdir(parents=True, exist_ok=True)
            for row in options.rows:
                origins = Origins(options.begin, options.teacher, options.reward_models)
                run_row(row, base, origins, options.corpus, options.out)
        if options.report:
            done = [options.out / f"{row.name}.json" for row in ROWS]
            print(report([read_result(path) for path in done if path.exists()]))


if __name__ == "__main__":
    main()
