"""Songs as an agent hears them when something is made harder."""

from __future__ import annotations

import random
from dataclasses import replace

from .corpus import Song

# The melody moves after four bars of 4/4, to the key that shares the fewest notes with the old one.
MOVED_AT_BEAT, MOVED_BY = 16, 6
WRONG_SHARE = 0.1


def kept_in_range(pitch: int) -> int:
    """Within MIDI's range, by octaves."""
    return pitch - 12 if pitch > 127 else pitch + 12 if pitch < 0 else pitch


def moved(song: Song) -> Song:
    """The notes that begin at MOVED_AT_BEAT or later are MOVED_BY semitones higher."""
    melody = [
        (on, length, kept_in_range(pitch + MOVED_BY) if on >= MOVED_AT_BEAT else pitch)
        for on, length, pitch in song.melody
    ]
    return replace(song, melody=melody)


def with_wrong_notes(song: Song) -> Song:
    """WRONG_SHARE of the notes are a semitone too high or too low: always the same ones."""
    chance = random.Random(song.id)

    def played(pitch: int) -> int:
        wrong, step = chance.random() < WRONG_SHARE, chance.choice((-1, 1))
        return kept_in_range(pitch + step) if wrong else pitch

    return replace(song, melody=[(on, length, played(p)) for on, length, p in song.melody])


CONDITIONS = {"": lambda song: song, "moved": moved, "wrong notes": with_wrong_notes}
