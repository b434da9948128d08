"""Songs as frames: four frames a beat, with one melody event and one chord event each.

`Sources/Shared/Transformer` has the same representation. Tests/Fixtures/frames.json, which the
tests of both sides read, keeps the two equal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .chord_vocabulary import NO_CHORD, ChordVocabulary
from .corpus import Song
from .hints import key_of, style_of

FRAMES_PER_BEAT = 4
# Melody events, as the network predicts them: rest, hold, then the onsets of 128 pitches.
REST, HOLD, ONSET = 0, 1, 2
MELODY_EVENTS = 2 + 128
# Melody kinds, as the network reads them. Onset and hold go with a pitch.
KIND_REST, KIND_ONSET, KIND_HOLD, KIND_START = range(4)
NO_PITCH = 128
# Chord kinds, as the network reads them: the chord goes on, a chord begins, the piece has not
# begun.
CHORD_HOLD, CHORD_ONSET, CHORD_START = range(3)
# The longest bar whose places are distinguished, in frames. Later places count as the last one.
LONGEST_BAR = 64
BARS_PER_PHRASE = 8
# The chord qualities that the network knows, the most common first. Others become the nearest one.
QUALITIES = (
    "", "m", "7", "m7", "maj7", "m7b5", "dim7", "dim", "sus2", "6", "sus4", "7b9", "9", "m6",
    "7#5", "aug", "m9", "13", "7b5", "7#9", "7#5b9", "7sus4", "maj9", "m11", "7#5#9", "69", "9#11",
    "maj7#5", "mMaj7", "7#11", "9sus4", "13b9", "maj7#11", "9#5", "5", "13sus4",
)  # fmt: skip


def frame_of(beats: float) -> int:
    """The frame nearest to a time in beats; of two equally near ones, the later."""
    return math.floor(beats * FRAMES_PER_BEAT + 0.5)


def melody_kinds(melody: np.ndarray) -> np.ndarray:
    """The melody kinds of melody events."""
    return np.select([melody >= ONSET, melody == HOLD], [KIND_ONSET, KIND_HOLD], KIND_REST)


@dataclass
class Frames:
    """A song's frames. Every array has one element for each frame.

    melody: the event: rest, hold, or the onset of a pitch. pitch: what sounds; 128 for silence.
    chord_onset: 1 if a chord begins, else 0. root, quality, bass: the tokens of the sounding chord.
    place: frames since the bar line. left: frames to the next one. bar: bars since the first.
    compound: whether the bar divides into dotted beats (3/8, 6/8, 9/8, 12/8, 6/16).
    style, key: numbers as in hints.style_of and hints.key_of. hints: those of hints.HINTS that the
    network is given.
    """

    melody: np.ndarray
    pitch: np.ndarray
    chord_onset: np.ndarray
    root: np.ndarray
    quality: np.ndarray
    bass: np.ndarray
    place: np.ndarray
    left: np.ndarray
    bar: np.ndarray
    compound: bool
    style: int = 0
    key: int = 0
    hints: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.melody)


def metrical_places(
    meter: tuple[int, int], length: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """place, left, bar and compound as in Frames. place and left are at most LONGEST_BAR − 1."""
    numerator, denominator = meter
    bar_length = max(1, round(4 * FRAMES_PER_BEAT * numerator / denominator))
    frames = np.arange(length)
    place = frames % bar_length
    return (
        np.minimum(place, LONGEST_BAR - 1),
        np.minimum(bar_length - 1 - place, LONGEST_BAR - 1),
        frames // bar_length,
        is_compound(meter),
    )


def is_compound(meter: tuple[int, int]) -> bool:
    """Whether the bar divides into dotted beats: in 3/8, 6/8, 9/8, 12/8, 6/16."""
    numerator, denominator = meter
    return denominator >= 8 and numerator % 3 == 0


def beat_length(compound: bool) -> int:
    """The frames of the meter's beat: a quarter note, or a dotted one in compound meters."""
    return 6 if compound else 4


def is_beat(place: int | np.ndarray, compound: bool) -> bool | np.ndarray:
    """Whether a beat of the meter begins at a place, or at each of several. place: frames since the
    bar line."""
    return place % beat_length(compound) == 0


def frames_of(song: Song, vocabulary: ChordVocabulary) -> Frames:
    """Converts a song to frames. A note lasts at least one frame and ends where the next begins."""
    notes = []
    for on, duration, note in sorted(song.melody):
        notes.append((frame_of(on), max(frame_of(on + duration), frame_of(on) + 1), note))
    chords = [(frame_of(on), frame_of(on + duration), name) for on, duration, name in song.chords]
    length = max([1, *(last for _, last, _ in [*notes, *chords])])
    melody = np.full(length, REST, np.int64)
    pitch = np.full(length, NO_PITCH, np.int64)
    for first, last, note in notes:
        melody[first:] = REST
        pitch[first:] = NO_PITCH
        melody[first] = ONSET + note
        melody[first + 1 : last] = HOLD
        pitch[first:last] = note
    tokens = np.tile(np.array(NO_CHORD), (length, 1))
    for first, last, symbol in chords:
        tokens[first:last] = vocabulary.tokens(symbol)
    # A chord begins where it differs from the frame before. The song begins with no chord.
    before = np.vstack([[NO_CHORD], tokens[:-1]])
    chord_onset = (tokens != before).any(axis=1).astype(np.int64)
    places = metrical_places(song.meter, length)
    hints = style_of(song.set), key_of(song.key)
    return Frames(melody, pitch, chord_onset, *tokens.T, *places, *hints)
