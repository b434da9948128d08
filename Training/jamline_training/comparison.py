"""What small models are compared by: nats on held-out songs, and what they play to them."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np

from .batches import collate, excerpt
from .chords import ChordVocabulary
from .corpus import Song
from .frames import FRAMES_PER_BEAT, Frames, frames_of
from .generate import accompany
from .metrics import Tally, tally
from .model import Accompanist
from .pretrain import validation

BEATS = 64
FRAMES = BEATS * FRAMES_PER_BEAT


def every(songs: list[Song], count: int) -> list[Song]:
    """At most `count` songs, spread over the list: always the same ones."""
    count = min(count, len(songs))
    return [songs[i * len(songs) // count] for i in range(count)]


def by_set(songs: list[Song]) -> dict[str, list[Song]]:
    sets: dict[str, list[Song]] = {}
    for song in songs:
        sets.setdefault(song.set, []).append(song)
    return sets


def symbols_of(vocabulary: ChordVocabulary, spelled: np.ndarray) -> list[str]:
    """spelled: (T, 3) root, quality, bass; a symbol a frame."""
    return [vocabulary.symbol(*map(int, chord)) for chord in spelled]


def tally_of(vocabulary: ChordVocabulary, song: Frames, played: np.ndarray) -> Tally:
    """played: (at least T, 3) root, quality, bass, over the song's T frames."""
    human = symbols_of(vocabulary, np.stack([song.root, song.quality, song.bass], -1))
    return tally(song.pitch, symbols_of(vocabulary, played[: len(song)]), human)


def tallies_of(
    model: Accompanist, heard: list[Frames], meant: list[Frames], seed: int = 1
) -> list[Tally]:
    """A tally a song of what the model plays to what it hears, frame by frame from a cold start, at
    temperature 1 with one hypothesis; measured against what was meant, frame for frame."""
    device = next(model.parameters()).device
    vocabulary = ChordVocabulary(model.c.qualities)
    tallies = []
    for first in range(0, len(heard), 64):
        part = slice(first, first + 64)
        chords = accompany(model, heard[part], 1.0, seed * 1000 + first, device)
        tallies += [tally_of(vocabulary, *pair) for pair in zip(meant[part], chords, strict=True)]
    return tallies


def figures_of(t: Tally) -> dict[str, float]:
    names = ("note_in_chord", "root_agreement", "changes_per_four_beats", "silence_over_melody",
             "pitch_classes_per_chord")  # fmt: skip
    return {name: round(getattr(t, name), 5) for name in names}


def nats_of(model: Accompanist, songs: list[Frames]) -> dict[str, float]:
    """Nats a frame of each part over the songs, in float32; and how many frames and struck chords
    these are."""
    device = next(model.parameters()).device
    length = max(map(len, songs))
    groups = [songs[first : first + 16] for first in range(0, len(songs), 16)]
    batches = [collate([(song, 0) for song in group], length).to(device) for group in groups]
    parts = validation(model, batches, nullcontext)
    frames = sum(int(batch.mask.sum()) for batch in batches)
    struck = sum(int((batch.strike * batch.mask).sum()) for batch in batches)
    rounded = {name: round(value, 5) for name, value in parts.items()}
    return {**rounded, "frames": frames, "chords": struck}


def openings_of(songs: list[Song], vocabulary: ChordVocabulary) -> list[Frames]:
    """The songs' first 64 beats."""
    return [excerpt(frames_of(song, vocabulary), 0, FRAMES) for song in songs]


def measured(model: Accompanist, sets: dict[str, list[Song]]) -> dict[str, dict]:
    """Nats and figures of every set, and of all of them together under "all"."""
    model.eval()
    vocabulary = ChordVocabulary(model.c.qualities)
    result, total, heard = {}, Tally(), []
    for name, songs in sets.items():
        frames = openings_of(songs, vocabulary)
        t = sum(tallies_of(model, frames, frames), Tally())
        result[name] = {"nats": nats_of(model, frames), "played": figures_of(t)}
        total += t
        heard += frames
    result["all"] = {"nats": nats_of(model, heard), "played": figures_of(total)}
    return result
