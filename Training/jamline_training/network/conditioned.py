"""A network that can be told of a piece beforehand, and how its training excerpts are told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from ..data.batches import Batch, Change
from ..data.frames import Frames
from ..data.hints import CHOICES, HINTS
from .configuration import Configuration
from .model import Accompanist


class Conditioned(Accompanist):
    """An accompanist with a vector for each thing it is told; what it is not told is zero.

    So without them it computes what an Accompanist of the same other weights does, and is exported
    as one.
    """

    def __init__(self, c: Configuration) -> None:
        super().__init__(c)
        tables = {name: nn.Embedding(1 + CHOICES[name], c.width, 0) for name in HINTS}
        self.told = nn.ModuleDict(tables)
        for table in tables.values():
            self.initialise(table)
            nn.init.zeros_(table.weight[0])

    def read(self, batch: Batch) -> Tensor:
        return self.states(batch.inputs, told=self.telling(batch.conditions))

    def telling(self, conditions: Tensor) -> Tensor:
        """conditions: (B, 3) as hints.HINTS says; (B, 1, D) back."""
        columns = zip(HINTS, conditions.unbind(-1), strict=True)
        return torch.stack([self.told[name](column) for name, column in columns]).sum(0)[:, None]


def hinting(share: float) -> Change:
    """Tells style and key, each of this share of the excerpts: the others learn to do without."""

    def hint(frames: Frames, random: np.random.Generator) -> Frames:
        names = [name for name in ("style", "key") if random.random() < share]
        return replace(frames, told=frames.told.union(names))

    return hint


def turning(share: float) -> Change:
    """Turns the order within the frame round in this share of the excerpts: the melody's event is
    learned from the past alone, and then the chord's given that; so that the same weights can lead
    a person's chords. (Input inversion, arXiv 2301.13688: what is given and what is asked for
    change places, and the network is told so.)"""

    def turn(frames: Frames, random: np.random.Generator) -> Frames:
        if random.random() < share:
            return replace(frames, told=frames.told | {"melody_first"})
        return frames

    return turn
