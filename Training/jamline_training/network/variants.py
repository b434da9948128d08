"""Variants of the network, to compare with. They are trained and measured as an Accompanist is, but
the agent cannot play them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..data.chord_vocabulary import NO_ROOT
from ..data.inputs import INPUT_COLUMNS
from .configuration import Configuration
from .layers import Head
from .model import Accompanist


class Opaque(Accompanist):
    """A network for which each chord is one symbol, one choice of one head, instead of root,
    quality and bass chosen in turn.

    S symbols: no chord, then every root with every quality and every bass. The methods for the
    logits of root, quality and bass return marginals of the symbols, so that their nats sum to
    those of the symbol.
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
        """The indices of symbols, (…), by indices of one shape (…)."""
        _, qualities, basses = self.shape
        spelled = 1 + (root * qualities + quality) * basses + bass
        return torch.where(root == NO_ROOT, 0, spelled)

    def chord(self, kind: Tensor, root: Tensor, quality: Tensor, bass: Tensor) -> Tensor:
        return self.chord_kind(kind) + self.symbol(self.symbols(root, quality, bass))

    def symbol_logits(self, h: Tensor) -> Tensor:
        """h: (…, D). Returns (…, S)."""
        return self.symbol_head(h, self.symbol.weight).float()

    def spelled_logits(self, h: Tensor) -> Tensor:
        """The logits of all symbols but no chord: (…, 12, Q, 12)."""
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
        """(…, Q, 12): the logits of a root's symbols. They are undefined for the root of no
        chord."""
        chosen = root.clamp(max=11)[..., None, None, None].expand(*root.shape, 1, *self.shape[1:])
        return self.spelled_logits(h).gather(-3, chosen).squeeze(-3)


class Placeless(Accompanist):
    """A network that does not see where its frames stand in bars and phrases."""

    hidden = ("place", "left", "bar", "compound")

    def embedded(self, inputs: Tensor) -> Tensor:
        columns = [INPUT_COLUMNS.index(name) for name in self.hidden]
        unknown = inputs.clone()
        unknown[..., columns] = 0
        return super().embedded(unknown)


class Phraseless(Placeless):
    """A network that sees the place in the bar, but not that of the bar in its phrase."""

    hidden = ("bar",)


def symbol_log_probabilities(model: Accompanist, h: Tensor) -> Tensor:
    """log p of each symbol, in Opaque's order, given a chord onset. h: (N, D). Returns (N, S)."""
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
