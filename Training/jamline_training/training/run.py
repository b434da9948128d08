"""A training run by maximum likelihood: its steps, its log and its checkpoints."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from tqdm import tqdm

from ..data.agreement import agreeing
from ..data.batches import Batch, Sampler
from ..data.chord_vocabulary import ChordVocabulary
from ..data.corpus import digest_of_split, read_split
from ..errors import RecipeError
from ..network import checkpoint
from ..network.configuration import Configuration
from ..network.model import Accompanist
from .contexts import Feed
from .losses import MELODY_ONLY_PART, Precision, losses, openings, validation
from .optimiser import Optimiser
from .processes import Processes, in_parts, own_device
from .recipe import Recipe

STEPS_PER_VALIDATION = 250
SECONDS_PER_CHECKPOINT = 120


@dataclass
class Training:
    """The state of a run after `step` steps."""

    model: Accompanist
    updates: Optimiser
    recipe: Recipe
    precision: Precision
    processes: Processes = Processes()
    teacher: Accompanist | None = None
    step: int = 0

    def take_step(self, batch: Batch) -> Tensor:
        """Updates the model once. Returns the loss of the batch before it, in nats a frame. batch:
        that of all processes."""
        own, frames = self.processes.part(batch), batch.mask.sum()
        self.updates.zero_grad()
        total = torch.zeros((), device=frames.device)
        for rows in in_parts(len(own.mask), self.processes.device):
            with self.precision():
                parts = losses(
                    self.model, own.rows(rows), self.teacher, self.recipe.distillation_weight
                )
            parts[MELODY_ONLY_PART] = parts[MELODY_ONLY_PART] * self.recipe.chord_dropout_weight
            loss = sum(parts.values()) / frames
            loss.backward()
            total += loss.detach()
        loss = self.processes.add_up(self.model.parameters(), total)
        nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip)
        self.updates.step(self.recipe.rate_at(self.step))
        self.step += 1
        return loss

    def save(self, path: Path) -> None:
        """Writes a checkpoint."""
        states = {"model": self.model.state_dict(), "optimiser": self.updates.state_dict()}
        made = described(self.model.c, type(self.model), self.recipe)
        past = {"step": self.step, "earlier": self.model.earlier}
        checkpoint.save(path, {**states, **past, **made})

    def load(self, path: Path) -> None:
        """Resumes from a checkpoint. Raises CheckpointError if it was made in another way."""
        asked = described(self.model.c, type(self.model), self.recipe)
        states = checkpoint.load(path, self.processes.device, asked)
        self.model.load_state_dict(states["model"])
        self.updates.load_state_dict(states["optimiser"])
        self.step = states["step"]


def described(c: Configuration, network: type[Accompanist], recipe: Recipe) -> dict[str, dict]:
    """How a network is made, as a checkpoint describes it."""
    return {"recipe": asdict(recipe), "network": {"kind": network.__name__, **c.to_json()}}


@dataclass
class Journal:
    """The files in a run's folder: a log of figures, and the last checkpoint."""

    folder: Path
    held_out: list[Batch]
    saved: float = field(default_factory=time.monotonic)

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    def after_step(self, training: Training) -> None:
        """Validates and saves when these are due."""
        is_last = training.step == training.recipe.steps
        if training.step % STEPS_PER_VALIDATION == 0 or is_last:
            melody_only = training.recipe.chord_dropout > 0
            figures = validation(training.model, self.held_out, training.precision, melody_only)
            with open(self.folder / "log.jsonl", "a") as log:
                print(json.dumps({"step": training.step, **figures}), file=log)
        # A round's batches depend on the model at its beginning, so a run can resume only there.
        may_save = training.step % Feed.ROUND == 0
        if may_save and time.monotonic() - self.saved > SECONDS_PER_CHECKPOINT or is_last:
            training.save(self.checkpoint)
            self.saved = time.monotonic()


Build = Callable[[Configuration], Accompanist]


def train(
    corpus: Path,
    run: Path,
    configuration: Configuration,
    recipe: Recipe,
    build: Build | None = None,
    processes: Processes | None = None,
    teacher: Accompanist | None = None,
    expert: Path | None = None,
) -> Accompanist:
    """Trains a network, or resumes from the checkpoint in `run`. Leaves checkpoint.pt and log.jsonl
    in that folder.

    build: makes the network, if the recipe alone does not. processes: those that train together;
    all of them must see the folder. teacher: for the distillation that the recipe asks for. expert:
    the corpus whose digest is in the recipe; raises RecipeError if it is another one.
    """
    if recipe.expert != (digest_of_split(expert, "train") if expert else ""):
        raise RecipeError(f"expected the expert's corpus of the recipe, found {expert}")
    processes = processes or Processes(device=own_device(0))
    recipe.require_parts_for(processes.count)
    run.mkdir(parents=True, exist_ok=True)
    vocabulary = ChordVocabulary(configuration.qualities)

    def drawn_from(corpus: Path) -> Sampler:
        songs = agreeing(read_split(corpus, "train"), recipe.least_agreement)
        drawn_as = recipe.seed, recipe.changes(), recipe.off_bar
        return Sampler(songs, vocabulary, recipe.sets(), *drawn_as)

    experts = drawn_from(expert) if expert else None
    feed = Feed(drawn_from(corpus), recipe, processes, experts)
    held_out = openings(read_split(corpus, "valid"), vocabulary, recipe.length)
    journal = Journal(run, [batch.to(processes.device) for batch in held_out])
    torch.manual_seed(recipe.seed)
    model = (build or recipe.network())(configuration).to(processes.device)
    device_type = torch.device(processes.device).type
    is_halved = recipe.dtype != torch.float32
    precision = partial(torch.autocast, device_type, recipe.dtype, enabled=is_halved)
    if teacher is not None:
        teacher = teacher.to(processes.device).eval()
    training = Training(model, Optimiser(model, recipe), recipe, precision, processes, teacher)
    if journal.checkpoint.exists():
        training.load(journal.checkpoint)
    with tqdm(
        initial=training.step, total=recipe.steps, unit="step", mininterval=5,
        disable=not processes.is_first,
    ) as bar:  # fmt: skip
        for step in range(training.step, recipe.steps):
            loss = training.take_step(feed.batch(step, model))
            if processes.is_first:
                journal.after_step(training)
            if step % 20 == 0:
                bar.set_postfix(loss=f"{loss.item():.3f}")
            bar.update()
    return model
