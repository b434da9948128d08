"""Reward models: networks that score how well chords go with a melody."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from made import random_song, song

from jamline_training.data.batches import Batch, Sampler, collate
from jamline_training.data.chord_vocabulary import ChordVocabulary
from jamline_training.data.frames import QUALITIES, frames_of
from jamline_training.data.mixture import Mixture
from jamline_training.network import checkpoint
from jamline_training.rl import rule_rewards, train_rewards
from jamline_training.rl.reward_models import (
    COLUMNS,
    KINDS,
    RewardModels,
    mismatches,
    network,
    pairs_of,
    windows,
)
from jamline_training.rl.train_rewards import RewardTraining, figures_of, train

VOCABULARY = ChordVocabulary(QUALITIES)
NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def of(*songs: object, length: int = 65) -> Batch:
    return collate([(frames_of(made, VOCABULARY), 0) for made in songs], length)


def paired() -> tuple[torch.Tensor, torch.Tensor]:
    batch = of(*(random_song(seed) for seed in range(4)))
    return pairs_of(batch, rule_rewards.person_chords(batch))


def test_pairs_are_what_sounds_in_a_frame() -> None:
    made = random_song(1)
    frames, batch = frames_of(made, VOCABULARY), of(made, length=33)
    pairs, mask = pairs_of(batch, rule_rewards.person_chords(batch))
    assert mask.all() and pairs.shape == (1, 32, 7)
    for name, values in (("pitch", frames.pitch), ("root", frames.root), ("bass", frames.bass)):
        assert pairs[0, :, COLUMNS.index(name)].tolist() == values[:32].tolist()
    assert pairs[0, :, COLUMNS.index("chord_kind")].tolist() == frames.chord_onset[:32].tolist()


def test_windows() -> None:
    pairs, mask = paired()
    cut, there = windows(pairs, mask, 24)
    assert cut.shape == (4, 3, 24, 7)
    assert torch.equal(cut[:, 0], pairs[:, :24]) and torch.equal(cut[:, 2, :16], pairs[:, 48:])
    assert not there[:, 2, 16:].any()


def test_mismatches_have_chords_of_another_song() -> None:
    pairs, mask = paired()
    for seed in range(5):
        mismatched, _ = mismatches(pairs, mask, np.random.default_rng(seed))
        assert torch.equal(mismatched[..., :2], pairs[..., :2])
        for row in range(4):
            assert not torch.equal(mismatched[row], pairs[row])
        assert sorted(mismatched[..., 3].flatten().tolist()) == sorted(
            pairs[..., 3].flatten().tolist()
        )


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_what_each_knows(kind: str) -> None:
    torch.manual_seed(1)
    model = network(kind).eval()
    pairs, mask = paired()
    before = model(pairs, mask)
    for name, change in (("pitch", 1), ("root", 1), ("quality", 1), ("melody_kind", 1)):
        other = pairs.clone()
        column = other[..., COLUMNS.index(name)]
        column[:] = (column + change) % (3 if name == "melody_kind" else 12)
        is_known = name.endswith("kind") or not kind.endswith("rhythm")
        assert torch.allclose(model(other, mask), before) != is_known
    padded = torch.nn.functional.pad(pairs, (0, 0, 0, 7), value=1)
    assert torch.allclose(model(padded, torch.nn.functional.pad(mask, (0, 7))), before, atol=1e-5)


def sampler_of_tunes(seed: int = 1) -> Sampler:
    """Melodies of one note each, with its chord."""
    tunes = [song([(beat, 1, 60 + n) for beat in range(16)], [(0, 16, NAMES[n])], (2, 4), f"{n}")
             for n in range(12)]  # fmt: skip
    mixture = Mixture("temperature", "sets", 1.0, 4.0, 1000, {})
    return Sampler(tunes, VOCABULARY, mixture, seed)


@pytest.mark.parametrize("kind", KINDS[:2])
def test_it_learns_what_goes_together(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_rewards, "LONGEST", 32)
    monkeypatch.setattr(train_rewards, "SCALES", (32, 16))
    model = train(kind, 1, sampler_of_tunes(), RewardTraining(steps=60, batch=12, warm_up=5))
    tunes = [song([(beat, 1, 60 + n) for beat in range(8)], [(0, 8, NAMES[n])], (2, 4))
             for n in range(12)]  # fmt: skip
    name = "R@1" if kind == "contrastive" else "F1"
    figures = figures_of(model, [of(*tunes, length=33)], 32)
    assert figures["among"] == 12 and figures[name] > 0.8, figures
    untrained = network(kind)
    assert figures_of(untrained.eval(), [of(*tunes, length=33)], 32)[name] < 0.8


def test_all_reward_models_together(tmp_path: Path) -> None:
    torch.manual_seed(1)
    states = {f"{kind} {seed}": network(kind).state_dict() for kind in KINDS for seed in (1, 2)}
    checkpoint.save(tmp_path / "rewards.pt", {"reward models": states})
    models = RewardModels.load(tmp_path / "rewards.pt")
    batch = of(
        random_song(1, beats=8), *(random_song(seed, beats=24) for seed in (2, 3)), length=96
    )
    scores = models(batch, rule_rewards.person_chords(batch), 16)
    assert set(scores) == set(KINDS)
    for score in scores.values():
        assert score.shape == batch.mask.shape
        assert not score[~batch.mask].any()
        assert torch.equal(score[1, 16:31], score[1, 16].expand(15)), "one a window"
        assert score[1, 16] != score[1, 32]
    one = models.models["contrastive 1"]
    pairs, mask = windows(*pairs_of(batch, rule_rewards.person_chords(batch)), 16)
    said = one(pairs.flatten(0, 1)[8:12], mask.flatten(0, 1)[8:12])
    other = models.models["contrastive 2"](pairs.flatten(0, 1)[8:12], mask.flatten(0, 1)[8:12])
    assert said.shape == other.shape == (4,)
