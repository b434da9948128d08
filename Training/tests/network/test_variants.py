"""The networks to compare with."""

from __future__ import annotations

import pytest
import torch
from made import TINY, lively, random_song

from jamline_training.data.batches import Batch, collate
from jamline_training.data.chord_vocabulary import NO_ROOT, ChordVocabulary
from jamline_training.data.frames import CHORD_ONSET, QUALITIES, frames_of
from jamline_training.data.inputs import INPUT_COLUMNS
from jamline_training.network.generate import accompany
from jamline_training.network.model import Accompanist
from jamline_training.network.variants import (
    Opaque,
    Phraseless,
    Placeless,
    symbol_log_probabilities,
)
from jamline_training.training.losses import losses

VOCABULARY = ChordVocabulary(QUALITIES)
SYMBOLS = 1 + 12 * len(QUALITIES) * 12


def batch() -> Batch:
    return collate([(frames_of(random_song(5), VOCABULARY), 0)], 96)


def opaque() -> Opaque:
    model = Opaque(TINY).eval()
    with torch.no_grad():
        model.symbol_head.bias.normal_()
    return model


@torch.no_grad()
def test_root_quality_and_bass_of_an_opaque_chord_add_up_to_its_symbol() -> None:
    model, made = opaque(), batch()
    h = model.states_of(made)
    begins = made.mask & (made.chord_onset == CHORD_ONSET)
    symbols = model.symbols(made.root, made.quality, made.bass)[begins]
    of_symbols = model.symbol_logits(h[begins]).log_softmax(-1)
    expected = -of_symbols.gather(-1, symbols[:, None]).sum()
    nats = losses(model, made)
    found = nats["root"] + nats["quality"] + nats["bass"]
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)
    assert (symbols == 0).any()  # no chord among them
    assert (symbols > 0).any()


def test_opaque_symbols_are_all_different() -> None:
    model = opaque()
    grid = torch.meshgrid(*map(torch.arange, (12, len(QUALITIES), 12)), indexing="ij")
    symbols = model.symbols(*grid).flatten()
    assert symbols.tolist() == list(range(1, SYMBOLS))
    nothing = torch.tensor(0)
    assert model.symbols(torch.tensor(NO_ROOT), nothing, nothing) == 0


@torch.no_grad()
def test_opaque_chords_share_nothing() -> None:
    model = opaque()
    kind, root, quality, bass = (torch.tensor(value) for value in (1, 4, 3, 7))
    before = model.chord(kind, root, quality, bass)
    neighbour = model.symbols(root + 1, quality, bass)
    model.symbol.weight[neighbour] += 1
    assert torch.equal(model.chord(kind, root, quality, bass), before)
    assert not torch.equal(model.chord(kind, root + 1, quality, bass), before)


def test_an_opaque_network_learns_and_plays() -> None:
    model = opaque()
    sum(losses(model, batch()).values()).backward()
    assert all(weights.grad is not None for weights in model.parameters())
    played = accompany(model, [frames_of(random_song(2, beats=4), VOCABULARY)])
    assert played.shape[-1] == 3


@torch.no_grad()
def test_symbols_of_a_spelled_network_are_its_heads_multiplied() -> None:
    model = lively()
    h = torch.randn(3, TINY.width)
    logs = symbol_log_probabilities(model, h)
    assert logs.shape == (3, SYMBOLS)
    torch.testing.assert_close(logs.exp().sum(-1), torch.ones(3))
    root, quality, bass = 7, 2, 4
    given = torch.tensor(root), torch.tensor(quality)
    expected = model.root_logits(h).log_softmax(-1)[:, root]
    expected = expected + model.quality_logits(h, given[0]).log_softmax(-1)[:, quality]
    expected = expected + model.bass_logits(h, *given).log_softmax(-1)[:, bass]
    symbol = opaque().symbols(*map(torch.tensor, (root, quality, bass)))
    torch.testing.assert_close(logs[:, symbol], expected)
    torch.testing.assert_close(logs[:, 0], model.root_logits(h).log_softmax(-1)[:, NO_ROOT])


@pytest.mark.parametrize(
    ("network", "hidden"),
    [(Placeless, {"place", "left", "bar", "compound"}), (Phraseless, {"bar"}),
     (Accompanist, set())],
)  # fmt: skip
@torch.no_grad()
def test_what_a_network_without_places_sees(network: type[Accompanist], hidden: set[str]) -> None:
    model = network(TINY)
    inputs = batch().inputs
    for index, name in enumerate(INPUT_COLUMNS):
        changed = inputs.clone()
        changed[..., index] = (changed[..., index] + 1) % 2
        same = torch.equal(model.states(inputs), model.states(changed))
        assert same == (name in hidden), name
    assert torch.equal(inputs, batch().inputs)
