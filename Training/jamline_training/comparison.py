"""What small models are compared by: nats on held-out songs, and what they play to them."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import torch

from .batches import excerpt
from .chords import ChordVocabulary
from .corpus import Song
from .frames import FRAMES_PER_BEAT, Frames, frames_of
from .generate import accompany
from .metrics import Tally, tally
from .model import Accompanist
from .pretrain import openings, validation

BEATS = 64
FRAMES = BEATS * FRAMES_PER_BEAT


def every(songs: list[Song], count: int) -> list[Song]:
    """At most `count` songs, spread over the list: always the same ones."""
    return [songs[i * len(songs) // count] for i in range(min(count, len(songs)))]


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


def played(
    model: Accompanist, songs: list[Song], vocabulary: ChordVocabulary, seed: int = 1
) -> list[Tally]:
    """A tally a song of what the model plays to its first 64 beats, frame by frame from a cold
    start, at temperature 1 with one hypothesis."""
    device = next(model.parameters()).device
    openings = [excerpt(frames_of(song, vocabulary), 0, FRAMES) for song in songs]
    tallies = []
    for first in range(0, len(openings), 64):
        part = openings[first : first + 64]
        chords = accompany(model, part, 1.0, seed * 1000 + first, device)
        tallies += [tally_of(vocabulary, *pair) for pair in zip(part, chords, strict=True)]
    return tallies


def figures_of(t: Tally) -> dict[str, float]:
    names = ("note_in_chord", "root_agreement", "changes_per_four_beats", "silence_over_melody",
             "pitch_classes_per_chord")  # fmt: skip
    return {name: round(getattr(t, name), 5) for name in names}


def nats(model: Accompanist, songs: list[Song], vocabulary: ChordVocabulary) -> dict[str, float]:
    """Nats a frame of each part over the songs' first 64 beats, in float32; and how many frames
    and struck chords these are."""
    device = next(model.parameters()).device
    batches = [batch.to(device) for batch in openings(songs, vocabulary, FRAMES)]
    struck = sum(int((batch.strike * batch.mask).sum()) for batch in batches)
    frames = sum(int(batch.mask.sum()) for batch in batches)
    parts = validation(model, batches, nullcontext)
    return {**{name: round(value, 5) for name, value in parts.items()},
            "frames": frames, "chords": struck}  # fmt: skip


@torch.no_grad()
def measured(model: Accompanist, sets: dict[str, list[Song]]) -> dict[str, dict]:
    """Nats and figures of every set, and of all of them together under "all"."""
    model.eval()
    vocabulary = ChordVocabulary(model.c.qualities)
    result = {}
    total = Tally()
    for name, songs in sets.items():
        t = sum(played(model, songs, vocabulary), Tally())
        total += t
        result[name] = {"nats": nats(model, songs, vocabulary), "played": figures_of(t)}
    songs = [song for part in sets.values() for song in part]
    result["all"] = {"nats": nats(model, songs, vocabulary), "played": figures_of(total)}
    return result
