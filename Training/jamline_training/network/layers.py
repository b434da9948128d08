"""The network's building blocks: norm, layer (attention and feed-forward) and output head.

Shapes as in model.py.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .configuration import Configuration
from .kv_cache import KVCache, SteppedKVCache
from .rotary import rope


class RMSNorm(nn.Module):
    """x / rms(x) · weight, over the last dimension."""

    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weight, self.epsilon)


def attention_mask(first: int, length: int, device: torch.device) -> Tensor:
    """(T, first + T), true where frame `first` + row attends to a column: itself and earlier
    frames."""
    columns = torch.arange(first + length, device=device)
    rows = torch.arange(first, first + length, device=device)
    return columns <= rows[:, None]


class Layer(nn.Module):
    """Norm, attention, residual, norm, gated feed-forward, residual."""

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
        cache: KVCache | SteppedKVCache | None = None,
        seen: Tensor | None = None,
    ) -> Tensor:
        """x: (B, T, D). Returns (B, T, D). A frame attends to itself and earlier frames or, given
        `seen`, (B, T), to all frames where that is true, later ones included."""
        x = x + self.attend(self.attention_norm(x), cosine, sine, cache, seen)
        h = self.feed_forward_norm(x)
        return x + self.down(F.gelu(self.gate(h), approximate="tanh") * self.up(h))

    def attend(
        self,
        h: Tensor,
        cosine: Tensor,
        sine: Tensor,
        cache: KVCache | SteppedKVCache | None = None,
        seen: Tensor | None = None,
    ) -> Tensor:
        """Attention over h, (B, T, D), and over the frames in the cache, if there is one. Returns
        (B, T, D)."""
        c, (batch, length, _) = self.c, h.shape
        q = self.queries(h).view(batch, length, c.heads, c.head_size).transpose(1, 2)
        k = self.keys(h).view(batch, length, c.key_value_heads, c.head_size).transpose(1, 2)
        v = self.values(h).view(batch, length, c.key_value_heads, c.head_size).transpose(1, 2)
        q, k, v = self.attention_inputs(rope(q, cosine, sine), rope(k, cosine, sine), v)
        if cache is not None:
            k, v = cache.extended(self.index, k, v)
            seen = cache.seen if seen is None else seen
        shared = c.heads // c.key_value_heads
        if length == 1:
            # A single frame needs no causal mask, so heads that share keys can be batched as
            # frames.
            q = q.reshape(batch, c.key_value_heads, shared, c.head_size)
        else:
            k, v = k.repeat_interleave(shared, dim=1), v.repeat_interleave(shared, dim=1)
        first = k.shape[2] - length
        has_resets = cache is not None and cache.has_resets
        # Torch's own causal mask is for frames without a past.
        causal = first == 0 and length > 1 and not has_resets and seen is None
        mask = None
        if seen is not None:
            mask = seen[:, None, None]
        elif length > 1 and not causal:
            mask = attention_mask(first, length, h.device)
        if has_resets:
            since = torch.arange(first + length, device=h.device) >= cache.starts[:, None]
            mask = since[:, None, None] if mask is None else mask & since[:, None, None]
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)
        mixed = mixed.reshape(batch, c.heads, length, c.head_size)
        return self.attention_output(mixed.transpose(1, 2).reshape(batch, length, c.width))

    @staticmethod
    def attention_inputs(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values as attention takes them: unchanged.
        `quantise.round_as_the_agent` replaces this method by the agent's rounding."""
        return q, k, v


class Head(nn.Module):
    """An output head: logits over the rows of a table, table · gelu(W norm(h)) + bias."""

    def __init__(self, c: Configuration, choices: int) -> None:
        super().__init__()
        self.norm = RMSNorm(c.width, c.norm_epsilon)
        self.hidden = nn.Linear(c.width, c.width, bias=False)
        self.bias = nn.Parameter(torch.zeros(choices))

    def forward(self, h: Tensor, table: Tensor) -> Tensor:
        """h: (…, D). table: (choices, D). Returns (…, choices)."""
        return F.gelu(self.hidden(self.norm(h)), approximate="tanh") @ table.T + self.bias
