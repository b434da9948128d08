"""The network: what it may see, and what it must not."""

from __future__ import annotations

import pytest
import torch
from made import TINY, lively
from torch import Tensor

from jamline_training.data.frames import CHORD_ONSET, MELODY_EVENTS, QUALITIES
from jamline_training.data.inputs import INPUT_COLUMNS
from jamline_training.network.configuration import Configuration
from jamline_training.network.kv_cache import KVCache, SteppedKVCache
from jamline_training.network.model import Accompanist
from jamline_training.network.rotary import rope, rotations
from jamline_training.reference.fixtures import random_inputs

FRAMES = 40


def inputs(model: Accompanist, batch: int = 2) -> Tensor:
    songs = [random_inputs(model, FRAMES, seed) for seed in range(batch)]
    return torch.stack([torch.from_numpy(song) for song in songs])


@pytest.mark.parametrize(
    "parts",
    [[1] * FRAMES, [FRAMES], [7, 1, 20, 12], [1, 39]],
    ids=["one by one", "all", "", "rest"],
)
@torch.no_grad()
def test_with_a_cache_it_comes_out_as_all_at_once(parts: list[int]) -> None:
    model = lively()
    given = inputs(model)
    expected = model.states(given)
    cache = KVCache(model.c, len(given), FRAMES)
    states = [model.states(part, cache) for part in given.split(parts, dim=1)]
    assert cache.length == FRAMES
    torch.testing.assert_close(torch.cat(states, 1), expected, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_step_by_step_it_comes_out_as_all_at_once() -> None:
    model = lively()
    given = inputs(model)
    cache = SteppedKVCache(model.c, len(given), FRAMES, given.device)
    states = [model.states(frame, cache) for frame in given.split(1, dim=1)]
    assert cache.frame.tolist() == [FRAMES]
    torch.testing.assert_close(torch.cat(states, 1), model.states(given), rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_a_row_that_is_reset_forgets_its_past() -> None:
    model = lively()
    given = inputs(model, batch=3)
    cache = KVCache(model.c, 3, FRAMES)
    before, *after = given.split([11, 1, 20, 8], dim=1)
    model.states(before, cache)
    cache.reset(1)
    states = torch.cat([model.states(part, cache) for part in after], 1)
    fresh = model.states(given[1:2, 11:])
    torch.testing.assert_close(states[1:2], fresh, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(states[::2], model.states(given[::2])[:, 11:], rtol=1e-4, atol=1e-5)
    assert cache.fork(torch.tensor([2, 1])).starts.tolist() == [0, 11]


@pytest.mark.parametrize("column", range(len(INPUT_COLUMNS)), ids=INPUT_COLUMNS)
@torch.no_grad()
def test_the_future_changes_nothing_before_it(column: int) -> None:
    model = lively()
    given = inputs(model)
    changed = given.clone()
    frame = 17
    changed[:, frame, column] = (changed[:, frame, column] + 1) % 2
    before, after = model.states(given), model.states(changed)
    assert torch.equal(before[:, :frame], after[:, :frame])
    # It is seen in its own frame, and remembered to the end.
    for later in (frame, FRAMES - 1):
        assert (before[:, later] - after[:, later]).abs().max() > 1e-4


@torch.no_grad()
def test_songs_of_a_batch_know_nothing_of_each_other() -> None:
    model = lively()
    given = inputs(model, batch=3)
    torch.testing.assert_close(model.states(given)[1:2], model.states(given[1:2]))


@torch.no_grad()
def test_shapes_of_the_heads() -> None:
    model = lively()
    h = model.states(inputs(model))
    index = torch.zeros(h.shape[:2], dtype=torch.int64)
    assert model.chord_onset_logits(h).shape == (2, FRAMES, 2)
    assert model.root_logits(h).shape == (2, FRAMES, 13)
    assert model.quality_logits(h, index).shape == (2, FRAMES, len(QUALITIES))
    assert model.bass_logits(h, index, index).shape == (2, FRAMES, 12)
    melody = model.melody_logits(h, index, index, index, index)
    assert melody.shape == (2, FRAMES, MELODY_EVENTS)
    # One chord for all frames does as well.
    one = torch.tensor(0)
    torch.testing.assert_close(model.melody_logits(h, one, one, one, one), melody)


@torch.no_grad()
def test_each_head_knows_what_was_chosen_before_it() -> None:
    model = lively()
    h = model.states(inputs(model, batch=1))[0, -1]

    def differs(first: Tensor, second: Tensor) -> bool:
        return (first - second).abs().max().item() > 1e-3

    a, b = torch.tensor(0), torch.tensor(1)
    assert differs(model.quality_logits(h, a), model.quality_logits(h, b))
    assert differs(model.bass_logits(h, a, a), model.bass_logits(h, b, a))
    assert differs(model.bass_logits(h, a, a), model.bass_logits(h, a, b))
    chord = [torch.tensor(CHORD_ONSET), a, a, a]
    for part in range(4):
        other = [*chord[:part], torch.tensor(0) if part == 0 else b, *chord[part + 1 :]]
        assert differs(model.melody_logits(h, *chord), model.melody_logits(h, *other)), part


@pytest.mark.parametrize("shift", [1, 16, 300])
@torch.no_grad()
def test_attention_sees_distances_not_positions(shift: int) -> None:
    model = lively()
    h = torch.randn(2, FRAMES, TINY.width)
    here = rotations(model.c, 0, FRAMES, h.device, h.dtype)
    there = rotations(model.c, shift, FRAMES, h.device, h.dtype)
    layer = model.stack[0]
    expected = layer.attend(h, *here, None)
    torch.testing.assert_close(layer.attend(h, *there, None), expected, rtol=1e-3, atol=1e-4)
    # Distances it does see.
    stretched = tuple(
        angles[::2] for angles in rotations(model.c, 0, 2 * FRAMES, h.device, h.dtype)
    )
    assert (layer.attend(h, *stretched, None) - expected).abs().max() > 1e-2


def test_rotation_turns_the_first_half_against_the_second() -> None:
    x = torch.tensor([1.0, 2.0, 3.0, 4.0])[None, None, None]
    angles = torch.tensor([[torch.pi / 2, 0.0]])
    turned = rope(x, angles.cos(), angles.sin())
    torch.testing.assert_close(turned.flatten(), torch.tensor([-3.0, 2.0, 1.0, 4.0]))


@torch.no_grad()
def test_octaves_share_what_their_class_learned() -> None:
    model = lively()
    before = model.pitches().clone()
    model.pitch_class.weight[9] += 1
    moved = (model.pitches() - before).abs().sum(1) > 0.5
    assert moved.nonzero().flatten().tolist() == [p for p in range(128) if p % 12 == 9]
    # As output rows: rest and hold come first.
    assert torch.equal(model.melody_table()[2:], model.pitches()[:128])


@torch.no_grad()
def test_positions_stay_exact_far_into_a_session() -> None:
    model = lively(Configuration(width=32, layers=1, heads=1, key_value_heads=1, feed_forward=8))
    cosine, sine = rotations(model.c, 100_000, 2, torch.device("cpu"), torch.float32)
    angle = torch.tensor(100_001.0, dtype=torch.float64)
    assert cosine[1, 0].item() == pytest.approx(angle.cos().item(), abs=1e-6)
    assert sine[1, 0].item() == pytest.approx(angle.sin().item(), abs=1e-6)
