"""Rotary position embedding (arXiv 2104.09864)."""

from __future__ import annotations

import torch
from torch import Tensor

from .configuration import Configuration


def rope(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Rotates the first half of each head against the second.

    x: (B, heads, T, K). cosine, sine: (T, K/2) or (B, 1, T, K/2).
    """
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cosine - second * sine, second * cosine + first * sine], dim=-1)


def rotations(
    c: Configuration, first: int, length: int, device: torch.device, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """Cosines and sines of `length` positions from `first` on: (T, K/2) each."""
    half = c.head_size // 2
    inv_freq = c.rotary_base ** (-torch.arange(half, dtype=torch.float64) / half)
    angles = torch.arange(first, first + length, dtype=torch.float64)[:, None] * inv_freq
    return angles.cos().to(device, dtype), angles.sin().to(device, dtype)
