"""Other networks, to compare with: they are trained and measured as an Accompanist is, but nothing
plays them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..data import frames as representation
from ..data.inputs import INPUT_COLUMNS
from .configuration import Configuration
from .layers import Head
from .model import Accompanist


class Opaque(Accompanist):
    """Each chord is one symbol: a row of one table and one choice of one head, instead of root,
    quality and bass spelled one after the other.

    S symbols: no chord, then every root with every quality with every bass. The heads of the
    spelled network are answered for by its margins, so that root + quality + bass are the nats of
    the symbol.
    """

    def __init__(self, c: Configuration) -> None:
        super().__init__(c)
        for part in ("root", "quality", "bass", "root_head", "quality_head", "bass_head"):
            delattr(self, part)
        self.shape = (12, len(c.qualities), 12)  # of a table over root, quality, bass
        symbols = 1 + 12 * len(c.qualities) * 12
        self.symbol = nn.Embedding(symbols, c.width)
        self.symbol_head = Head(c, symbols)
        self.symbol.apply(self.initialise)
        self.symbol_head.apply(self.initialise)

    def symbols(self, root: Tensor, quality: Tensor, bass: Tensor) -> Tensor:
        """Indices of one shape (…); the symbols' indices, (…)."""
        _, qualities, basses = self.shape
        spelled = 1 + (root * qualities + quality) * basses + bass
        return torch.where(root == representation.NO_ROOT, 0, spelled)

    def chord(self, kind: Tensor, root: Tensor, quality: Tensor, bass: Tensor) -> Tensor:
        return self.chord_kind(kind) + self.symbol(self.symbols(root, quality, bass))

    def symbol_logits(self, h: Tensor) -> Tensor:
        """h: (…, D); (…, S) back."""
        return self.symbol_head(h, self.symbol.weight).float()

    def spelled_logits(self, h: Tensor) -> Tensor:
        """(…, 12, Q, 12): those of the symbols that are chords."""
        return self.symbol_logits(h)[..., 1:].unflatten(-1, self.shape)

    def root_logits(self, h: Tensor) -> Tensor:
        logits = self.symbol_logits(h)
        roots = logits[..., 1:].unflatten(-1, self.shape).flatten(-2).logsumexp(-1)
        return torch.cat([roots, logits[..., :1]], -1)

    def quality_logits(self, h: Tensor, root: Tensor) -> Tensor:
        return self.of_root(h, root).logsumexp(-1)

    def bass_logits(self, h: Tensor, root: Tensor, quality: Tensor) -> Tensor:
        chosen = quality[..., None, None].expand(*quality.shape, 1, 12)
        return self.of_root(h, root).gather(-2, chosen).squeeze(-2)

    def of_root(self, h: Tensor, root: Tensor) -> Tensor:
        """(…, Q, 12): the logits of a root's symbols. Those of no chord are of no use."""
        chosen = root.clamp(max=11)[..., None, None, None].expand(*root.shape, 1, *self.shape[1:])
        return self.spelled_logits(h).gather(-3, chosen).squeeze(-3)


class Placeless(Accompanist):
    """Does not know where its frames stand: bar lines and phrases are not told."""

    hidden = ("place", "left", "bar", "compound")

    def embedded(self, inputs: Tensor) -> Tensor:
        columns = [INPUT_COLUMNS.index(name) for name in self.hidden]
        unknown = inputs.clone()
        unknown[..., columns] = 0
        return super().embedded(unknown)


class Phraseless(Placeless):
    """Knows the place in the bar, but not the bar's in its phrase."""

    hidden = ("bar",)


def symbol_log_probabilities(model: Accompanist, h: Tensor) -> Tensor:
    """log p of each symbol in Opaque's order, given that one is struck. h: (N, D); (N, S) back."""
    if isinstance(model, Opaque):
        return model.symbol_logits(h).log_softmax(-1)
    roots = model.root_logits(h).float().log_softmax(-1)  # (N, 13)
    device = h.device
    each_root = torch.arange(12, device=device)[:, None]
    each_quality = torch.arange(len(model.c.qualities), device=device)
    spread = h[:, None, None]
    qualities = model.quality_logits(spread[:, :, 0], each_root[:, 0]).float().log_softmax(-1)
    basses = model.bass_logits(spread, each_root, each_quality).float().log_softmax(-1)
    spelled = roots[:, :12, None, None] + qualities[..., None] + basses  # (N, 12, Q, 12)
    return torch.cat([roots[:, 12:], spelled.flatten(1)], -1)
