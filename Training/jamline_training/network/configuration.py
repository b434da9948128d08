"""The configuration of a network: its sizes and its chord qualities."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from ..data import frames as representation


@dataclass(frozen=True)
class Configuration:
    """The sizes of a network and its chord qualities: all that it takes to build it."""

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
