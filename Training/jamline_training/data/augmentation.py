"""Augmentation of excerpts: performance augmentation, which plays a melody as people play, and
modulation, which moves melody and chords to another key from some bar on.

A performance has wrong notes, ornaments, early and late onsets, pauses and octave jumps. Its chords
stay those of the song as it was meant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from . import frames as representation
from .batches import Change
from .chord_vocabulary import NO_ROOT
from .frames import Frames

Random = np.random.Generator


@dataclass(frozen=True)
class Note:
    """A note that sounds from frame `first` up to frame `last`, which it does not include."""

    first: int
    last: int
    pitch: int


def notes_of(frames: Frames) -> list[Note]:
    """The melody's notes in order."""
    onsets = np.flatnonzero(frames.melody >= representation.ONSET)
    ends = np.flatnonzero(frames.melody != representation.HOLD)
    notes = []
    for first in onsets:
        after = ends[np.searchsorted(ends, first, side="right") :]
        last = int(after[0]) if len(after) else len(frames)
        notes.append(Note(int(first), last, int(frames.pitch[first])))
    return notes


def with_notes(frames: Frames, notes: list[Note]) -> Frames:
    """The song with another melody. A note ends where the next begins. Of two notes that begin in
    the same frame, the later one in the list sounds."""
    length = len(frames)
    melody = np.full(length, representation.REST, np.int64)
    pitch = np.full(length, representation.NO_PITCH, np.int64)
    for note in sorted(notes, key=lambda note: note.first):
        first, last = max(0, note.first), min(length, note.last)
        if first >= last:
            continue
        sounding = np.clip(note.pitch, 0, 127)
        melody[first:] = representation.REST
        pitch[first:] = representation.NO_PITCH
        melody[first] = representation.ONSET + sounding
        melody[first + 1 : last] = representation.HOLD
        pitch[first:last] = sounding
    return replace(frames, melody=melody, pitch=pitch)


# Each of the following functions changes a share of the notes.


def wrong_notes(notes: list[Note], share: float, random: Random) -> list[Note]:
    """Replaces notes by ones a semitone or a whole tone away: the neighbouring key was hit."""
    steps = random.choice([-2, -1, -1, 1, 1, 2], len(notes))
    chosen = random.random(len(notes)) < share
    return [
        replace(note, pitch=note.pitch + int(step)) if is_wrong else note
        for note, step, is_wrong in zip(notes, steps, chosen, strict=True)
    ]


def ornaments(notes: list[Note], share: float, random: Random) -> list[Note]:
    """Adds grace notes of one frame, a step above or below. A grace note comes in the frame before
    its note, unless another note begins there. Then it takes the note's first frame."""
    played = []
    for index, note in enumerate(notes):
        grace = note.pitch + int(random.choice([-2, -1, 1, 2]))
        if random.random() >= share:
            played.append(note)
        elif note.first > 0 and (index == 0 or notes[index - 1].first < note.first - 1):
            played += [Note(note.first - 1, note.first, grace), note]
        elif note.last - note.first > 1:
            played.append(Note(note.first, note.first + 1, grace))
            played.append(replace(note, first=note.first + 1))
        else:
            played.append(note)
    return played


def early_and_late(notes: list[Note], share: float, random: Random) -> list[Note]:
    """Moves onsets by a frame, early or late, but never past those of the neighbouring notes."""
    played: list[Note] = []
    for index, note in enumerate(notes):
        first = note.first
        if random.random() < share:
            earliest = played[-1].first + 1 if played else 0
            latest = notes[index + 1].first - 1 if index + 1 < len(notes) else note.last - 1
            shifted = first + int(random.choice([-1, 1]))
            if earliest <= shifted <= min(latest, note.last - 1):
                first = shifted
        played.append(replace(note, first=first))
    return played


def start_probability(share: float, longest: int) -> float:
    """The probability that a stretch starts at a note outside of any stretch, so that stretches
    take up this share of the notes. Their lengths are uniform from 1 to `longest` notes."""
    mean = (1 + longest) / 2
    return share / (mean * (1 - share) + share)


