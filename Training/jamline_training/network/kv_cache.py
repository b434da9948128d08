"""The keys and values of the frames so far."""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from .configuration import Configuration
from .rotary import rotations


def emptiness(
    c: Configuration, batch: int, length: int, device: torch.device | str | None
) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor]]:
    """What a cache begins with: room for keys and values, (L, B, G, T, K) each, and the rotations
    of all its frames."""
    keys = torch.zeros(c.layers, batch, c.key_value_heads, length, c.head_size, device=device)
    return keys, torch.zeros_like(keys), rotations(c, 0, length, keys.device, keys.dtype)


class Cache:
    """The keys and values of the frames so far, of every layer: (L, B, G, T, K)."""

    # Of all the frames that it holds those that are looked at, (1, T); None: all of them.
    seen: Tensor | None = None

    def __init__(
        self,
        c: Configuration,
        batch: int,
        length: int,
        device: torch.device | str | None = None,
    ) -> None:
        self.keys, self.values, self.turns = emptiness(c, batch, length, device)
        self.length = 0
        # The frame that each row begins with: it looks at nothing before.
        self.starts = torch.zeros(batch, dtype=torch.long, device=device)
        self.has_begun_anew = False

    def begin(self, row: int) -> None:
        """A row begins anew with the next frame."""
        self.starts[row] = self.length
        self.has_begun_anew = True

    def rotations(self, frames: int) -> tuple[Tensor, Tensor]:
        """Cosines and sines of the frames that come next: (frames, K/2) each."""
        cosine, sine = self.turns
        return cosine[self.length : self.length + frames], sine[self.length : self.length + frames]

    def extended(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """A layer's keys and values of the frames so far and of those that come next, whose are k
        and v, (B, G, frames, K)."""
        end = self.length + k.shape[2]
        self.keys[layer, :, :, self.length : end] = k
        self.values[layer, :, :, self.length : end] = v
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]

    def grow(self, frames: int) -> None:
        """Those that come next have come."""
        self.length += frames

    def rows(self, rows: Tensor) -> Cache:
        """A copy that has those rows alone."""
        part = copy.copy(self)
        part.keys, part.values = self.keys[:, rows], self.values[:, rows]
        part.starts = self.starts[rows]
        return part


class SteppedCache:
    """A cache to which frames are added one by one, and always by the very same operations, so that
    a GPU can record and repeat them: which frame it is stands on the device, and all that there
    will be are looked at, those to come behind a mask. No row begins anew."""

    has_begun_anew = False

    def __init__(self, c: Configuration, batch: int, length: int, device: torch.device) -> None:
        self.keys, self.values, self.turns = emptiness(c, batch, length, device)
        self.frame = torch.zeros(1, dtype=torch.long, device=device)
        self.frames = torch.arange(length, device=device)

    @property
    def seen(self) -> Tensor:
        return (self.frames <= self.frame)[None]

    def rotations(self, frames: int) -> tuple[Tensor, Tensor]:
        cosine, sine = self.turns
        return cosine.index_select(0, self.frame), sine.index_select(0, self.frame)

    def extended(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        keys, values = self.keys[layer], self.values[layer]
        return keys.index_copy_(2, self.frame, k), values.index_copy_(2, self.frame, v)

    def grow(self, frames: int) -> None:
        self.frame += frames
