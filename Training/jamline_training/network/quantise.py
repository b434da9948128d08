"""Matrices in 8-bit weights, as the agent's kernels take them (Sources/Shared/CKernels)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# The largest weight of a row, and the largest element of what a matrix is multiplied with.
MOST, MOST_STATE = 127, 32767
TILE_ROWS, TILE_COLUMNS = 16, 2


def quantised(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """(rows, columns) in float; the same as whole numbers, int8, and each row's scale."""
    scales = matrix.float().abs().amax(dim=1) / MOST
    # So few digits that a scale times MOST is exact: what is loaded is exported as it was.
    scales = (scales.view(torch.int32) & ~0x7F).view(torch.float32)
    steps = torch.where(scales > 0, scales, 1)[:, None]
    return (matrix.float() / steps).round().clamp(-MOST, MOST).to(torch.int8), scales


def packed(weights: Tensor) -> Tensor:
    """(rows, columns); the same in tiles, with 0 beyond the matrix: (tiles of a column, tiles of a
    row, TILE_ROWS, TILE_COLUMNS)."""
    rows, columns = weights.shape
    padded = F.pad(weights, (0, -columns % TILE_COLUMNS, 0, -rows % TILE_ROWS))
    tiles = padded.unflatten(1, (-1, TILE_COLUMNS)).unflatten(0, (-1, TILE_ROWS))
    return tiles.transpose(1, 2).contiguous()


def unpacked(tiles: Tensor, rows: int, columns: int) -> Tensor:
    """The matrix that `packed` made tiles of."""
    return tiles.transpose(1, 2).flatten(2, 3).flatten(0, 1)[:rows, :columns]


def rounded(states: Tensor, most: int = MOST_STATE) -> Tensor:
    """(…, columns); each row rounded to whole numbers up to `most`, by its largest element."""
    largest = states.abs().amax(dim=-1, keepdim=True)
    scale = torch.where(largest > 0, most / largest, 0)
    return (states * scale).round() * (largest / most)


def remembered(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(B, heads, T, K) each: queries, keys and values as the agent's attention takes them."""
    most_key = min(MOST_STATE, math.isqrt((2**31 - 1) // q.shape[-1]))
    return rounded(q, most_key), rounded(k, most_key), rounded(v)


def as_the_agent(model: nn.Module) -> None:
    """Has a model calculate as the agent does: what is multiplied with a matrix in 16 bits, and
    what attention remembers, too. (The agent also rounds attention's shares, to 15 bits of 1.)"""
    for module in model.modules():
        if isinstance(module, nn.Linear):
            module.register_forward_pre_hook(lambda _, given: (rounded(given[0]),))
        if hasattr(module, "remembered"):
            module.remembered = remembered
