"""The discriminator, which tells a policy's chords from a person's."""

from __future__ import annotations

from copy import deepcopy

import torch
from made import random_song

from jamline_training.data.batches import Batch, collate
from jamline_training.data.chord_vocabulary import ChordVocabulary
from jamline_training.data.frames import QUALITIES, frames_of
from jamline_training.rl import discriminator, rule_rewards
from jamline_training.rl.discriminator import Discriminator

VOCABULARY = ChordVocabulary(QUALITIES)


def batch_of(count: int = 6) -> Batch:
    songs = [frames_of(random_song(seed), VOCABULARY) for seed in range(count)]
    return collate([(made, 0) for made in songs], 97)


def always(batch: Batch, root: int) -> torch.Tensor:
    chosen = torch.zeros(*batch.mask.shape, 4, dtype=torch.long)
    chosen[..., 1] = root
    chosen[:, 0, 0] = 1
    return chosen


def trained(steps: int = 60) -> tuple[Discriminator, Batch]:
    torch.manual_seed(1)
    made, batch = Discriminator("cpu", 3e-3), batch_of()
    for _ in range(steps):
        made.reward(batch, always(batch, 5))
        made.learn(batch, always(batch, 5))
    return made, batch


def test_it_learns_to_tell_them_apart() -> None:
    made, batch = trained()
    policy, person = always(batch, 5), rule_rewards.person_chords(batch)
    dull, human = made.reward(batch, policy), made.reward(batch, person)
    assert dull.shape == batch.mask.shape and not dull[~batch.mask].any()
    assert dull[batch.mask].mean() < 0.3 < 1 < human[batch.mask].mean()


def test_when_it_learns() -> None:
    made, batch = trained(0)
    chosen = always(batch, 5)
    learned = []
    for _ in range(11):
        made.reward(batch, chosen)
        learned.append(made.learn(batch, chosen) is not None)
    assert [step for step, did in enumerate(learned) if did] == [0, 5, 10]
    made.step = discriminator.FIRST_STEPS
    made.latest.extend([0.9, 1.0, 0.9])
    assert made.learn(batch, chosen) is None, "it is not fooled"
    made.latest.extend([1.2, 1.0, 1.1])
    assert made.learn(batch, chosen) is not None


def test_it_goes_on_as_it_was() -> None:
    made, batch = trained(7)
    other = Discriminator("cpu", 3e-3)
    other.load_state_dict(deepcopy(made.state_dict()))
    for one in (made, other):
        one.step = 10
        one.learn(batch, always(batch, 5))
    for here, there in zip(made.network.parameters(), other.network.parameters(), strict=True):
        assert torch.equal(here, there)
