"""Measures how models cope with melodies as people play them, against the songs as they were
meant."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

from ..data.augmentation import PLAYINGS, Playing, moved_from, notes_of, with_notes
from ..data.chord_vocabulary import ChordVocabulary
from ..data.corpus import Song, evenly, read_split
from ..data.frames import FRAMES_PER_BEAT, Frames
from ..errors import reported
from ..evaluation.comparison import counted, figures_of, nats_of, openings_of
from ..evaluation.table import heading, line
from ..network.model import Accompanist
from .ablation_table import CHORD_PARTS, PLAYED
from .ablations import add_model_options, models_of

MOVE_BEATS = 16


@dataclass(frozen=True)
class Rendition:
    """A song as it was played, and as it was meant: with the same chords and the true melody."""

    played: Frames
    meant: Frames


def clean(song: Frames, random: np.random.Generator) -> Rendition:
    """The song as it is."""
    return Rendition(song, song)


def with_playing(
    song: Frames, random: np.random.Generator, play: Playing, share: float
) -> Rendition:
    """One way of playing."""
    return Rendition(with_notes(song, play(notes_of(song), share, random)), song)


def all_at_once(song: Frames, random: np.random.Generator) -> Rendition:
    """All ways of playing together, each at half of its share."""
    notes = notes_of(song)
    for play, share in PLAYINGS.values():
        notes = play(notes, share / 2, random)
    return Rendition(with_notes(song, notes), song)


def another_key(song: Frames, random: np.random.Generator) -> Rendition:
    """Melody and chords transposed by 1 to 6 semitones from the first bar line after 16 beats
    on."""
    bar_lines = np.flatnonzero(song.place == 0)
    after = bar_lines[bar_lines >= MOVE_BEATS * FRAMES_PER_BEAT]
    semitones = int(random.choice([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6]))
    moved = moved_from(song, int(after[0]), semitones) if len(after) else song
    return Rendition(moved, moved)


RENDITIONS = {
    "clean": clean,
    **{
        f"{name} ({share:.0%})": partial(with_playing, play=play, share=share)
        for name, (play, share) in PLAYINGS.items()
    },
    "all of these at half": all_at_once,
    "another key after 16 beats": another_key,
}


def renditions(
    songs: list[Song], vocabulary: ChordVocabulary, condition: str, seed: int
) -> list[Rendition]:
    """The songs' first 64 beats as played under a condition."""
    return [
        RENDITIONS[condition](song, np.random.default_rng((seed, number)))
        for number, song in enumerate(openings_of(songs, vocabulary))
    ]


def measure(model: Accompanist, renditions: list[Rendition]) -> tuple[float, dict[str, float]]:
    """Nats a frame of the person's chords, given the chords before and the melody as played; and
    figures of the model's own chords from a cold start, against the songs as meant."""
    played = [rendition.played for rendition in renditions]
    meant = [rendition.meant for rendition in renditions]
    nats = nats_of(model, played)
    return sum(nats[name] for name in CHORD_PARTS), figures_of(counted(model, played, meant))


COLUMNS = ("condition", "model", "chord nats", *PLAYED)


def compare(options: argparse.Namespace) -> None:
    """Prints a row for each condition and model."""
    songs = evenly(read_split(options.corpus, options.split), options.songs)
    models = models_of(options)
    print(heading(COLUMNS))
    for condition in RENDITIONS:
        for name, model in models.items():
            vocabulary = ChordVocabulary(model.c.qualities)
            played = renditions(songs, vocabulary, condition, options.seed)
            nats, figures = measure(model, played)
            cells = [f"{nats:.3f}", *(f"{figures[column]:.3f}" for column in COLUMNS[3:])]
            print(line([condition, name, *cells]), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--split", default="valid")
    parser.add_argument("--songs", type=int, help="only so many, evenly spaced in the split")
    parser.add_argument("--seed", type=int, default=1, help="seed of how the songs are played")
    add_model_options(parser)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with reported("robustness", "measure the models"):
        compare(options)


if __name__ == "__main__":
    main()
