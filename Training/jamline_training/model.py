"""The accompanist's network: a decoder with one position a frame.

Shapes: B songs, T frames, D width, L layers, H query heads, G key/value heads, K head size,
F feed-forward width, Q chord qualities.
"""

from __future__ import annotations

import copy
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import frames as representation

if TYPE_CHECKING:
    from .batches import Batch


@dataclass(frozen=True)
class Configuration:
    """The sizes of a network and its chord qualities: all that is needed to build it."""

    width: int = 256
    layers: int = 6
    heads: int = 8
    key_value_heads: int = 2
    feed_forward: int = 832
    rotary_base: float = 10_000.0
    norm_epsilon: float = 1e-5
    longest_bar: int = representation.LONGEST_BAR
    bars_per_phrase: int = representation.BARS_PER_PHRASE
    qualities: tuple[str, ...] = field(default=representation.QUALITIES)

    @property
    def head_size(self) -> int:
        return self.width // self.heads

    def to_json(self) -> dict:
        return asdict(self)


# Columns of the network's input, (B, T, 10): what happened in the frame before, and where the frame
# stands in its bar.
INPUT_COLUMNS = (
    "melody_kind", "pitch", "chord_kind", "root", "quality", "bass",
    "place", "left", "bar", "compound",
)  # fmt: skip
# Those that tell of the melody, and of the chord.
MELODY = slice(0, INPUT_COLUMNS.index("pitch") + 1)
CHORD = slice(INPUT_COLUMNS.index("chord_kind"), INPUT_COLUMNS.index("bass") + 1)


class RMSNorm(nn.Module):
    """x / rms(x) · weight, over the last dimension."""

    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weight, self.epsilon)


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Rotary positions (arXiv 2104.09864), first half of the head against the second.

    x: (B, heads, T, K); cosine, sine: (T, K/2) or (B, 1, T, K/2).
    """
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cosine - second * sine, second * cosine + first * sine], dim=-1)


def rotations(
    c: Configuration, first: int, length: int, device: torch.device, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """Cosines and sines of the positions first … first + length − 1: (T, K/2) each."""
    half = c.head_size // 2
    speeds = c.rotary_base ** (-torch.arange(half, dtype=torch.float64) / half)
    angles = torch.arange(first, first + length, dtype=torch.float64)[:, None] * speeds
    return angles.cos().to(device, dtype), angles.sin().to(device, dtype)


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


def attention_mask(first: int, length: int, device: torch.device) -> Tensor:
    """(T, first + T), true where frame first + row may look: at itself and what came before."""
    columns = torch.arange(first + length, device=device)
    rows = torch.arange(first, first + length, device=device)
    return columns <= rows[:, None]


class Layer(nn.Module):
    """Norm, attention, residual; norm, gated feed-forward, residual."""

    def __init__(self, c: Configuration, index: int) -> None:
        super().__init__()
        self.c, self.index = c, index
        key_value_width = c.key_value_heads * c.head_size
        self.attention_norm = RMSNorm(c.width, c.norm_epsilon)
        self.queries = nn.Linear(c.width, c.width, bias=False)
        self.keys = nn.Linear(c.width, key_value_width, bias=False)
        self.values = nn.Linear(c.width, key_value_width, bias=False)
        self.attention_output = nn.Linear(c.width, c.width, bias=False)
        self.feed_forward_norm = RMSNorm(c.width, c.norm_epsilon)
        self.gate = nn.Linear(c.width, c.feed_forward, bias=False)
        self.up = nn.Linear(c.width, c.feed_forward, bias=False)
        self.down = nn.Linear(c.feed_forward, c.width, bias=False)

    def forward(
        self,
        x: Tensor,
        cosine: Tensor,
        sine: Tensor,
        cache: Cache | SteppedCache | None = None,
        seen: Tensor | None = None,
    ) -> Tensor:
        """x: (B, T, D), and as much back. A frame looks at itself and what came before or, with
        seen, (B, T), at all frames where that is true, later ones, too."""
        x = x + self.attend(self.attention_norm(x), cosine, sine, cache, seen)
        h = self.feed_forward_norm(x)
        return x + self.down(F.gelu(self.gate(h), approximate="tanh") * self.up(h))

    def attend(
        self,
        h: Tensor,
        cosine: Tensor,
        sine: Tensor,
        cache: Cache | SteppedCache | None = None,
        seen: Tensor | None = None,
    ) -> Tensor:
        """h: (B, T, D), and as much back. With a cache, over all the frames it holds, too."""
        c, (batch, length, _) = self.c, h.shape
        q = self.queries(h).view(batch, length, c.heads, c.head_size).transpose(1, 2)
        k = self.keys(h).view(batch, length, c.key_value_heads, c.head_size).transpose(1, 2)
        v = self.values(h).view(batch, length, c.key_value_heads, c.head_size).transpose(1, 2)
        q, k, v = self.remembered(rotate(q, cosine, sine), rotate(k, cosine, sine), v)
        if cache is not None:
            k, v = cache.extended(self.index, k, v)
            seen = cache.seen if seen is None else seen
        shared = c.heads // c.key_value_heads
        if length == 1:
            # One frame sees all: the heads that share keys are as many frames that ask at once.
            q = q.reshape(batch, c.key_value_heads, shared, c.head_size)
        else:
            k, v = k.repeat_interleave(shared, dim=1), v.repeat_interleave(shared, dim=1)
        first = k.shape[2] - length
        begun_anew = cache is not None and cache.has_begun_anew
        # Torch's own causal mask is for frames that nothing comes before.
        causal = first == 0 and length > 1 and not begun_anew and seen is None
        mask = None
        if seen is not None:
            mask = seen[:, None, None]
        elif length > 1 and not causal:
            mask = attention_mask(first, length, h.device)
        if begun_anew:
            since = torch.arange(first + length, device=h.device) >= cache.starts[:, None]
            mask = since[:, None, None] if mask is None else mask & since[:, None, None]
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)
        mixed = mixed.reshape(batch, c.heads, length, c.head_size)
        return self.attention_output(mixed.transpose(1, 2).reshape(batch, length, c.width))

    @staticmethod
    def remembered(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What is asked, and what is remembered: as it is, here. The agent rounds it
        (quantise.as_the_agent)."""
        return q, k, v


