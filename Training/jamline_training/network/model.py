"""The accompanist's network: a decoder with one position for each frame.

Shapes: B songs, T frames, D width, L layers, H query heads, G key/value heads, K head size,
F feed-forward width, Q chord qualities.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..data import frames as representation
from ..data.batches import Batch
from .configuration import Configuration
from .kv_cache import KVCache, SteppedKVCache
from .layers import Head, Layer, RMSNorm
from .rotary import rotations


class Accompanist(nn.Module):
    """Models p(chord event | frames before) and p(melody event | frames before, chord event)."""

    def __init__(self, c: Configuration) -> None:
        super().__init__()
        self.c = c

        def table(rows: int) -> nn.Embedding:
            return nn.Embedding(rows, c.width)

        self.melody_kind = table(4)  # rest, onset, hold, start
        self.pitch = table(129)  # 128: none
        self.pitch_class = table(12)  # added to all pitches of the class
        self.chord_kind = table(3)  # hold, onset, start
        self.root = table(13)  # 12: no chord
        self.quality = table(len(c.qualities))
        self.bass = table(12)
        self.place = table(c.longest_bar)
        self.left = table(c.longest_bar)
        self.bar = table(c.bars_per_phrase)
        self.compound = table(2)
        self.stack = nn.ModuleList(Layer(c, index) for index in range(c.layers))
        self.norm = RMSNorm(c.width, c.norm_epsilon)
        self.strike_head = Head(c, 2)  # of the chord onset; model files have this name
        self.root_head = Head(c, 13)
        self.quality_head = Head(c, len(c.qualities))
        self.bass_head = Head(c, 12)
        self.melody_head = Head(c, representation.MELODY_EVENTS)
        self.apply(self.initialise)
        for layer in self.stack:
            for linear in (layer.attention_output, layer.down):
                linear.weight.data.div_((2 * c.layers) ** 0.5)

    @staticmethod
    def initialise(module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=module.in_features**-0.5)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.5)

    def pitches(self) -> Tensor:
        """(129, D): the vector of each pitch, with the part that it shares with its octaves."""
        classes = torch.arange(128, device=self.pitch.weight.device) % 12
        shared = F.pad(self.pitch_class(classes), (0, 0, 0, 1))
        return self.pitch.weight + shared

    def melody_table(self) -> Tensor:
        """(130, D): output rows of rest, hold and each onset, tied to the input tables."""
        kinds = self.melody_kind.weight
        return torch.cat(
            [kinds[[representation.KIND_REST, representation.KIND_HOLD]], self.pitches()[:128]]
        )

    def chord(self, kind: Tensor, root: Tensor, quality: Tensor, bass: Tensor) -> Tensor:
        """The sum of a chord event's embeddings. Indices of one shape (…); returns (…, D)."""
        return self.chord_kind(kind) + self.root(root) + self.quality(quality) + self.bass(bass)

    # The recipes of earlier training runs that this network went through.
    earlier: tuple[dict, ...] = ()

    # Whether the network sees the whole melody, and so does not learn to predict it.
    sees_melody = False

    def states_of(self, batch: Batch) -> Tensor:
        """The states (B, T, D) of a batch, with this network's conditioning."""
        condition = self.condition_on(batch.inputs, batch.mask)
        return self.states(batch.inputs, condition=condition)

    def condition_on(self, inputs: Tensor, mask: Tensor) -> Tensor | None:
        """What the network is conditioned on: a term, (B, T, D), of each frame's embedding, or
        None.

        inputs: (B, T, 10), as `states` takes them. mask: (B, T), false in padding.
        """
        return None

    def states(
        self,
        inputs: Tensor,
        cache: KVCache | SteppedKVCache | None = None,
        condition: Tensor | None = None,
    ) -> Tensor:
        """The final states (B, T, D) of inputs (B, T, 10), which are as in INPUT_COLUMNS. The
        cache, if there is one, grows by T frames.

        condition: (B, T, D) or (B, 1, D), added to the embedding of each frame.
        """
        x = self.embedded(inputs)
        if condition is not None:
            x = x + condition
        frames = inputs.shape[1]
        if cache is not None:
            cosine, sine = cache.rotations(frames)
        else:
            cosine, sine = rotations(self.c, 0, frames, x.device, x.dtype)
        for layer in self.stack:
            x = layer(x, cosine, sine, cache)
        if cache is not None:
            cache.advance(frames)
        return self.norm(x)

    def embedded(self, inputs: Tensor) -> Tensor:
        """The sum of the embeddings of inputs (B, T, 10): (B, T, D)."""
        kind, pitch, chord_kind, root, quality, bass, place, left, bar, compound = inputs.unbind(-1)
        return (
            self.melody_kind(kind)
            + F.embedding(pitch, self.pitches())
            + self.chord(chord_kind, root, quality, bass)
            + self.place(place)
            + self.left(left)
            + self.bar(bar)
            + self.compound(compound)
        )

    # The heads. Each is given the choices before it. h: (…, D); indices: (…) or one for all.

    def chord_onset_logits(self, h: Tensor) -> Tensor:
        table = self.chord_kind.weight[: representation.CHORD_ONSET + 1]
        return self.strike_head(h, table)

    def root_logits(self, h: Tensor) -> Tensor:
        return self.root_head(h, self.root.weight)

    def quality_logits(self, h: Tensor, root: Tensor) -> Tensor:
        return self.quality_head(h + self.root(root), self.quality.weight)

    def bass_logits(self, h: Tensor, root: Tensor, quality: Tensor) -> Tensor:
        return self.bass_head(h + self.root(root) + self.quality(quality), self.bass.weight)

    def melody_logits(
        self, h: Tensor, kind: Tensor, root: Tensor, quality: Tensor, bass: Tensor
    ) -> Tensor:
        return self.melody_head(h + self.chord(kind, root, quality, bass), self.melody_table())
