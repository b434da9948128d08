"""Quantisation of a network as in the agent's kernels (Sources/Shared/CKernels): 8-bit weights,
16-bit activations, 16-bit queries, keys and values."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# The largest weight of a row, and the largest activation.
MOST, MOST_STATE = 127, 32767
TILE_ROWS, TILE_COLUMNS = 16, 2


def quantised(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Quantises a matrix, (rows, columns), to int8. Returns the integers and each row's scale."""
    scales = matrix.float().abs().amax(dim=1) / MOST
    # Few enough digits that scale · MOST is exact, so that a loaded model is exported unchanged.
    scales = (scales.view(torch.int32) & ~0x7F).view(torch.float32)
    steps = torch.where(scales > 0, scales, 1)[:, None]
    return (matrix.float() / steps).round().clamp(-MOST, MOST).to(torch.int8), scales


def packed(weights: Tensor) -> Tensor:
    """Packs a matrix, (rows, columns), into tiles padded with 0: (tiles of a column, tiles of a
    row, TILE_ROWS, TILE_COLUMNS)."""
    rows, columns = weights.shape
    padded = F.pad(weights, (0, -columns % TILE_COLUMNS, 0, -rows % TILE_ROWS))
    tiles = padded.unflatten(1, (-1, TILE_COLUMNS)).unflatten(0, (-1, TILE_ROWS))
    return tiles.transpose(1, 2).contiguous()


def unpacked(tiles: Tensor, rows: int, columns: int) -> Tensor:
    """The matrix that `packed` packed into these tiles."""
    return tiles.transpose(1, 2).flatten(2, 3).flatten(0, 1)[:rows, :columns]


def rounded(states: Tensor, most: int = MOST_STATE) -> Tensor:
    """Rounds each row of states, (…, columns), to multiples of its largest element / most."""
    largest = states.abs().amax(dim=-1, keepdim=True)
    scale = torch.where(largest > 0, most / largest, 0)
    return (states * scale).round() * (largest / most)


def rounded_attention_inputs(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values, (B, heads, T, K) each, rounded as in the agent's attention."""
    most_key = min(MOST_STATE, math.isqrt((2**31 - 1) // q.shape[-1]))
    return rounded(q, most_key), rounded(k, most_key), rounded(v)


def round_as_the_agent(model: nn.Module) -> None:
    """Makes a model round as the agent does: the inputs of matrices, and queries, keys and values,
    to 16 bits. (The agent also rounds attention weights to 15 bits. This model does not.)"""
    for module in model.modules():
        if isinstance(module, nn.Linear):
            module.register_forward_pre_hook(lambda _, given: (rounded(given[0]),))
        if hasattr(module, "attention_inputs"):
            module.attention_inputs = rounded_attention_inputs
