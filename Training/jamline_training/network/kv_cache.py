"""The KV cache: keys and values of the frames so far."""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from .configuration import Configuration
from .rotary import rotations


def empty(
    c: Configuration, batch: int, length: int, device: torch.device | str | None
) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor]]:
    """Empty keys and values of `length` frames, (L, B, G, T, K) each, and the rotations of all
    these frames."""
    keys = torch.zeros(c.layers, batch, c.key_value_heads, length, c.head_size, device=device)
    return keys, torch.zeros_like(keys), rotations(c, 0, length, keys.device, keys.dtype)


class KVCache:
    """The keys and values of the frames so far, of every layer: (L, B, G, T, K)."""

    # The frames that attention sees, (1, T); None for all frames in the cache.
    seen: Tensor | None = None

    def __init__(
        self,
        c: Configuration,
        batch: int,
        length: int,
        device: torch.device | str | None = None,
    ) -> None:
        self.keys, self.values, self.rotary = empty(c, batch, length, device)
        self.length = 0
        # The first frame that each row attends to.
        self.starts = torch.zeros(batch, dtype=torch.long, device=device)
        self.has_resets = False

    def reset(self, row: int) -> None:
        """Makes a row forget its past: it attends to nothing before the next frame."""
        self.starts[row] = self.length
        self.has_resets = True

    def rotations(self, frames: int) -> tuple[Tensor, Tensor]:
        """Cosines and sines of the next frames: (frames, K/2) each."""
        cosine, sine = self.rotary
        return cosine[self.length : self.length + frames], sine[self.length : self.length + frames]

    def extended(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Stores a layer's keys and values of the next frames, (B, G, frames, K) each. Returns
        those of all frames so far."""
        end = self.length + k.shape[2]
        self.keys[layer, :, :, self.length : end] = k
        self.values[layer, :, :, self.length : end] = v
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]

    def advance(self, frames: int) -> None:
        """Counts frames whose keys and values all layers have stored."""
        self.length += frames

    def fork(self, rows: Tensor) -> KVCache:
        """A copy of some rows, in this order. A row may be in it more than once."""
        part = copy.copy(self)
        part.keys, part.values = self.keys[:, rows], self.values[:, rows]
        part.starts = self.starts[rows]
        return part


class SteppedKVCache:
    """A KV cache that grows by one frame at a time, always by the same operations, so that a GPU
    can record and replay them. The number of the current frame is stored on the device, and
    attention runs over all frames of the cache, with a mask over those to come. Rows cannot be
    reset."""

    has_resets = False

    def __init__(self, c: Configuration, batch: int, length: int, device: torch.device) -> None:
        self.keys, self.values, self.rotary = empty(c, batch, length, device)
        self.frame = torch.zeros(1, dtype=torch.long, device=device)
        self.frames = torch.arange(length, device=device)

    @property
    def seen(self) -> Tensor:
        return (self.frames <= self.frame)[None]

    def rotations(self, frames: int) -> tuple[Tensor, Tensor]:
        cosine, sine = self.rotary
        return cosine.index_select(0, self.frame), sine.index_select(0, self.frame)

    def extended(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        keys, values = self.keys[layer], self.values[layer]
        return keys.index_copy_(2, self.frame, k), values.index_copy_(2, self.frame, v)

    def advance(self, frames: int) -> None:
        self.frame += frames
