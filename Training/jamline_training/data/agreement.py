"""How well a song's melody and chords agree, by which songs can be left out of training. A song of
little agreement is badly aligned, badly labelled, or full of passing notes."""

from __future__ import annotations

from collections.abc import Iterable

from .corpus import Song
from .takes import take_of


def agreement(song: Song) -> float:
    """Among the frames in which melody and chord sound, the share whose melody note is in the
    chord. It is 1 for a song without such frames."""
    take = take_of(song)
    return float(take.in_chord.sum() / take.both.sum()) if take.both.any() else 1.0


def agreeing(songs: Iterable[Song], least: float) -> list[Song]:
    """The songs whose agreement is at least `least`."""
    return [song for song in songs if least == 0 or agreement(song) >= least]
