"""A model's chord vocabulary: chord symbols as tokens, and the tones of those chords."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from .chord_symbols import parse, parse_quality

NOTE_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
# The root token that stands for no chord.
NO_ROOT = 12
ChordTokens = tuple[int, int, int]  # root, quality, bass
NO_CHORD: ChordTokens = (NO_ROOT, 0, 0)


class ChordVocabulary:
    """The chord qualities that a model knows, in the order of their tokens."""

    def __init__(self, names: Sequence[str]) -> None:
        qualities = [parse_quality(name) for name in names]
        if not qualities:
            raise ValueError("expected at least one chord quality, found none")
        self.names = [quality.name() for quality in qualities]
        self.intervals = [quality.intervals() for quality in qualities]
        for index, name in enumerate(self.names):
            if name in self.names[:index]:
                raise ValueError(f'expected different chord qualities, found "{name}" twice')
        self._tokens = lru_cache(maxsize=None)(self._tokens_of)

    def tokens(self, symbol: str) -> ChordTokens:
        """The symbol's root as a pitch class, its quality's index, and its bass in semitones above
        the root. A quality that the model does not know becomes the nearest one."""
        return self._tokens(symbol)

    def symbol(self, root: int, quality: int, bass: int) -> str:
        """The chord symbol of these tokens. `tokens` reads it back."""
        if root == NO_ROOT:
            return "N"
        slash = f"/{NOTE_NAMES[(root + bass) % 12]}" if bass else ""
        return NOTE_NAMES[root] + self.names[quality] + slash

    def _tokens_of(self, symbol: str) -> ChordTokens:
        chord = parse(symbol)
        if chord.root is None:
            return NO_CHORD
        if chord.quality in self.names:
            quality = self.names.index(chord.quality)
        else:
            quality = self.nearest(chord.intervals)
        return chord.root, quality, chord.bass or 0

    def nearest(self, intervals: frozenset[int]) -> int:
        """The quality whose tones overlap most: that of the largest intersection over union. Of
        equals, the first."""
        # Ratios of integers this small compare as floats exactly as they do as fractions.
        shares = [len(intervals & own) / len(intervals | own) for own in self.intervals]
        return shares.index(max(shares))


@cache
def tones_of(chord: ChordTokens, quality: str) -> frozenset[int]:
    """The pitch classes of a chord, its bass included. quality: the name of its quality."""
    root, _, bass = chord
    if root == NO_ROOT:
        return frozenset()
    intervals = parse("C" + quality).intervals | {bass}
    return frozenset((root + interval) % 12 for interval in intervals)
