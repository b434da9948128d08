"""Test conditions: songs whose melody is made harder to follow."""

from __future__ import annotations

import random
from dataclasses import replace

from .corpus import Song

# The melody moves after four bars of 4/4, to the key with the fewest notes in common.
MOVED_AT_BEAT, MOVED_BY = 16, 6
WRONG_SHARE = 0.1


def kept_in_range(pitch: int) -> int:
    """The pitch, moved by an octave if it is outside of MIDI's range."""
    return pitch - 12 if pitch > 127 else pitch + 12 if pitch < 0 else pitch


def moved(song: Song) -> Song:
    """The song with the notes from MOVED_AT_BEAT on moved up by MOVED_BY semitones."""
    melody = [
        (on, length, kept_in_range(pitch + MOVED_BY) if on >= MOVED_AT_BEAT else pitch)
        for on, length, pitch in song.melody
    ]
    return replace(song, melody=melody)


def with_wrong_notes(song: Song) -> Song:
    """The song with WRONG_SHARE of the notes a semitone too high or too low: always the same
    notes."""
    generator = random.Random(song.id)

    def played(pitch: int) -> int:
        wrong, step = generator.random() < WRONG_SHARE, generator.choice((-1, 1))
        return kept_in_range(pitch + step) if wrong else pitch

    return replace(song, melody=[(on, length, played(p)) for on, length, p in song.melody])


CONDITIONS = {"": lambda song: song, "moved": moved, "wrong notes": with_wrong_notes}
