"""How an accompaniment is measured: every figure over frames of one song, chords as symbols."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache

import numpy as np

from .chords import parse
from .frames import FRAMES_PER_BEAT, NO_PITCH


@cache
def tones(symbol: str) -> tuple[int | None, frozenset[int]]:
    """A symbol's root (None: no chord) and its pitch classes, those of its bass included."""
    chord = parse(symbol)
    if chord.root is None:
        return None, frozenset()
    intervals = chord.intervals | {chord.bass or 0}
    return chord.root, frozenset((chord.root + interval) % 12 for interval in intervals)


@dataclass
class Tally:
    """Counts that add up over songs; the figures are their ratios."""

    melody_frames: int = 0
    both_frames: int = 0  # melody and chord sound
    in_chord_frames: int = 0
    chords: int = 0  # begun: another symbol than in the frame before
    pitch_classes: int = 0  # summed over those chords
    frames: int = 0
    compared_frames: int = 0  # both accompaniments sound
    root_agreements: int = 0

    def __add__(self, other: Tally) -> Tally:
        names = [field.name for field in fields(self)]
        return Tally(*(getattr(self, name) + getattr(other, name) for name in names))

    @property
    def note_in_chord(self) -> float:
        return self.in_chord_frames / max(1, self.both_frames)

    @property
    def silence_over_melody(self) -> float:
        return 1 - self.both_frames / max(1, self.melody_frames)

    @property
    def pitch_classes_per_chord(self) -> float:
        return self.pitch_classes / max(1, self.chords)

    @property
    def changes_per_four_beats(self) -> float:
        return 4 * FRAMES_PER_BEAT * self.chords / max(1, self.frames)

    @property
    def root_agreement(self) -> float:
        return self.root_agreements / max(1, self.compared_frames)


def tally(pitch: np.ndarray, chords: list[str], human: list[str]) -> Tally:
    """pitch: what the melody sounds, frame by frame (NO_PITCH: nothing); chords: a symbol a frame;
    human: the person's chords on the same frames."""
    result = Tally(frames=len(chords))
    before = "N"
    for note, symbol, reference in zip(pitch, chords, human, strict=True):
        root, pitch_classes = tones(symbol)
        sounds = root is not None
        if note != NO_PITCH:
            result.melody_frames += 1
            if sounds:
                result.both_frames += 1
                result.in_chord_frames += int(note) % 12 in pitch_classes
        if symbol != before and sounds:
            result.chords += 1
            result.pitch_classes += len(pitch_classes)
        before = symbol
        human_root, _ = tones(reference)
        if sounds and human_root is not None:
            result.compared_frames += 1
            result.root_agreements += root == human_root
    return result
