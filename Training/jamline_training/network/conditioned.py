"""A network that can be conditioned on hints, and how training excerpts are given them."""

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
    """An accompanist with a table of vectors for each hint. A hint that is not given is zero.

    So without hints it computes what an Accompanist with the same other weights does, and it is
    exported as one.
    """

    def __init__(self, c: Configuration) -> None:
        super().__init__(c)
        tables = {name: nn.Embedding(1 + CHOICES[name], c.width, 0) for name in HINTS}
        self.hint_tables = nn.ModuleDict(tables)
        for table in tables.values():
            self.initialise(table)
            nn.init.zeros_(table.weight[0])

    def states_of(self, batch: Batch) -> Tensor:
        return self.states(batch.inputs, condition=self.hint_vectors(batch.hints))

    def hint_vectors(self, hints: Tensor) -> Tensor:
        """The sum of each row's hint vectors, (B, 1, D). hints: (B, 3) as in hints.HINTS."""
        columns = zip(HINTS, hints.unbind(-1), strict=True)
        vectors = [self.hint_tables[name](column) for name, column in columns]
        return torch.stack(vectors).sum(0)[:, None]


def giving_hints(share: float) -> Change:
    """Gives style and key as hints, each to this share of the excerpts. Without a hint the network
    learns to do without."""

    def give(frames: Frames, random: np.random.Generator) -> Frames:
        names = [name for name in ("style", "key") if random.random() < share]
        return replace(frames, hints=frames.hints.union(names))

    return give


def putting_melody_first(share: float) -> Change:
    """Inverts the order within the frame in this share of the excerpts: the melody event is learned
    from the past alone, then the chord event given the melody. So the same weights can also play a
    melody to a person's chords. (Input inversion, arXiv 2301.13688.) The network is given the order
    as a hint."""

    def put(frames: Frames, random: np.random.Generator) -> Frames:
        if random.random() < share:
            return replace(frames, hints=frames.hints | {"melody_first"})
        return frames

    return put
