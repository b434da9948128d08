"""Pre-training: maximum likelihood of chords and melody, frame by frame."""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from . import frames as representation
from .batches import Batch, Sampler, collate, excerpt
from .chords import ChordVocabulary
from .corpus import read_split
from .export import export
from .frames import frames_of
from .model import Accompanist, Configuration


@dataclass(frozen=True)
class Recipe:
    """How the shipped model is trained. Frames seen: steps × batch × length.

    Every `long_every`th step takes half as many excerpts of twice the length, so that the network
    knows positions up to 2 × length.
    """

    steps: int = 4000
    batch: int = 16
    length: int = 256
    long_every: int = 4
    learning_rate: float = 1.5e-3
    final_learning_rate: float = 5e-5
    warm_up: int = 200
    weight_decay: float = 0.1
    clip: float = 1.0
    exponent: float = 0.6  # of a set's frames in its share
    seed: int = 1


# Solos are what people improvise over changes, not tunes: seen, but seldom.
SET_WEIGHTS = {"improvisor": 0.3}


def losses(model: Accompanist, batch: Batch) -> dict[str, Tensor]:
    """Each part's negative log likelihood in nats, summed over the batch."""
    h = model.states(batch.inputs)
    struck = batch.mask & (batch.strike == representation.CHORD_STRIKE)
    sounding = struck & (batch.root != representation.NO_ROOT)

    def nats(logits: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(logits.float(), target, reduction="sum")

    root, quality, bass = batch.root[sounding], batch.quality[sounding], batch.bass[sounding]
    melody = model.melody_logits(h, batch.strike, batch.root, batch.quality, batch.bass)
    return {
        "strike": nats(model.strike_logits(h[batch.mask]), batch.strike[batch.mask]),
        "root": nats(model.root_logits(h[struck]), batch.root[struck]),
        "quality": nats(model.quality_logits(h[sounding], root), quality),
        "bass": nats(model.bass_logits(h[sounding], root, quality), bass),
        "melody": nats(melody[batch.mask], batch.melody[batch.mask]),
    }


def learning_rate(recipe: Recipe, step: int) -> float:
    """Linear warm-up, then a cosine down to the final rate."""
    if step < recipe.warm_up:
        return recipe.learning_rate * (step + 1) / recipe.warm_up
    done = (step - recipe.warm_up) / max(1, recipe.steps - recipe.warm_up)
    span = recipe.learning_rate - recipe.final_learning_rate
    return recipe.final_learning_rate + span * 0.5 * (1 + math.cos(math.pi * min(1, done)))


def optimiser(model: Accompanist, recipe: Recipe) -> torch.optim.Optimizer:
    matrices = [p for p in model.parameters() if p.ndim >= 2]
    vectors = [p for p in model.parameters() if p.ndim < 2]
    groups = [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.95), fused=True)


def validation(model: Accompanist, batches: list[Batch], precision) -> dict[str, float]:
    """Nats a frame of each part over the validation songs' openings."""
    totals: dict[str, float] = {}
    count = sum(int(batch.mask.sum()) for batch in batches)
    with torch.no_grad(), precision():
        for batch in batches:
            for name, value in losses(model, batch).items():
                totals[name] = totals.get(name, 0.0) + float(value)
    parts = {name: value / count for name, value in totals.items()}
    return {**parts, "total": sum(parts.values())}


def save(path: Path, content: dict) -> None:
    """Written beside, then renamed: a run stopped while saving keeps its last checkpoint."""
    beside = path.with_suffix(".part")
    torch.save(content, beside)
    os.replace(beside, path)


def train(corpus: Path, run: Path, configuration: Configuration, recipe: Recipe) -> Accompanist:
    """Trains, or goes on from the run's checkpoint, and leaves checkpoint.pt and log.jsonl there."""
    device = "cuda" if torch.cuda.is_available() else "cpu"

    def precision():
        return torch.autocast(device, torch.bfloat16)

    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    vocabulary = ChordVocabulary(configuration.qualities)
    songs = read_split(corpus, "train")
    sampler = Sampler(songs, vocabulary, recipe.exponent, SET_WEIGHTS, recipe.seed)
    held_out = [frames_of(song, vocabulary) for song in read_split(corpus, "valid")]
    held_out = [(excerpt(song, 0, recipe.length), 0) for song in held_out]
    held_out = [
        collate(held_out[i : i + 16], recipe.length).to(device) for i in range(0, len(held_out), 16)
    ]
    model = Accompanist(configuration).to(device)
    updates = optimiser(model, recipe)
    first = 0
    checkpoint_path = run / "checkpoint.pt"
    if checkpoint_path.exists():
        checkpoint = torch.load(checkpoint_path, map_location=device, weights_only=True)
        model.load_state_dict(checkpoint["model"])
        updates.load_state_dict(checkpoint["optimiser"])
        first = checkpoint["step"]

    def checkpoint_now(step: int) -> None:
        content = {"model": model.state_dict(), "optimiser": updates.state_dict(), "step": step}
        save(checkpoint_path, content)

    saved = time.monotonic()
    bar = tqdm(range(first, recipe.steps), initial=first, total=recipe.steps, unit="step", mininterval=5)
    for step in bar:
        for group in updates.param_groups:
            group["lr"] = learning_rate(recipe, step)
        longer = 2 if step % recipe.long_every == recipe.long_every - 1 else 1
        batch = sampler.batch(step, recipe.batch // longer, recipe.length * longer).to(device)
        with precision():
            parts = losses(model, batch)
        loss = sum(parts.values()) / batch.mask.sum()
        updates.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        updates.step()
        if step % 20 == 0:
            bar.set_postfix(loss=f"{loss.item():.3f}")
        last = step + 1 == recipe.steps
        if (step + 1) % 250 == 0 or last:
            figures = {"step": step + 1, **validation(model, held_out, precision)}
            with open(run / "log.jsonl", "a") as log:
                print(json.dumps(figures), file=log)
        if time.monotonic() - saved > 120 or last:
            checkpoint_now(step + 1)
            saved = time.monotonic()
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of SET.SPLIT.jsonl files")
    parser.add_argument("--run", type=Path, required=True, help="folder of checkpoints and logs")
    parser.add_argument("--export", type=Path, help="write the trained model here (.safetensors)")
    parser.add_argument("--threads", type=int, help="processor threads to use")
    for name, default in asdict(Recipe()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    for name in ("width", "layers", "heads", "key_value_heads", "feed_forward"):
        default = getattr(Configuration(), name)
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default)
    options = vars(parser.parse_args())
    if options["threads"]:
        torch.set_num_threads(options["threads"])
    recipe = Recipe(**{name: options[name] for name in asdict(Recipe())})
    sizes = ("width", "layers", "heads", "key_value_heads", "feed_forward")
    configuration = Configuration(**{name: options[name] for name in sizes})
    model = train(options["corpus"], options["run"], configuration, recipe)
    if options["export"]:
        export(model, recipe, options["export"])


if __name__ == "__main__":
    main()
