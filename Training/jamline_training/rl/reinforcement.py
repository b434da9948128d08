"""Runs of reinforcement learning: a policy plays, learns from how it went (`learner`), and is
measured on the validation songs; the one that harmonised best is kept."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from ..data.augmentation import modulating, performing
from ..data.batches import Sampler
from ..data.chord_vocabulary import ChordVocabulary
from ..data.corpus import read_split
from ..data.files import digest, write_text
from ..data.frames import Frames
from ..data.takes import Take, take_of_frames
from ..errors import reported
from ..evaluation.comparison import openings_of, takes_of
from ..evaluation.metrics import Measured
from ..network import checkpoint
from ..network.checkpoint import restored
from ..network.configuration import Configuration
from ..network.model import Accompanist
from ..network.teacher import Teacher
from ..training.contexts import Feed
from ..training.export import export
from ..training.pretrain import weights_option
from ..training.processes import Processes, own_device
from ..training.recipe import Recipe
from .course import Course
from .learner import Learner
from .reward_models import Ensemble

# What stays of the recipe: batches of the person's chords, of none, and of stretches unheard.
SUPERVISION = {"own": 0.0, "untold": 0.5, "unheard": 0.5, "untold_weight": 0.5}
STEPS_PER_EVALUATION = 25
SECONDS_PER_CHECKPOINT = 180


def figures_of(takes: list[Take]) -> dict[str, float]:
    figures = Measured(takes).figures(np.ones((1, len(takes))))
    return {name: round(float(values[0]), 4) for name, values in figures.items()}


# What a policy must have of the person's to be chosen, however well it harmonises.
LEAST_DIVERSITY = {"chord-name entropy": 0.9, "distinct bigrams": 0.9}


def harmony(figures: dict[str, float], person: dict[str, float]) -> float:
    """By which a policy is chosen, on validation songs: note in chord and root agreement; nothing
    where it is duller than it may be."""
    is_dull = any(figures[name] < least * person[name] for name, least in LEAST_DIVERSITY.items())
    return 0.0 if is_dull else figures["note in chord"] + figures["root agreement"]


@dataclass(frozen=True)
class Origins:
    """What a course begins with: checkpoints of the policy and of the teacher, and rewards.pt."""

    policy: Path
    teacher: Path
    judges: Path | None = None

    def digests(self) -> dict[str, str]:
        """By which they are known again."""
        files = {"policy": self.policy, "teacher": self.teacher, "judges": self.judges}
        return {name: digest(path.read_bytes()) for name, path in files.items() if path}


def train(
    corpus: Path, run: Path, origins: Origins, course: Course, steps: int | None = None
) -> Accompanist:
    """Trains, or goes on from a checkpoint in `run`; leaves checkpoint.pt, log.jsonl (a line each
    step), evaluation.jsonl and chosen.pt in it. steps: to stop after, if not at the course's end.
    The policy that harmonised best is returned."""
    device = own_device(0)
    run.mkdir(parents=True, exist_ok=True)
    policy = restored(origins.policy, Accompanist).to(device)
    teacher = restored(origins.teacher, Teacher).to(device).eval()
    vocabulary = ChordVocabulary(policy.c.qualities)
    songs = read_split(corpus, "train")
    recipe = Recipe(
        **SUPERVISION, steps=course.steps, seed=course.seed, matrix_rate=course.matrix_rate,
        learning_rate=course.learning_rate, weight_decay=0.0,
    )  # fmt: skip
    processes = Processes(device=device)
    feed = Feed(Sampler(songs, vocabulary, recipe.sets(), course.seed), recipe, processes)
    played_as = [performing(course.performed), modulating(course.modulated)]
    melodies = Sampler(songs, vocabulary, recipe.sets(), course.seed + 1000, played_as)
    torch.manual_seed(course.seed)
    judges = Ensemble.load(origins.judges).to(device) if origins.judges else None
    learner = Learner(policy, teacher, feed, melodies, course, judges, device)
    made = {"course": asdict(course), "network": policy.c.to_json(), "origins": origins.digests()}
    path, saved = run / "checkpoint.pt", time.monotonic()
    if path.exists():
        learner.load(path, made)
        for name in ("log", "evaluation"):
            forget_steps(run / f"{name}.jsonl", learner.step)
    held_out = openings_of(read_split(corpus, "valid"), vocabulary)
    choice = Choice(run, held_out, policy.c)
    last = min(course.steps, steps or course.steps)
    for _ in tqdm(range(learner.step, last), initial=learner.step, total=last, mininterval=5):
        if learner.step == 0:
            choice.evaluate(policy, 0)
        log(run / "log.jsonl", learner.take_step())
        is_last = learner.step == last
        if learner.step % STEPS_PER_EVALUATION == 0 or is_last:
            choice.evaluate(policy, learner.step)
        if time.monotonic() - saved > SECONDS_PER_CHECKPOINT or is_last:
            learner.save(path, made)
            saved = time.monotonic()
    return restored(choice.path, Accompanist)


class Choice:
    """Keeps the policy that harmonised best so far, as a run's chosen.pt."""

    def __init__(self, run: Path, songs: list[Frames], c: Configuration) -> None:
        self.log, self.path, self.songs = run / "evaluation.jsonl", run / "chosen.pt", songs
        vocabulary = ChordVocabulary(c.qualities)
        spelled = [np.stack([song.root, song.quality, song.bass], -1) for song in songs]
        takes = [take_of_frames(vocabulary, *pair) for pair in zip(songs, spelled, strict=True)]
        self.person = figures_of(takes)
        self.best = -1.0
        if self.path.exists():
            content = torch.load(self.path, map_location="cpu", weights_only=True)
            self.best = harmony(content["figures"], self.person)

    def evaluate(self, policy: Accompanist, step: int) -> None:
        policy.eval()
        figures = figures_of(list(takes_of(policy, self.songs, self.songs)))
        policy.train()
        log(self.log, {"step": step, **figures})
        if (found := harmony(figures, self.person)) > self.best:
            self.best = found
            content = {"model": policy.state_dict(), "network": policy.c.to_json(),
                       "earlier": policy.earlier}  # fmt: skip
            checkpoint.save(self.path, {**content, "step": step, "figures": figures})


def log(path: Path, figures: dict[str, float]) -> None:
    with open(path, "a") as file:
        print(json.dumps({name: round(value, 5) for name, value in figures.items()}), file=file)


def forget_steps(path: Path, last: int) -> None:
    """Of a log, those after the last one that is remembered: they are taken again."""
    if not path.exists():
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    write_text(path, "".join(line for line in lines if json.loads(line)["step"] <= last))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoints and logs")
    parser.add_argument("--begin", type=Path, required=True, help="checkpoint.pt of an accompanist")
    parser.add_argument("--teacher", type=Path, required=True, help="checkpoint.pt of a teacher")
    parser.add_argument("--judges", type=Path, help="rewards.pt")
    parser.add_argument("--export", type=Path, help="write the policy here (.safetensors)")
    for name, default in asdict(Course()).items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(default, bool):
            parser.add_argument(option, action=argparse.BooleanOptionalAction, default=default)
        else:
            read = weights_option if name == "worth" else type(default)
            parser.add_argument(option, type=read, default=default)
    options = parser.parse_args()
    with reported("reinforcement", "train"):
        course = Course(**{name: getattr(options, name) for name in asdict(Course())})
        origins = Origins(options.begin, options.teacher, options.judges)
        policy = train(options.corpus, options.out, origins, course)
        if options.export:
            export(policy, Recipe(**SUPERVISION), options.export, asdict(course))


if __name__ == "__main__":
    main()
