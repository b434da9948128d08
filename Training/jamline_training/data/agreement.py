"""Which songs are fit to learn from: those in which melody and chords go together. A song of which
little does is badly aligned, badly labelled, or of passing notes."""

from __future__ import annotations

from collections.abc import Iterable

from .corpus import Song
from .takes import take_of


def agreement(song: Song) -> float:
    """The share of the frames in which melody and chord sound whose melody is a note of the chord;
    1 where there are none, so that nothing speaks against the song."""
    take = take_of(song)
    return float(take.in_chord.sum() / take.both.sum()) if take.both.any() else 1.0


def agreeing(songs: Iterable[Song], least: float) -> list[Song]:
    """The songs whose agreement is no less."""
    return [song for song in songs if least == 0 or agreement(song) >= least]
