"""Pre-training: maximum likelihood of chords and melody, frame by frame."""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from . import frames as representation
from .batches import Batch, Change, Sampler, collate, excerpt
from .chords import ChordVocabulary
from .conditioned import Conditioned, hinting, turning
from .corpus import Song, read_split
from .export import export
from .frames import frames_of
from .hints import CONDITIONS
from .mixture import Mixture, read_weights
from .model import Accompanist, Configuration
from .performing import performing


@dataclass(frozen=True)
class Recipe:
    """How the shipped model is trained. Frames seen: steps × batch × length.

    Every `long_every`th step takes half as many excerpts of twice the length, so that the network
    knows positions up to 2 × length. mixture, units, exponent, repeats and weights say how often
    each set is drawn: see mixture.Mixture.
    """

    steps: int = 3200
    batch: int = 16
    length: int = 256
    long_every: int = 4
    learning_rate: float = 1.5e-3
    final_learning_rate: float = 5e-5
    warm_up: int = 200
    weight_decay: float = 0.1
    clip: float = 1.0
    mixture: str = "temperature"
    units: str = "sets"
    exponent: float = 0.6
    repeats: float = 4.0
    # Solos are what people improvise over changes, not tunes: seen, but seldom.
    weights: dict[str, float] = field(default_factory=lambda: {"improvisor": 0.3})
    # Shares of the excerpts that are told their style, their key; that are learned melody first.
    hints: float = 0.0
    melody_first: float = 0.0
    # Share of the excerpts that are played as people play.
    performed: float = 0.0
    seed: int = 1

    @property
    def frames(self) -> int:
        """What is seen in all, padding included."""
        return self.steps * self.batch * self.length

    def network(self) -> type[Accompanist]:
        """The kind of network that can be told what this recipe tells."""
        return Conditioned if self.hints or self.melody_first else Accompanist

    def changes(self) -> list[Change]:
        """What is made of each excerpt that is drawn."""
        changes = []
        if self.performed:
            changes.append(performing(self.performed))
        if self.hints:
            changes.append(hinting(self.hints))
        if self.melody_first:
            changes.append(turning(self.melody_first))
        return changes

    def sets(self) -> Mixture:
        """How often each set is drawn."""
        return Mixture(
            self.mixture, self.units, self.exponent, self.repeats, self.frames, self.weights
        )

    def shape_of(self, step: int) -> tuple[int, int]:
        """How many excerpts a step takes, and of how many frames."""
        longer = 2 if step % self.long_every == self.long_every - 1 else 1
        return max(1, self.batch // longer), self.length * longer


STEPS_PER_VALIDATION = 250
SECONDS_PER_CHECKPOINT = 120


def losses(model: Accompanist, batch: Batch) -> dict[str, Tensor]:
    """Each part's negative log likelihood in nats, summed over the batch: whether a chord is struck
    and the melody at every frame; root where one is struck; quality and bass where that is no N.

    Of a frame the chord comes first and the melody is given it; the other way round in songs whose
    condition says so.
    """
    h = model.read(batch)
    turned = batch.conditions[:, CONDITIONS.index("melody_first")].bool()[:, None, None]
    of_melody = F.embedding(batch.melody, model.melody_table())
    of_chord = model.chord(batch.strike, batch.root, batch.quality, batch.bass)
    h_melody = torch.where(turned, h, h + of_chord)
    h = torch.where(turned, h + of_melody, h)
    struck = batch.mask & (batch.strike == representation.CHORD_STRIKE)
    sounding = struck & (batch.root != representation.NO_ROOT)

    def nats(logits: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(logits.float(), target, reduction="sum")

    root, quality, bass = batch.root[sounding], batch.quality[sounding], batch.bass[sounding]
    melody = model.melody_head(h_melody[batch.mask], model.melody_table())
    return {
        "strike": nats(model.strike_logits(h[batch.mask]), batch.strike[batch.mask]),
        "root": nats(model.root_logits(h[struck]), batch.root[struck]),
        "quality": nats(model.quality_logits(h[sounding], root), quality),
        "bass": nats(model.bass_logits(h[sounding], root, quality), bass),
        "melody": nats(melody, batch.melody[batch.mask]),
    }


def learning_rate(recipe: Recipe, step: int) -> float:
    """Of a step: linear warm-up, then a cosine down to the final rate."""
    if step < recipe.warm_up:
        return recipe.learning_rate * (step + 1) / recipe.warm_up
    done = (step - recipe.warm_up) / max(1, recipe.steps - recipe.warm_up)
    span = recipe.learning_rate - recipe.final_learning_rate
    return recipe.final_learning_rate + span * 0.5 * (1 + math.cos(math.pi * min(1, done)))


def optimiser(model: Accompanist, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW; only matrices decay, since norms and biases have nothing to be held small."""
    matrices = [p for p in model.parameters() if p.ndim >= 2]
    vectors = [p for p in model.parameters() if p.ndim < 2]
    groups = [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.95), fused=True)


Precision = Callable[[], AbstractContextManager]


@torch.no_grad()
def validation(model: Accompanist, batches: list[Batch], precision: Precision) -> dict[str, float]:
    """Nats a frame of each part, and in total, over the batches."""
    totals: dict[str, float] = {}
    count = sum(int(batch.mask.sum()) for batch in batches)
    for batch in batches:
        with precision():
            parts = losses(model, batch)
        for name, value in parts.items():
            totals[name] = totals.get(name, 0.0) + float(value)
    parts = {name: value / count for name, value in totals.items()}
    return {**parts, "total": sum(parts.values())}


def openings(songs: list[Song], vocabulary: ChordVocabulary, length: int) -> list[Batch]:
    """The songs' first `length` frames, untransposed."""
    parts = [(excerpt(frames_of(song, vocabulary), 0, length), 0) for song in songs]
    return [collate(parts[i : i + 16], length) for i in range(0, len(parts), 16)]


def save(path: Path, content: dict[str, object]) -> None:
    """Written beside, then renamed: a run stopped while saving keeps its last checkpoint."""
    beside = path.with_suffix(".part")
    torch.save(content, beside)
    os.replace(beside, path)


@dataclass
class Training:
    """A model on its way: `step` steps are done."""

    model: Accompanist
    updates: torch.optim.Optimizer
    recipe: Recipe
    precision: Precision
    step: int = 0

    def take_step(self, batch: Batch) -> Tensor:
        """One update; the batch's loss in nats a frame, before it."""
        for group in self.updates.param_groups:
            group["lr"] = learning_rate(self.recipe, self.step)
        with self.precision():
            parts = losses(self.model, batch)
        loss = sum(parts.values()) / batch.mask.sum()
        self.updates.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip)
        self.updates.step()
        self.step += 1
        return loss.detach()

    def save(self, path: Path) -> None:
        states = {"model": self.model.state_dict(), "optimiser": self.updates.state_dict()}
        save(path, {**states, "step": self.step, **described(self.model, self.recipe)})

    def load(self, path: Path, device: str) -> None:
        """Goes on from a checkpoint; raises CheckpointError where it was made another way."""
        checkpoint = torch.load(path, map_location=device, weights_only=True)
        for part, expected in described(self.model, self.recipe).items():
            require_same(expected, checkpoint.get(part, {}), f"{path}: expected the {part}'s")
        self.model.load_state_dict(checkpoint["model"])
        self.updates.load_state_dict(checkpoint["optimiser"])
        self.step = checkpoint["step"]


class CheckpointError(ValueError):
    """A checkpoint of another recipe or network than is asked for."""


def described(model: Accompanist, recipe: Recipe) -> dict[str, dict]:
    """What a checkpoint says of how it was made."""
    sizes = {**model.c.to_json(), "kind": type(model).__name__}
    return {"recipe": asdict(recipe), "configuration": sizes}


def require_same(expected: dict, found: dict, place: str) -> None:
    """Raises CheckpointError at the first field that differs."""
    for name in {**expected, **found}:
        wanted, has = expected.get(name), found.get(name)
        if wanted != has:
            hint = "take that, or another folder to begin anew"
            raise CheckpointError(f"{place} {name} {wanted}, found {has}: {hint}")


def train(
    corpus: Path,
    run: Path,
    configuration: Configuration,
    recipe: Recipe,
    build: Callable[[Configuration], Accompanist] | None = None,
) -> Accompanist:
    """Trains, or goes on from a checkpoint in `run`; leaves checkpoint.pt and log.jsonl in it.

    build: makes the network, if not the recipe's.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    run.mkdir(parents=True, exist_ok=True)
    checkpoint = run / "checkpoint.pt"
    vocabulary = ChordVocabulary(configuration.qualities)
    songs = read_split(corpus, "train")
    sampler = Sampler(songs, vocabulary, recipe.sets(), recipe.seed, recipe.changes())
    held_out = openings(read_split(corpus, "valid"), vocabulary, recipe.length)
    held_out = [batch.to(device) for batch in held_out]
    torch.manual_seed(recipe.seed)
    model = (build or recipe.network())(configuration).to(device)
    precision = partial(torch.autocast, device, torch.bfloat16)
    training = Training(model, optimiser(model, recipe), recipe, precision)
    if checkpoint.exists():
        training.load(checkpoint, device)
    saved = time.monotonic()
    steps = range(training.step, recipe.steps)
    bar = tqdm(steps, initial=training.step, total=recipe.steps, unit="step", mininterval=5)
    for step in bar:
        size, length = recipe.shape_of(step)
        loss = training.take_step(sampler.batch(step, size, length).to(device))
        if step % 20 == 0:
            bar.set_postfix(loss=f"{loss.item():.3f}")
        is_last = training.step == recipe.steps
        if training.step % STEPS_PER_VALIDATION == 0 or is_last:
            figures = {"step": training.step, **validation(model, held_out, precision)}
            with open(run / "log.jsonl", "a") as log:
                print(json.dumps(figures), file=log)
        if time.monotonic() - saved > SECONDS_PER_CHECKPOINT or is_last:
            training.save(checkpoint)
            saved = time.monotonic()
    return model


SIZES = ("width", "layers", "heads", "key_value_heads", "feed_forward")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--corpus", type=Path, required=True, help="folder of SET.SPLIT.jsonl files"
    )
    parser.add_argument("--run", type=Path, required=True, help="folder of checkpoints and logs")
    parser.add_argument("--export", type=Path, help="write the trained model here (.safetensors)")
    parser.add_argument("--threads", type=int, help="processor threads to use")
    for name, default in asdict(Recipe()).items():
        read = read_weights if name == "weights" else type(default)
        parser.add_argument(f"--{name.replace('_', '-')}", type=read, default=default)
    for name in SIZES:
        default = getattr(Configuration(), name)
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default)
    options = vars(parser.parse_args())
    if options["threads"]:
        torch.set_num_threads(options["threads"])
    recipe = Recipe(**{name: options[name] for name in asdict(Recipe())})
    configuration = Configuration(**{name: options[name] for name in SIZES})
    model = train(options["corpus"], options["run"], configuration, recipe)
    if options["export"]:
        export(model, recipe, options["export"])


if __name__ == "__main__":
    main()
