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
    network,
    pairs_of,
    strangers,
    windows,
)


@dataclass(frozen=True)
class Schooling:
    """How each of the networks is trained: steps of `batch` excerpts of LONGEST frames."""

    steps: int = 500
    batch: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 0.1
    warm_up: int = 50
    final_rate: float = 0.02
    # Windows of one step, of the many that short ones make.
    most: int = 128


def window_batch(
    batch: Batch, scale: int, most: int, random: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Windows of the batch's songs with the person's chords, that have music in a half of them or
    more: (N, scale, 7) and (N, scale), N at most `most`."""
    person = torch.stack([batch.strike, batch.root, batch.quality, batch.bass], -1)
    pairs, mask = (part.flatten(0, 1) for part in windows(*pairs_of(batch, person), scale))
    sounds = (pairs[..., 1] != representation.NO_PITCH) & mask
    full = torch.nonzero(sounds.sum(1) * 2 >= scale)[:, 0]
    if len(full) > most:
        full = full[torch.from_numpy(random.permutation(len(full))[:most])]
    return pairs[full], mask[full]


def train(kind: str, seed: int, sampler: Sampler, schooling: Schooling) -> nn.Module:
    """One network, from nothing."""
    torch.manual_seed(seed)
    judge = network(kind)
    updates = torch.optim.AdamW(
        judge.parameters(), schooling.learning_rate, weight_decay=schooling.weight_decay
    )
    for step in tqdm(range(schooling.steps), desc=f"{kind} {seed}", mininterval=5):
        random = np.random.default_rng((seed, step, 5))
        batch = sampler.batch(seed * 1_000_000 + step, schooling.batch, LONGEST + 1)
        scale = SCALES[step % len(SCALES)]
        pairs, mask = window_batch(batch, scale, schooling.most, random)
        if len(pairs) < 2:  # Short songs only, and nothing to tell them from.
            continue
        loss = judge.loss(pairs, mask, random)
        updates.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(judge.parameters(), 1.0)
        for group in updates.param_groups:
            share = rate_at(step, schooling.steps, schooling.warm_up, schooling.final_rate)
            group["lr"] = schooling.learning_rate * share
        updates.step()
    return judge.eval()


@torch.no_grad()
def figures_of(judge: nn.Module, batches: list[Batch], scale: int) -> dict[str, float]:
    """How well it knows which chords are a melody's own, over windows of held-out songs, drawn from
    all of them: of contrastive ones how often the own ones are the likeliest (R@1) among so many;
    of discriminative ones F1 over true pairs and as many strange ones."""
    random = np.random.default_rng(1)
    cut = [window_batch(batch, scale, 10_000, random) for batch in batches]
    pairs, mask = torch.cat([p for p, _ in cut]), torch.cat([m for _, m in cut])
    drawn = torch.from_numpy(random.permutation(len(pairs))[:POOL])
    pairs, mask = pairs[drawn], mask[drawn]
    if len(pairs) < 2:
        return {"among": len(pairs)}
    if isinstance(judge, Contrastive):
        melody, chords = judge.embedded(pairs, mask)
        found = (melody @ chords.T).argmax(1) == torch.arange(len(pairs))
        return {"R@1": float(found.float().mean()), "among": len(pairs)}
    own, strange = judge(pairs, mask) > 0, judge(*strangers(pairs, mask, random)) > 0
    right, missed, wrong = own.sum(), (~own).sum(), strange.sum()
    return {"F1": float(2 * right / (2 * right + missed + wrong)), "among": len(pairs)}


# Windows that are told apart.
POOL = 128


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of judges and figures")
    for name, default in asdict(Schooling()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    options = parser.parse_args()
    with reported("train_rewards", "train"):
        schooling = Schooling(**{name: getattr(options, name) for name in asdict(Schooling())})
        options.out.mkdir(parents=True, exist_ok=True)
        made = {"schooling": asdict(schooling)}
        path = options.out / "rewards.pt"
        content = {"judges": {}, **made}
        if path.exists():
            content = checkpoint.load(path, "cpu", made)
        vocabulary = ChordVocabulary(Configuration().qualities)
        recipe = Recipe(steps=schooling.steps)
        sampler = Sampler(read_split(options.corpus, "train"), vocabulary, recipe.sets(), 1)
        held_out = openings(read_split(options.corpus, "valid"), vocabulary, LONGEST + 1)
        for kind in KINDS:
            for seed in SEEDS:
                name = f"{kind} {seed}"
                if name in content["judges"]:
                    continue
                judge = train(kind, seed, sampler, schooling)
                for scale in SCALES:
                    figures = {"judge": name, "window": scale, **figures_of(judge, held_out, scale)}
                    with open(options.out / "figures.jsonl", "a") as file:
                        print(json.dumps(figures), file=file)
                content["judges"][name] = judge.state_dict()
                checkpoint.save(path, content)


if __name__ == "__main__":
    main()
