"""Melodies as people play them: wrong notes, ornaments, onsets early and late, pauses, jumps of an
octave, and another key from some bar on.

What is made of a song keeps its chords: the person's harmony is what it was meant to be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from . import frames as representation
from .batches import Change
from .frames import Frames

Random = np.random.Generator


@dataclass(frozen=True)
class Note:
    """A note that sounds in frames first … last − 1."""

    first: int
    last: int
    pitch: int


def notes_of(frames: Frames) -> list[Note]:
    """The melody's notes, one after the other."""
    onsets = np.flatnonzero(frames.melody >= representation.ONSET)
    ends = np.flatnonzero(frames.melody != representation.HOLD)
    notes = []
    for first in onsets:
        after = ends[np.searchsorted(ends, first, side="right") :]
        last = int(after[0]) if len(after) else len(frames)
        notes.append(Note(int(first), last, int(frames.pitch[first])))
    return notes


def with_notes(frames: Frames, notes: list[Note]) -> Frames:
    """The song with another melody: a note ends where the next begins, and of two that begin at
    once the later in the list is heard."""
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


# Each of these makes notes of notes; share: of the notes that it changes.


def wrong_notes(notes: list[Note], share: float, random: Random) -> list[Note]:
    """A semitone off, or a whole tone: the key beside the one that was meant."""
    steps = random.choice([-2, -1, -1, 1, 1, 2], len(notes))
    chosen = random.random(len(notes)) < share
    return [
        replace(note, pitch=note.pitch + int(step)) if is_wrong else note
        for note, step, is_wrong in zip(notes, steps, chosen, strict=True)
    ]


def ornaments(notes: list[Note], share: float, random: Random) -> list[Note]:
    """A grace note of one frame from a step above or below: before the note where nothing new
    sounds there, and else on the beat, which the note then gives up."""
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
    """Onsets a frame early or late, never past those of the neighbours."""
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


def begins(share: float, longest: int) -> float:
    """How probable it is that a stretch begins at a note that is in none, where stretches of 1 to
    `longest` notes, each length as often, are to take up this share of the notes."""
    mean = (1 + longest) / 2
    return share / (mean * (1 - share) + share)


def pauses(notes: list[Note], share: float, random: Random) -> list[Note]:
    """Stretches of one to six notes that are not played."""
    played, missing = [], 0
    for note in notes:
        if missing == 0 and random.random() < begins(share, 6):
            missing = int(random.integers(1, 7))
        if missing == 0:
            played.append(note)
        missing = max(0, missing - 1)
    return played


def octave_jumps(notes: list[Note], share: float, random: Random) -> list[Note]:
    """Stretches of one to eight notes an octave higher or lower."""
    played, left, jump = [], 0, 0
    for note in notes:
        if left == 0 and random.random() < begins(share, 8):
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
"""Ways of playing, with the share of notes that they are measured at."""


def moved_from(frames: Frames, first: int, semitones: int) -> Frames:
    """The song with melody and chords moved from a frame on. A chord that sounds across it is
    struck there anew, a note goes on as what it was. It has no one key any more: none is told."""
    after = np.arange(len(frames)) >= first
    onset = frames.melody >= representation.ONSET
    # A note that is held into the new key keeps its pitch to its end.
    last_onset = np.maximum.accumulate(np.where(onset, np.arange(len(frames)), -1))
    moves = (last_onset >= first) & (frames.pitch != representation.NO_PITCH)
    pitch = np.where(moves, frames.pitch + semitones, frames.pitch)
    pitch = np.where(moves & (pitch > 127), pitch - 12, np.where(pitch < 0, pitch + 12, pitch))
    melody = np.where(onset, representation.ONSET + pitch, frames.melody)
    chords = after & (frames.root != representation.NO_ROOT)
    root = np.where(chords, (frames.root + semitones) % 12, frames.root)
    strike = frames.strike.copy()
    if first < len(frames) and semitones % 12 and chords[first]:
        strike[first] = representation.CHORD_STRIKE
    return replace(frames, melody=melody, pitch=pitch, root=root, strike=strike, key=0)


def modulated(frames: Frames, random: Random) -> Frames:
    """The song in another key from one of its inner bar lines on; as it is if it has none."""
    bar_lines = np.flatnonzero(frames.place == 0)
    bar_lines = bar_lines[bar_lines > 0]
    if not len(bar_lines):
        return frames
    semitones = int(random.choice([-6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5]))
    return moved_from(frames, int(random.choice(bar_lines)), semitones)


def performed(frames: Frames, random: Random) -> Frames:
    """The song as someone might play it: each way of playing half of the time, at up to twice the
    share that it is measured at; every fourth time in another key from some bar on."""
    notes = notes_of(frames)
    for play, share in PLAYINGS.values():
        if random.random() < 0.5:
            notes = play(notes, random.uniform(0, 2 * share), random)
    played = with_notes(frames, notes)
    return modulated(played, random) if random.random() < 0.25 else played


def performing(share: float) -> Change:
    """Has this share of the excerpts performed."""

    def perform(frames: Frames, random: Random) -> Frames:
        return performed(frames, random) if random.random() < share else frames

    return perform


def modulating(share: float) -> Change:
    """Has this share of the excerpts go to another key from some bar on."""

    def modulate(frames: Frames, random: Random) -> Frames:
        return modulated(frames, random) if random.random() < share else frames

    return modulate
