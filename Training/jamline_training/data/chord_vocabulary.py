"""The chord qualities that a model knows, and the tones of its chords."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from .chord_symbols import parse, parse_quality

NOTE_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
NO_ROOT = 12


class ChordVocabulary:
    """The qualities that a model knows, in the order of their indices in its output."""

    no_chord = 12
    """The root that stands for no chord; quality and bass are 0 then."""

    def __init__(self, names: Sequence[str]) -> None:
        qualities = [parse_quality(name) for name in names]
        if not qualities:
            raise ValueError("expected at least one chord quality, found none")
        self.names = [quality.name() for quality in qualities]
        self.intervals = [quality.intervals() for quality in qualities]
        for index, name in enumerate(self.names):
            if name in self.names[:index]:
                raise ValueError(f'expected different chord qualities, found "{name}" twice')
        self._spelling = lru_cache(maxsize=None)(self._spell)

    def spelling(self, symbol: str) -> tuple[int, int, int]:
        """Root pitch class, quality index, bass as semitones above the root."""
        return self._spelling(symbol)

    def symbol(self, root: int, quality: int, bass: int) -> str:
        """The symbol of a spelling: what `spelling` reads back."""
        if root == self.no_chord:
            return "N"
        slash = f"/{NOTE_NAMES[(root + bass) % 12]}" if bass else ""
        return NOTE_NAMES[root] + self.names[quality] + slash

    def _spell(self, symbol: str) -> tuple[int, int, int]:
        chord = parse(symbol)
        if chord.root is None:
            return self.no_chord, 0, 0
        if chord.quality in self.names:
            quality = self.names.index(chord.quality)
        else:
            quality = self.nearest(chord.intervals)
        return chord.root, quality, chord.bass or 0

    def nearest(self, intervals: frozenset[int]) -> int:
        """The quality with most of its tones in common: the largest share of the tones of either
        that are in both. Of equals, the first."""
        # Ratios of such small numbers are equal, or differ, as floats just as they do exactly.
        shares = [len(intervals & own) / len(intervals | own) for own in self.intervals]
        return shares.index(max(shares))


Chord = tuple[int, int, int]  # root, quality, bass
NO_CHORD: Chord = (NO_ROOT, 0, 0)


@cache
def tones_of(chord: Chord, quality: str) -> frozenset[int]:
    """The pitch classes of a chord whose quality has that name, its bass among them."""
    root, _, bass = chord
    if root == NO_ROOT:
        return frozenset()
    intervals = parse("C" + quality).intervals | {bass}
    return frozenset((root + interval) % 12 for interval in intervals)
