"""Note in chord by beat: how an accompanist finds its way into a song, and back after the melody
moves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..data.conditions import MOVED_AT_BEAT
from ..data.frames import FRAMES_PER_BEAT
from ..data.takes import Take
from .bootstrap import Estimate, estimates

# The level before the move is that of so many beats.
BEATS_BEFORE = 8
# An accompanist is back when it is no more than NEAR below that level, over two beats, so that one
# lucky beat is not enough.
NEAR, BEATS_NEAR = 0.08, 2
BACK = "back after beats"
LEVEL = "level before"


class ByBeat:
    """The counts of songs by beat."""

    def __init__(self, takes: Sequence[Take], beats: int) -> None:
        """beats: how many of each song to count, as far as it has them."""
        counted = np.array([self.count(take, beats) for take in takes], float)
        # (songs, beats) each
        self.in_chord, self.both = counted[:, 0], counted[:, 1]

    @staticmethod
    def count(take: Take, beats: int) -> tuple[np.ndarray, np.ndarray]:
        """By beat: the frames whose melody note is in the chord, and those in which both sound."""
        beat = np.arange(len(take)) // FRAMES_PER_BEAT
        return (
            np.bincount(beat[take.in_chord], minlength=beats)[:beats],
            np.bincount(beat[take.both], minlength=beats)[:beats],
        )

    def shares(self, weights: np.ndarray) -> np.ndarray:
        """Note in chord, (samples, beats); nan where nothing sounds. weights: (samples, songs)."""
        both = weights @ self.both
        return weights @ self.in_chord / np.where(both > 0, both, np.nan)

    def figures(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """`shares`, by beat."""
        return dict(enumerate(self.shares(weights).T))

    def adaptation(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """The level before the move, and the beats until the accompanist is back: all of them if it
        is not."""
        shares = self.shares(weights)
        level = np.nanmean(shares[:, MOVED_AT_BEAT - BEATS_BEFORE : MOVED_AT_BEAT], axis=1)
        after = shares[:, MOVED_AT_BEAT:]
        windows = np.lib.stride_tricks.sliding_window_view(after, BEATS_NEAR, axis=1)
        back = np.nanmean(windows, axis=2) >= level[:, None] - NEAR
        first = np.where(back.any(axis=1), back.argmax(axis=1), after.shape[1])
        return {LEVEL: level, BACK: first.astype(float)}


def curve(takes: Sequence[Take], beats: int) -> list[Estimate]:
    """Note in chord by beat."""
    found = estimates(ByBeat(takes, beats).figures, len(takes))
    return [found[beat] for beat in range(beats)]


def adaptation(takes: Sequence[Take], beats: int) -> dict[str, Estimate]:
    """The figures of adaptation."""
    found = estimates(ByBeat(takes, beats).adaptation, len(takes))
    # The number of beats that were measured stands for all larger ones.
    within = np.clip(found[BACK], 0, beats - MOVED_AT_BEAT)
    return found | {BACK: Estimate(*map(float, within))}
