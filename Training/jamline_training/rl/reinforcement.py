"""Runs of reinforcement learning. A policy plays and learns from its rollouts (`learner`), and is
measured on the validation songs. The policy that harmonised best is kept."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from ..data.augmentation import modulation, performance_augmentation
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
from .reward_models import RewardModels

# The recipe of the supervised batches: the person's chords, chord dropout and melody masking.
SUPERVISION = {
    "self_generated": 0.0, "chord_dropout": 0.5, "melody_masking": 0.5, "chord_dropout_weight": 0.5,
}  # fmt: skip
STEPS_PER_EVALUATION = 25
SECONDS_PER_CHECKPOINT = 180


def figures_of(takes: list[Take]) -> dict[str, float]:
    """The figures of takes, rounded."""
    figures = Measured(takes).figures(np.ones((1, len(takes))))
    return {name: round(float(values[0]), 4) for name, values in figures.items()}


# The least diversity of a policy that can be kept, relative to the person's.
LEAST_DIVERSITY = {"chord-name entropy": 0.9, "distinct bigrams": 0.9}


def harmony(figures: dict[str, float], person: dict[str, float]) -> float:
    """The figure by which policies are compared, on validation songs: note in chord plus root
    agreement, or 0 for a policy of too little diversity."""
    is_dull = any(figures[name] < least * person[name] for name, least in LEAST_DIVERSITY.items())
    return 0.0 if is_dull else figures["note in chord"] + figures["root agreement"]


@dataclass(frozen=True)
class Origins:
    """The files that a run begins with: checkpoints of the policy and the teacher, and
    rewards.pt."""

    policy: Path
    teacher: Path
    reward_models: Path | None = None

    def digests(self) -> dict[str, str]:
        """The files' digests."""
        files = {"policy": self.policy, "teacher": self.teacher,
                 "reward models": self.reward_models}  # fmt: skip
        return {name: digest(path.read_bytes()) for name, path in files.items() if path}


def train(
    corpus: Path, run: Path, origins: Origins, course: Course, steps: int | None = None
) -> Accompanist:
    """Trains a policy, or resumes from the checkpoint in `run`. Leaves checkpoint.pt, log.jsonl (a
    line for each step), evaluation.jsonl and chosen.pt in that folder. Returns the policy that
    harmonised best. steps: where to stop, if not at the end of the course."""
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
    played_as = [
        performance_augmentation(course.performance_augmentation),
        modulation(course.modulation),
    ]
    melodies = Sampler(songs, vocabulary, recipe.sets(), course.seed + 1000, played_as)
    torch.manual_seed(course.seed)
    path = origins.reward_models
    reward_models = RewardModels.load(path).to(device) if path else None
    learner = Learner(policy, teacher, feed, melodies, course, reward_models, device)
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
    """Keeps the policy that has harmonised best so far, in a run's chosen.pt."""

    def __init__(self, run: Path, songs: list[Frames], c: Configuration) -> None:
        self.log, self.path, self.songs = run / "evaluation.jsonl", run / "chosen.pt", songs
        vocabulary = ChordVocabulary(c.qualities)
        tokens = [np.stack([song.root, song.quality, song.bass], -1) for song in songs]
        takes = [take_of_frames(vocabulary, *pair) for pair in zip(songs, tokens, strict=True)]
        self.person = figures_of(takes)
        self.best = -1.0
        if self.path.exists():
            content = checkpoint.read(self.path)
            self.best = harmony(content["figures"], self.person)

    def evaluate(self, policy: Accompanist, step: int) -> None:
        """Measures a policy, logs its figures, and keeps it if it is the best."""
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
    """Adds a line of figures to a log."""
    with open(path, "a") as file:
        print(json.dumps({name: round(value, 5) for name, value in figures.items()}), file=file)


def forget_steps(path: Path, last: int) -> None:
    """Drops the lines of a log after the last step that the checkpoint has."""
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
    parser.add_argument("--reward-models", type=Path, help="rewards.pt")
    parser.add_argument("--export", type=Path, help="write the policy here (.safetensors)")
    for name, default in asdict(Course()).items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(default, bool):
            parser.add_argument(option, action=argparse.BooleanOptionalAction, default=default)
        else:
            read = weights_option if name == "reward_weights" else type(default)
            parser.add_argument(option, type=read, default=default)
    options = parser.parse_args()
    with reported("reinforcement", "train"):
        course = Course(**{name: getattr(options, name) for name in asdict(Course())})
        origins = Origins(options.begin, options.teacher, options.reward_models)
        policy = train(options.corpus, options.out, origins, course)
        if options.export:
            export(policy, Recipe(**SUPERVISION), options.export, asdict(course))


if __name__ == "__main__":
    main()
