"""Matrices in 8 bits: what is lost, and how they lie."""

from __future__ import annotations

import pytest
import torch

from jamline_training.network.quantise import packed, quantised, rounded, unpacked

SHAPES = [(1, 1), (2, 3), (16, 2), (17, 5), (48, 32)]


@pytest.mark.parametrize(("rows", "columns"), SHAPES)
def test_what_is_packed_can_be_unpacked(rows: int, columns: int) -> None:
    weights = torch.randint(-127, 128, (rows, columns), dtype=torch.int8)
    tiles = packed(weights)
    assert tiles.shape == (-(-rows // 16), -(-columns // 2), 16, 2)
    assert torch.equal(unpacked(tiles, rows, columns), weights)
    assert int(tiles.long().abs().sum()) == int(weights.long().abs().sum()), "0 beyond the matrix"


def test_tiles_hold_two_neighbours_of_sixteen_rows() -> None:
    tiles = packed(torch.arange(32 * 4).view(32, 4))
    assert tiles[1, 1, 3].tolist() == [(16 + 3) * 4 + 2, (16 + 3) * 4 + 3]


@pytest.mark.parametrize(("rows", "columns"), SHAPES)
def test_weights_are_off_by_half_a_step_at_most(rows: int, columns: int) -> None:
    torch.manual_seed(1)
    matrix = torch.randn(rows, columns) * torch.logspace(-6, 3, rows)[:, None]
    weights, scales = quantised(matrix)
    off = (weights * scales[:, None] - matrix).abs()
    assert (off <= 0.501 * matrix.abs().amax(1, keepdim=True) / 127).all()
    again, same = quantised(weights * scales[:, None])
    assert torch.equal(again, weights) and torch.equal(same, scales)


def test_a_row_of_nothing_stays_nothing() -> None:
    weights, scales = quantised(torch.zeros(2, 4))
    assert not weights.any() and not scales.any()


def test_states_are_off_by_half_a_step_of_16_bits_at_most() -> None:
    torch.manual_seed(1)
    states = torch.randn(5, 7) * torch.logspace(-6, 3, 5)[:, None]
    most = states.abs().amax(1, keepdim=True)
    off = (rounded(states) - states).abs()
    assert off.any() and (off <= 0.501 * most / 32767).all()
    assert not rounded(torch.zeros(2, 3)).any()