def pauses(notes: list[Note], share: float, random: Random) -> list[Note]:
    """Leaves out stretches of one to six notes."""
    played, missing = [], 0
    for note in notes:
        if missing == 0 and random.random() < start_probability(share, 6):
            missing = int(random.integers(1, 7))
        if missing == 0:
            played.append(note)
        missing = max(0, missing - 1)
    return played


def octave_jumps(notes: list[Note], share: float, random: Random) -> list[Note]:
    """Moves stretches of one to eight notes by an octave, up or down."""
    played, left, jump = [], 0, 0
    for note in notes:
        if left == 0 and random.random() < start_probability(share, 8):
            left, jump = int(random.integers(1, 9)), int(random.choice([-12, 12]))
        moved = note.pitch + (jump if left else 0)
        played.append(replace(note, pitch=moved if 0 <= moved <= 127 else note.pitch))
        left = max(0, left - 1)
    return played


Playing = Callable[[list[Note], float, Random], list[Note]]
PLAYINGS: dict[str, tuple[Playing, float]] = {
    "wrong notes": (wrong_notes, 0.1),
    "ornaments": (ornaments, 0.2),
    "early and late": (early_and_late, 0.3),
    "pauses": (pauses, 0.2),
    "octave jumps": (octave_jumps, 0.2),
}
"""Ways of playing, each with the share of notes that `studies.robustness` measures it at."""


def moved_from(frames: Frames, first: int, semitones: int) -> Frames:
    """The song with melody and chords transposed from a frame on. A chord that sounds across that
    frame begins again there; a note that sounds across it keeps its pitch. The result has no single
    key, so it has none as a hint."""
    after = np.arange(len(frames)) >= first
    onset = frames.melody >= representation.ONSET
    # A note that is held into the new key keeps its pitch until it ends.
    last_onset = np.maximum.accumulate(np.where(onset, np.arange(len(frames)), -1))
    moves = (last_onset >= first) & (frames.pitch != representation.NO_PITCH)
    pitch = np.where(moves, frames.pitch + semitones, frames.pitch)
    pitch = np.where(moves & (pitch > 127), pitch - 12, np.where(pitch < 0, pitch + 12, pitch))
    melody = np.where(onset, representation.ONSET + pitch, frames.melody)
    chords = after & (frames.root != NO_ROOT)
    root = np.where(chords, (frames.root + semitones) % 12, frames.root)
    chord_onset = frames.chord_onset.copy()
    if first < len(frames) and semitones % 12 and chords[first]:
        chord_onset[first] = representation.CHORD_ONSET
    return replace(frames, melody=melody, pitch=pitch, root=root, chord_onset=chord_onset, key=0)


def modulated(frames: Frames, random: Random) -> Frames:
    """The song in another key from one of its inner bar lines on; unchanged if it has none."""
    bar_lines = np.flatnonzero(frames.place == 0)
    bar_lines = bar_lines[bar_lines > 0]
    if not len(bar_lines):
        return frames
    semitones = int(random.choice([-6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5]))
    return moved_from(frames, int(random.choice(bar_lines)), semitones)


def performed(frames: Frames, random: Random) -> Frames:
    """The song as someone might play it. Each way of playing is applied with probability ½, at up
    to twice the share in PLAYINGS. With probability ¼ the song then modulates."""
    notes = notes_of(frames)
    for play, share in PLAYINGS.values():
        if random.random() < 0.5:
            notes = play(notes, random.uniform(0, 2 * share), random)
    played = with_notes(frames, notes)
    return modulated(played, random) if random.random() < 0.25 else played


def performance_augmentation(share: float) -> Change:
    """Applies performance augmentation to this share of the excerpts."""

    def perform(frames: Frames, random: Random) -> Frames:
        return performed(frames, random) if random.random() < share else frames

    return perform


def modulation(share: float) -> Change:
    """Moves this share of the excerpts to another key from some bar on."""

    def modulate(frames: Frames, random: Random) -> Frames:
        return modulated(frames, random) if random.random() < share else frames

    return modulate
