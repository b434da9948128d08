"""Trains the reward models."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from ..data import frames as representation
from ..data.batches import Batch, Sampler
from ..data.chord_vocabulary import ChordVocabulary
from ..data.corpus import read_split
from ..errors import reported
from ..network import checkpoint
from ..network.configuration import Configuration
from ..training.losses import openings
from ..training.recipe import Recipe, rate_at
from .reward_models import (
    KINDS,
    LONGEST,
    SCALES,
    SEEDS,
    Contrastive,
    mismatches,
    network,
    pairs_of,
    windows,
)
from .rule_rewards import person_chords

# Windows of held-out songs among which a contrastive model must find the right chords.
POOL = 128


@dataclass(frozen=True)
class RewardTraining:
    """How each reward model is trained: in steps of `batch` excerpts of LONGEST frames."""

    steps: int = 500
    batch: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 0.1
    warm_up: int = 50
    final_rate: float = 0.02
    # The most windows of a step. Short windows are many.
    most: int = 128


def window_batch(
    batch: Batch, scale: int, most: int, random: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Windows of the batch's songs with the person's chords, in which the melody sounds for half of
    the frames or more: (N, scale, 7) and (N, scale), N being at most `most`."""
    pairs, mask = windows(*pairs_of(batch, person_chords(batch)), scale)
    pairs, mask = pairs.flatten(0, 1), mask.flatten(0, 1)
    sounds = (pairs[..., 1] != representation.NO_PITCH) & mask
    full = torch.nonzero(sounds.sum(1) * 2 >= scale)[:, 0]
    if len(full) > most:
        full = full[torch.from_numpy(random.permutation(len(full))[:most])]
    return pairs[full], mask[full]


def train(kind: str, seed: int, sampler: Sampler, training: RewardTraining) -> nn.Module:
    """Trains one reward model."""
    torch.manual_seed(seed)
    model = network(kind)
    updates = torch.optim.AdamW(
        model.parameters(), training.learning_rate, weight_decay=training.weight_decay
    )
    for step in tqdm(range(training.steps), desc=f"{kind} {seed}", mininterval=5):
        random = np.random.default_rng((seed, step, 5))
        batch = sampler.batch(seed * 1_000_000 + step, training.batch, LONGEST + 1)
        scale = SCALES[step % len(SCALES)]
        pairs, mask = window_batch(batch, scale, training.most, random)
        if len(pairs) < 2:  # All songs are short: there is nothing to compare with.
            continue
        loss = model.loss(pairs, mask, random)
        updates.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in updates.param_groups:
            share = rate_at(step, training.steps, training.warm_up, training.final_rate)
            group["lr"] = training.learning_rate * share
        updates.step()
    return model.eval()


@torch.no_grad()
def figures_of(model: nn.Module, batches: list[Batch], scale: int) -> dict[str, float]:
    """How well a model recognises a melody's own chords, on windows of held-out songs. For a
    contrastive model: how often the own chords score highest among so many (R@1). For a
    discriminative one: F1 over true pairs and as many mismatched ones."""
    random = np.random.default_rng(1)
    cut = [window_batch(batch, scale, 10_000, random) for batch in batches]
    pairs, mask = torch.cat([p for p, _ in cut]), torch.cat([m for _, m in cut])
    drawn = torch.from_numpy(random.permutation(len(pairs))[:POOL])
    pairs, mask = pairs[drawn], mask[drawn]
    if len(pairs) < 2:
        return {"among": len(pairs)}
    if isinstance(model, Contrastive):
        melody, chords = model.embedded(pairs, mask)
        found = (melody @ chords.T).argmax(1) == torch.arange(len(pairs))
        return {"R@1": float(found.float().mean()), "among": len(pairs)}
    own, mismatched = model(pairs, mask) > 0, model(*mismatches(pairs, mask, random)) > 0
    right, missed, wrong = own.sum(), (~own).sum(), mismatched.sum()
    return {"F1": float(2 * right / (2 * right + missed + wrong)), "among": len(pairs)}


def train_all(corpus: Path, out: Path, training: RewardTraining) -> None:
    """Trains all reward models, or those that `out` lacks; leaves rewards.pt and figures.jsonl
    there."""
    out.mkdir(parents=True, exist_ok=True)
    made = {"training": asdict(training)}
    path = out / "rewards.pt"
    content = {"reward models": {}, **made}
    if path.exists():
        content = checkpoint.load(path, "cpu", made)
    vocabulary = ChordVocabulary(Configuration().qualities)
    recipe = Recipe(steps=training.steps)
    sampler = Sampler(read_split(corpus, "train"), vocabulary, recipe.sets(), 1)
    held_out = openings(read_split(corpus, "valid"), vocabulary, LONGEST + 1)
    for kind in KINDS:
        for seed in SEEDS:
            name = f"{kind} {seed}"
            if name in content["reward models"]:
                continue
            model = train(kind, seed, sampler, training)
            for scale in SCALES:
                figures = {"model": name, "window": scale, **figures_of(model, held_out, scale)}
                with open(out / "figures.jsonl", "a") as file:
                    print(json.dumps(figures), file=file)
            content["reward models"][name] = model.state_dict()
            checkpoint.save(path, content)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of models and figures")
    for name, default in asdict(RewardTraining()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    options = parser.parse_args()
    fields = {name: getattr(options, name) for name in asdict(RewardTraining())}
    with reported("train_rewards", "train"):
        train_all(options.corpus, options.out, RewardTraining(**fields))


if __name__ == "__main__":
    main()
