"""What is measured: frames of a song, with somebody's chords to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np

from .chord_symbols import parse
from .chord_vocabulary import ChordVocabulary
from .corpus import Song
from .frames import FRAMES_PER_BEAT, NO_PITCH, ONSET, QUALITIES, Frames, frame_of, frames_of

# Root and bass where no chord sounds, and the symbol and name of that.
NO_PITCH_CLASS = -1
SILENT = "N"
# In frames: longer than any song lasts.
LONG_AGO = 1_000_000


class Spelled(NamedTuple):
    """A symbol that was read. name: one for each chord, however it is spelled; root, bass: pitch
    class, or NO_PITCH_CLASS; tones: its pitch classes, that of the bass included."""

    name: str
    root: int
    bass: int
    tones: frozenset[int]


@cache
def spelled(symbol: str) -> Spelled:
    chord = parse(symbol)
    if chord.root is None:
        return Spelled(SILENT, NO_PITCH_CLASS, NO_PITCH_CLASS, frozenset())
    bass = chord.bass or 0
    tones = frozenset((chord.root + interval) % 12 for interval in chord.intervals | {bass})
    name = f"{chord.root}:{chord.quality}/{bass}"
    return Spelled(name, chord.root, (chord.root + bass) % 12, tones)


@dataclass(frozen=True)
class Harmony:
    """A chord a frame. names: one for each chord, however it was spelled; root, bass: pitch class,
    or NO_PITCH_CLASS; tones: (F, 12), which pitch classes it has; before: the name of the chord in
    the frame before the first."""

    names: np.ndarray
    root: np.ndarray
    bass: np.ndarray
    tones: np.ndarray
    before: str = SILENT

    @cached_property
    def sounds(self) -> np.ndarray:
        return self.root != NO_PITCH_CLASS

    @cached_property
    def names_before(self) -> np.ndarray:
        """Of each frame the chord in the one before."""
        return np.concatenate([[self.before], self.names])[: len(self.names)]

    @cached_property
    def begins(self) -> np.ndarray:
        """A chord begins: another than in the frame before, or after none."""
        return self.sounds & (self.names != self.names_before)

    @cached_property
    def changes(self) -> np.ndarray:
        """A chord gives way to another. What begins after silence is no change."""
        return self.begins & (self.names_before != SILENT)


def harmony_of(symbols: list[str], before: str = SILENT) -> Harmony:
    """before: the symbol in the frame before the first."""
    chords = [spelled(symbol) for symbol in symbols]
    tones = np.zeros((len(chords), 12), bool)
    for frame, chord in enumerate(chords):
        tones[frame, list(chord.tones)] = True
    return Harmony(
        np.array([chord.name for chord in chords], dtype=object),
        np.array([chord.root for chord in chords], np.int64),
        np.array([chord.bass for chord in chords], np.int64),
        tones,
        spelled(before).name,
    )


class Before(NamedTuple):
    """What frames of a song follow: the symbols in the frame before, the accompanist's and the
    human's, and how many frames before the first of them the melody's latest note began."""

    chord: str = SILENT
    human: str = SILENT
    since_onset: int = LONG_AGO


@dataclass(frozen=True)
class Take:
    """Frames of one song with chords: an accompanist's, and the human's to compare them with.

    bar: frames a bar has; first: which of the song's frames comes first here; pitch: what the
    melody sounds, frame by frame (NO_PITCH: nothing); onset: whether a note begins; chords and
    human: a symbol a frame; before: what comes before them, so that what is held at the first frame
    does not seem to begin there.
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
        return harmony_of(self.chords, self.before.chord)

    @cached_property
    def reference(self) -> Harmony:
        return harmony_of(self.human, self.before.human)

    @cached_property
    def place(self) -> np.ndarray:
        """Frames since the bar line."""
        return (self.first + np.arange(len(self))) % self.bar

    @cached_property
    def since_onset(self) -> np.ndarray:
        """Frames since the melody's latest note began: 0 where one does."""
        frames = np.arange(len(self))
        before = -self.before.since_onset
        return frames - np.maximum.accumulate(np.where(self.onset, frames, before))

    @cached_property
    def melody(self) -> np.ndarray:
        """Whether the melody sounds."""
        return self.pitch != NO_PITCH

    @cached_property
    def both(self) -> np.ndarray:
        """Whether melody and chord sound."""
        return self.melody & self.harmony.sounds

    @cached_property
    def in_chord(self) -> np.ndarray:
        """Whether both sound, and the melody's pitch class is in the chord."""
        return self.both & self.harmony.tones[np.arange(len(self)), self.pitch % 12]

    def played(self, chords: list[str], before: str = SILENT) -> Take:
        """The same frames with other chords. before: the one in the frame before."""
        return replace(self, chords=chords, before=self.before._replace(chord=before))

    def by_human(self) -> Take:
        return self.played(self.human, self.before.human)

    def since(self, frame: int) -> Take:
        """What comes from a frame of the song on."""
        cut = min(frame - self.first, len(self))
        if cut <= 0:
            return self
        parts = {name: getattr(self, name)[cut:] for name in ("pitch", "onset", "chords", "human")}
        since_onset = int(self.since_onset[cut - 1]) + 1
        before = Before(self.chords[cut - 1], self.human[cut - 1], since_onset)
        return replace(self, first=frame, before=before, **parts)


def human_chords(song: Song, frames: int) -> list[str]:
    """The song's own symbols, one a frame."""
    chords = [SILENT] * frames
    for on, length, symbol in song.chords:
        for frame in range(frame_of(on), min(frame_of(on + length), frames)):
            chords[frame] = symbol
    return chords


VOCABULARY = ChordVocabulary(QUALITIES)


def take_of(song: Song, beats: int | None = None) -> Take:
    """The song's first beats, or all of it, with the human's chords."""
    frames = frames_of(song, VOCABULARY)
    length = len(frames) if beats is None else min(len(frames), beats * FRAMES_PER_BEAT)
    human = human_chords(song, length)
    numerator, denominator = song.meter
    bar = max(1, round(4 * FRAMES_PER_BEAT * numerator / denominator))
    onset = frames.melody[:length] >= ONSET
    return Take(song.id, song.set, bar, 0, frames.pitch[:length], onset, human, human)


def symbols_of(vocabulary: ChordVocabulary, spelled: np.ndarray) -> list[str]:
    """spelled: (T, 3) root, quality, bass; a symbol a frame."""
    return [vocabulary.symbol(*map(int, chord)) for chord in spelled]


def take_of_frames(vocabulary: ChordVocabulary, song: Frames, played: np.ndarray) -> Take:
    """An excerpt with other chords. played: (at least T, 3) root, quality, bass, over the song's T
    frames."""
    bar = int(song.place[0] + song.left[0]) + 1
    onset = song.melody >= ONSET
    human = symbols_of(vocabulary, np.stack([song.root, song.quality, song.bass], -1))
    symbols = symbols_of(vocabulary, played[: len(song)])
    return Take("", "", bar, 0, song.pitch, onset, symbols, human)
