"""Figures of a network by itself: nats on held-out songs, and figures of what it plays to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext

from ..data.batches import collate, excerpt
from ..data.chord_vocabulary import ChordVocabulary
from ..data.corpus import Song
from ..data.frames import FRAMES_PER_BEAT, Frames, frames_of
from ..data.takes import Take, take_of_frames
from ..network.generate import accompany_each
from ..network.model import Accompanist
from ..training.losses import validation
from .metrics import RATIOS, counts_of

BEATS = 64
FRAMES = BEATS * FRAMES_PER_BEAT


def by_set(songs: list[Song]) -> dict[str, list[Song]]:
    """The songs by set."""
    sets: dict[str, list[Song]] = {}
    for song in songs:
        sets.setdefault(song.set, []).append(song)
    return sets


def counted(
    model: Accompanist, played: list[Frames], meant: list[Frames], seed: int = 1
) -> Counter[str]:
    """The counts, summed over songs, of what a model plays to melodies as they were played, frame
    by frame from a cold start at temperature 1. They are measured against the songs as they were
    meant."""
    counts: Counter[str] = Counter()
    for take in takes_of(model, played, meant, seed):
        counts += counts_of(take)
    return counts


def takes_of(
    model: Accompanist, played: list[Frames], meant: list[Frames], seed: int = 1
) -> Iterator[Take]:
    """The takes that `counted` counts."""
    vocabulary = ChordVocabulary(model.c.qualities)
    for song, chords in zip(meant, accompany_each(model, played, seed), strict=True):
        yield take_of_frames(vocabulary, song, chords)


FIGURES = ("note in chord", "root agreement", "onsets per 4 beats", "silence over melody",
           "pitch classes")  # fmt: skip


def figures_of(counts: Counter[str], names: Sequence[str] = FIGURES) -> dict[str, float]:
    """Figures of summed counts."""
    ratios = ((name, RATIOS[name]) for name in names)
    return {
        name: round(ratio.scale * counts[ratio.numerator] / max(1, counts[ratio.denominator]), 5)
        for name, ratio in ratios
    }


def nats_of(model: Accompanist, songs: list[Frames]) -> dict[str, float]:
    """Nats a frame of each part over the songs, in float32, and the numbers of frames and of chord
    onsets."""
    device = next(model.parameters()).device
    length = max(map(len, songs))
    groups = [songs[first : first + 16] for first in range(0, len(songs), 16)]
    batches = [collate([(song, 0) for song in group], length).to(device) for group in groups]
    parts = validation(model, batches, nullcontext)
    frames = sum(int(batch.mask.sum()) for batch in batches)
    onsets = sum(int((batch.chord_onset * batch.mask).sum()) for batch in batches)
    rounded = {name: round(value, 5) for name, value in parts.items()}
    return {**rounded, "frames": frames, "chords": onsets}


def openings_of(songs: list[Song], vocabulary: ChordVocabulary) -> list[Frames]:
    """The songs' first 64 beats."""
    return [excerpt(frames_of(song, vocabulary), 0, FRAMES) for song in songs]


def measured(model: Accompanist, sets: dict[str, list[Song]]) -> dict[str, dict]:
    """Nats and figures of each set, and of all sets together under "all"."""
    model.eval()
    vocabulary = ChordVocabulary(model.c.qualities)
    result, total, every = {}, Counter(), []
    for name, songs in sets.items():
        frames = openings_of(songs, vocabulary)
        counts = counted(model, frames, frames)
        result[name] = {"nats": nats_of(model, frames), "played": figures_of(counts)}
        total += counts
        every += frames
    result["all"] = {"nats": nats_of(model, every), "played": figures_of(total)}
    return result
