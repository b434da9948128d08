"""Takes: frames of a song with somebody's chords. All figures are measured on takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np

from .chord_symbols import parse
from .chord_vocabulary import ChordVocabulary
from .corpus import Song
from .frames import FRAMES_PER_BEAT, NO_PITCH, ONSET, QUALITIES, Frames, frame_of, frames_of

# Root and bass where no chord sounds, and the symbol and the name of no chord.
NO_PITCH_CLASS = -1
SILENT = "N"
# Frames, more than any song has.
LONG_AGO = 1_000_000


class ParsedSymbol(NamedTuple):
    """A parsed chord symbol. name: the same for all symbols of a chord. root, bass: pitch class, or
    NO_PITCH_CLASS. tones: its pitch classes, the bass included."""

    name: str
    root: int
    bass: int
    tones: frozenset[int]


@cache
def parsed(symbol: str) -> ParsedSymbol:
    """Parses a chord symbol."""
    chord = parse(symbol)
    if chord.root is None:
        return ParsedSymbol(SILENT, NO_PITCH_CLASS, NO_PITCH_CLASS, frozenset())
    bass = chord.bass or 0
    tones = frozenset((chord.root + interval) % 12 for interval in chord.intervals | {bass})
    name = f"{chord.root}:{chord.quality}/{bass}"
    return ParsedSymbol(name, chord.root, (chord.root + bass) % 12, tones)


@dataclass(frozen=True)
class Harmony:
    """The chords of F frames. names: the name of each frame's chord, as in ParsedSymbol. root,
    bass: pitch classes, or NO_PITCH_CLASS. tones: (F, 12), the pitch classes of each chord. before:
    the name of the chord in the frame before the first."""

    names: np.ndarray
    root: np.ndarray
    bass: np.ndarray
    tones: np.ndarray
    before: str = SILENT

    @cached_property
    def sounds(self) -> np.ndarray:
        """Whether a chord sounds, by frame."""
        return self.root != NO_PITCH_CLASS

    @cached_property
    def names_before(self) -> np.ndarray:
        """The name of the chord one frame earlier, by frame."""
        return np.concatenate([[self.before], self.names])[: len(self.names)]

    @cached_property
    def begins(self) -> np.ndarray:
        """Whether a chord begins: a chord that was not in the frame before."""
        return self.sounds & (self.names != self.names_before)

    @cached_property
    def changes(self) -> np.ndarray:
        """Whether a chord replaces another. A chord after silence is not a change."""
        return self.begins & (self.names_before != SILENT)


def harmony_of(symbols: list[str], before: str = SILENT) -> Harmony:
    """The chords of these symbols, one a frame. before: the symbol in the frame before the
    first."""
    chords = [parsed(symbol) for symbol in symbols]
    tones = np.zeros((len(chords), 12), bool)
    for frame, chord in enumerate(chords):
        tones[frame, list(chord.tones)] = True
    return Harmony(
        np.array([chord.name for chord in chords], dtype=object),
        np.array([chord.root for chord in chords], np.int64),
        np.array([chord.bass for chord in chords], np.int64),
        tones,
        parsed(before).name,
    )


class Before(NamedTuple):
    """What precedes a take: the accompanist's and the human's symbol in the frame before it, and
    how many frames before its first one the melody's latest note began."""

    chord: str = SILENT
    human: str = SILENT
    since_onset: int = LONG_AGO