class Head(nn.Module):
    """Logits over a table's rows: table · gelu(W norm(h)) + bias."""

    def __init__(self, c: Configuration, choices: int) -> None:
        super().__init__()
        self.norm = RMSNorm(c.width, c.norm_epsilon)
        self.hidden = nn.Linear(c.width, c.width, bias=False)
        self.bias = nn.Parameter(torch.zeros(choices))

    def forward(self, h: Tensor, table: Tensor) -> Tensor:
        """h: (…, D); table: (choices, D); (…, choices) back."""
        return F.gelu(self.hidden(self.norm(h)), approximate="tanh") @ table.T + self.bias


class Accompanist(nn.Module):
    """p(chord event | frames before), p(melody event | frames before, chord event)."""

    def __init__(self, c: Configuration) -> None:
        super().__init__()
        self.c = c

        def table(rows: int) -> nn.Embedding:
            return nn.Embedding(rows, c.width)

        self.melody_kind = table(4)  # rest, onset, hold, start
        self.pitch = table(129)  # 128: none
        self.pitch_class = table(12)  # added to each of its pitches
        self.chord_kind = table(3)  # hold, strike, start
        self.root = table(13)  # 12: no chord
        self.quality = table(len(c.qualities))
        self.bass = table(12)
        self.place = table(c.longest_bar)
        self.left = table(c.longest_bar)
        self.bar = table(c.bars_per_phrase)
        self.compound = table(2)
        self.stack = nn.ModuleList(Layer(c, index) for index in range(c.layers))
        self.norm = RMSNorm(c.width, c.norm_epsilon)
        self.strike_head = Head(c, 2)
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
        """(129, D): a vector a pitch, what all octaves of its class share in it."""
        classes = torch.arange(128, device=self.pitch.weight.device) % 12
        shared = F.pad(self.pitch_class(classes), (0, 0, 0, 1))
        return self.pitch.weight + shared

    def melody_table(self) -> Tensor:
        """(130, D): the output rows of rest, hold and each onset, tied to the input's."""
        kinds = self.melody_kind.weight
        return torch.cat(
            [kinds[[representation.KIND_REST, representation.KIND_HOLD]], self.pitches()[:128]]
        )

    def chord(self, kind: Tensor, root: Tensor, quality: Tensor, bass: Tensor) -> Tensor:
        """Indices of one shape (…); (…, D) back."""
        return self.chord_kind(kind) + self.root(root) + self.quality(quality) + self.bass(bass)

    # The recipes that it was trained by before the one that it is trained by now.
    earlier: tuple[dict, ...] = ()

    # Whether it is shown the whole melody, so that there is nothing left to foresee of it.
    sees_melody = False

    def read(self, batch: Batch) -> Tensor:
        """The states (B, T, D) of a batch, given what this network wants to be told of it."""
        return self.states(batch.inputs, told=self.beforehand(batch.inputs, batch.mask))

    def beforehand(self, inputs: Tensor, mask: Tensor) -> Tensor | None:
        """What is added to each frame's input, (B, T, D), of what it may know before it plays.
        inputs: (B, T, 10), as `states` takes them; mask: (B, T), false in padding."""
        return None

    def states(
        self, inputs: Tensor, cache: Cache | SteppedCache | None = None, told: Tensor | None = None
    ) -> Tensor:
        """inputs: (B, T, 10) as INPUT_COLUMNS says; (B, T, D) back. A cache grows by T frames.

        told: (B, T, D) or (B, 1, D), added to each frame's input: what is known beforehand.
        """
        x = self.embedded(inputs)
        if told is not None:
            x = x + told
        frames = inputs.shape[1]
        if cache is not None:
            cosine, sine = cache.rotations(frames)
        else:
            cosine, sine = rotations(self.c, 0, frames, x.device, x.dtype)
        for layer in self.stack:
            x = layer(x, cosine, sine, cache)
        if cache is not None:
            cache.grow(frames)
        return self.norm(x)

    def embedded(self, inputs: Tensor) -> Tensor:
        """inputs: (B, T, 10); the sum of their embeddings, (B, T, D)."""
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

    # The heads, each given what was chosen before it. h: (…, D); indices: (…) or one for all.

    def strike_logits(self, h: Tensor) -> Tensor:
        table = self.chord_kind.weight[: representation.CHORD_STRIKE + 1]
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
