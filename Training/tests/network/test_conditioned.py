"""Hints, and learning melody first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from made import TINY, lively, random_song
from torch.nn import functional as F

from jamline_training.data.batches import Batch, collate
from jamline_training.data.chord_vocabulary import ChordVocabulary
from jamline_training.data.frames import QUALITIES, Frames, frames_of
from jamline_training.data.hints import KEYS, STYLES, key_of, moved_key, style_of
from jamline_training.network.conditioned import Conditioned, giving_hints, putting_melody_first
from jamline_training.network.model import Accompanist
from jamline_training.network.model_file import load, tensors_of
from jamline_training.training.export import export
from jamline_training.training.losses import losses

VOCABULARY = ChordVocabulary(QUALITIES)


def piece(*hints: str) -> Frames:
    made = replace(random_song(1, beats=8), set="rs200", key="Bb")
    return replace(frames_of(made, VOCABULARY), hints=frozenset(hints))


def batch_of(*hints: str, semitones: int = 0) -> Batch:
    made = piece(*hints)
    return collate([(made, semitones)], len(made))


def conditioned() -> Conditioned:
    """A network whose output depends on its hints a great deal."""
    model = Conditioned(TINY).eval()
    with torch.no_grad():
        for table in model.hint_tables.values():
            table.weight[1:] *= 10
    return model


@pytest.mark.parametrize(
    ("text", "key"),
    [("C", 1), ("Bb", 11), ("F#m", 19), ("A dorian", 22), ("G mixolydian", 8), ("Cm", 13),
     (None, 0), ("", 0), ("H", 0), ("C major", 1), ("E minor", 17)],
)  # fmt: skip
def test_keys(text: str | None, key: int) -> None:
    assert key_of(text) == key


def test_keys_move_with_the_piece() -> None:
    assert [moved_key(key, 3) for key in (1, 12, 13, 24, 0)] == [4, 3, 16, 15, 0]
    assert {moved_key(key, -6) for key in range(1, KEYS + 1)} == set(range(1, KEYS + 1))


def test_styles() -> None:
    assert STYLES[style_of("nottingham") - 1] == "folk"
    assert style_of("made") == 0


@pytest.mark.parametrize(
    ("hints", "columns"),
    [((), [0, 0, 0]), (("style",), [5, 0, 0]), (("key",), [0, 2, 0]),
     (("style", "key", "melody_first"), [5, 2, 1])],
)  # fmt: skip
def test_a_batch_has_the_hints_of_the_transposed_piece(
    hints: tuple[str, ...], columns: list[int]
) -> None:
    assert batch_of(*hints, semitones=3).hints.tolist() == [columns]


@torch.no_grad()
def test_without_hints_it_is_the_same_network() -> None:
    torch.manual_seed(3)
    plain = Accompanist(TINY)
    torch.manual_seed(3)
    model = Conditioned(TINY)
    assert torch.equal(plain.states_of(batch_of("style")), model.states_of(batch_of()))
    for name in ("style", "key", "melody_first"):
        assert (model.states_of(batch_of(name)) - model.states_of(batch_of())).abs().max() > 1e-3, (
            name
        )


def test_the_vector_of_no_hint_stays_zero() -> None:
    model = Conditioned(TINY)
    update = torch.optim.AdamW(model.parameters(), lr=0.1)
    sum(losses(model, batch_of("style")).values()).backward()
    update.step()
    for name, table in model.hint_tables.items():
        assert not table.weight[0].any(), name


def test_it_is_exported_as_a_network_without_hints(tmp_path: object) -> None:
    model = conditioned()
    assert tensors_of(model).keys() == tensors_of(Accompanist(TINY)).keys()
    export(model, None, tmp_path / "made.safetensors")
    exported = load(tmp_path / "made.safetensors")
    batch = batch_of()
    torch.testing.assert_close(
        exported.states_of(batch), model.states_of(batch), atol=0.02, rtol=0.02
    )


def test_shares_of_hints() -> None:
    random = np.random.default_rng(1)
    given = [giving_hints(0.3)(piece("melody_first"), random).hints for _ in range(1000)]
    for name in ("style", "key"):
        assert 250 < sum(name in names for names in given) < 350
    assert 60 < sum({"style", "key"} <= names for names in given) < 120
    assert all("melody_first" in names for names in given)
    first = [putting_melody_first(0.25)(piece("key"), random).hints for _ in range(1000)]
    assert 200 < sum("melody_first" in names for names in first) < 300
    assert all("key" in names for names in first)


@torch.no_grad()
def test_melody_first_inverts_the_order_within_the_frame() -> None:
    model = lively()
    batch = batch_of("melody_first")
    h = model.states(batch.inputs)[0]
    melody = model.melody_head(h, model.melody_table())
    given = h + model.melody_table()[batch.melody[0]]
    nats = losses(model, batch)
    expected = F.cross_entropy(melody, batch.melody[0], reduction="sum")
    assert nats["melody"].item() == pytest.approx(expected.item(), rel=1e-5)
    expected = F.cross_entropy(
        model.chord_onset_logits(given), batch.chord_onset[0], reduction="sum"
    )
    assert nats["chord onset"].item() == pytest.approx(expected.item(), rel=1e-5)
    # In a batch of both, each song has its own order.
    both = collate([(piece("melody_first"), 0), (piece(), 0)], len(piece()))
    for name, value in losses(model, both).items():
        apart = nats[name] + losses(model, batch_of())[name]
        assert value.item() == pytest.approx(apart.item(), rel=1e-5), name


@torch.no_grad()
def test_melody_first_the_melody_knows_nothing_of_its_frames_chord() -> None:
    model = lively()
    batch, other = batch_of("melody_first"), batch_of("melody_first")
    # Another chord in the last frame: no later frame's input has it.
    other.root[0, -1] = (batch.root[0, -1] + 1) % 12
    assert torch.equal(losses(model, batch)["melody"], losses(model, other)["melody"])
    batch.hints[:] = other.hints[:] = 0
    assert not torch.equal(losses(model, batch)["melody"], losses(model, other)["melody"])