@dataclass(frozen=True)
class Take:
    """Frames of one song with an accompanist's chords, and the human's to compare them with.

    bar: frames in a bar. first: the number of the take's first frame in the song. pitch: the
    melody's pitch by frame, or NO_PITCH. onset: whether a note begins. chords, human: a symbol for
    each frame. before: what precedes the take, so that a chord that is held at its first frame is
    not counted as beginning there.
    """

    song: str
    set: str
    bar: int
    first: int
    pitch: np.ndarray
    onset: np.ndarray
    chords: list[str]
    human: list[str]
    before: Before = Before()

    def __post_init__(self) -> None:
        lengths = {len(part) for part in (self.pitch, self.onset, self.chords, self.human)}
        if len(lengths) != 1:
            raise ValueError(f"{self.song}: expected parts of one length, found {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.chords)

    @cached_property
    def harmony(self) -> Harmony:
        """The accompanist's chords."""
        return harmony_of(self.chords, self.before.chord)

    @cached_property
    def reference(self) -> Harmony:
        """The human's chords."""
        return harmony_of(self.human, self.before.human)

    @cached_property
    def place(self) -> np.ndarray:
        """Frames since the bar line, by frame."""
        return (self.first + np.arange(len(self))) % self.bar

    @cached_property
    def since_onset(self) -> np.ndarray:
        """Frames since the melody's latest onset, by frame: 0 at an onset."""
        frames = np.arange(len(self))
        before = -self.before.since_onset
        return frames - np.maximum.accumulate(np.where(self.onset, frames, before))

    @cached_property
    def melody(self) -> np.ndarray:
        """Whether the melody sounds, by frame."""
        return self.pitch != NO_PITCH

    @cached_property
    def both(self) -> np.ndarray:
        """Whether both melody and chord sound, by frame."""
        return self.melody & self.harmony.sounds

    @cached_property
    def in_chord(self) -> np.ndarray:
        """Whether both sound and the melody's pitch class is in the chord, by frame."""
        return self.both & self.harmony.tones[np.arange(len(self)), self.pitch % 12]

    def played(self, chords: list[str], before: str = SILENT) -> Take:
        """The same frames with other chords. before: the symbol in the frame before."""
        return replace(self, chords=chords, before=self.before._replace(chord=before))

    def by_human(self) -> Take:
        """The same frames with the human's chords."""
        return self.played(self.human, self.before.human)

    def since(self, frame: int) -> Take:
        """The part of the take from a frame of the song on."""
        cut = min(frame - self.first, len(self))
        if cut <= 0:
            return self
        parts = {name: getattr(self, name)[cut:] for name in ("pitch", "onset", "chords", "human")}
        since_onset = int(self.since_onset[cut - 1]) + 1
        before = Before(self.chords[cut - 1], self.human[cut - 1], since_onset)
        return replace(self, first=frame, before=before, **parts)


def human_chords(song: Song, frames: int) -> list[str]:
    """The song's own chord symbols, one for each frame."""
    chords = [SILENT] * frames
    for on, length, symbol in song.chords:
        for frame in range(frame_of(on), min(frame_of(on + length), frames)):
            chords[frame] = symbol
    return chords


VOCABULARY = ChordVocabulary(QUALITIES)


def take_of(song: Song, beats: int | None = None) -> Take:
    """The song, or its first beats, with the human's chords."""
    frames = frames_of(song, VOCABULARY)
    length = len(frames) if beats is None else min(len(frames), beats * FRAMES_PER_BEAT)
    human = human_chords(song, length)
    numerator, denominator = song.meter
    bar = max(1, round(4 * FRAMES_PER_BEAT * numerator / denominator))
    onset = frames.melody[:length] >= ONSET
    return Take(song.id, song.set, bar, 0, frames.pitch[:length], onset, human, human)


def symbols_of(vocabulary: ChordVocabulary, tokens: np.ndarray) -> list[str]:
    """The chord symbol of each frame. tokens: (T, 3), root, quality and bass."""
    return [vocabulary.symbol(*map(int, chord)) for chord in tokens]


def take_of_frames(vocabulary: ChordVocabulary, song: Frames, played: np.ndarray) -> Take:
    """A take of an excerpt of T frames. played: (T or more, 3), the accompanist's root, quality and
    bass."""
    bar = int(song.place[0] + song.left[0]) + 1
    onset = song.melody >= ONSET
    human = symbols_of(vocabulary, np.stack([song.root, song.quality, song.bass], -1))
    symbols = symbols_of(vocabulary, played[: len(song)])
    return Take("", "", bar, 0, song.pitch, onset, symbols, human)
