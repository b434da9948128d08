"""How models keep up with melodies as people play them: measured against what was meant."""

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
class Performance:
    """A song as it was played, and as it was meant: the same chords, the true melody."""

    played: Frames
    meant: Frames


def clean(song: Frames, random: np.random.Generator) -> Performance:
    return Performance(song, song)


def with_playing(
    song: Frames, random: np.random.Generator, play: Playing, share: float
) -> Performance:
    return Performance(with_notes(song, play(notes_of(song), share, random)), song)


def all_at_once(song: Frames, random: np.random.Generator) -> Performance:
    """Every way of playing, each at half of the share that it is measured at alone."""
    notes = notes_of(song)
    for play, share in PLAYINGS.values():
        notes = play(notes, share / 2, random)
    return Performance(with_notes(song, notes), song)


def another_key(song: Frames, random: np.random.Generator) -> Performance:
    """Melody and chords moved by 1 to 6 semitones from the first bar line after 16 beats on."""
    bar_lines = np.flatnonzero(song.place == 0)
    after = bar_lines[bar_lines >= MOVE_BEATS * FRAMES_PER_BEAT]
    semitones = int(random.choice([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6]))
    moved = moved_from(song, int(after[0]), semitones) if len(after) else song
    return Performance(moved, moved)


PERFORMERS = {
    "clean": clean,
    **{
        f"{name} ({share:.0%})": partial(with_playing, play=play, share=share)
        for name, (play, share) in PLAYINGS.items()
    },
    "all of these at half": all_at_once,
    "another key after 16 beats": another_key,
}


def performances(
    songs: list[Song], vocabulary: ChordVocabulary, condition: str, seed: int
) -> list[Performance]:
    """The songs' first 64 beats, played under a condition."""
    return [
        PERFORMERS[condition](song, np.random.default_rng((seed, number)))
        for number, song in enumerate(openings_of(songs, vocabulary))
    ]


def measure(model: Accompanist, performances: list[Performance]) -> tuple[float, dict[str, float]]:
    """Nats a frame of the person's chords, given those before and what was played; and figures of
    the model's own chords, played from a cold start, against what was meant."""
    heard = [performance.played for performance in performances]
    meant = [performance.meant for performance in performances]
    nats = nats_of(model, heard)
    return sum(nats[name] for name in CHORD_PARTS), figures_of(counted(model, heard, meant))


COLUMNS = ("condition", "model", "chord nats", *PLAYED)


def compare(options: argparse.Namespace) -> None:
    """Prints a row for each condition and model."""
    songs = evenly(read_split(options.corpus, options.split), options.songs)
    models = models_of(options)
    print(heading(COLUMNS))
    for condition in PERFORMERS:
        for name, model in models.items():
            vocabulary = ChordVocabulary(model.c.qualities)
            played = performances(songs, vocabulary, condition, options.seed)
            nats, figures = measure(model, played)
            cells = [f"{nats:.3f}", *(f"{figures[column]:.3f}" for column in COLUMNS[3:])]
            print(line([condition, name, *cells]), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--split", default="valid")
    parser.add_argument("--songs", type=int, help="only so many, spread over the split")
    parser.add_argument("--seed", type=int, default=1, help="of how the songs are played")
    add_model_options(parser)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with reported("robustness", "measure the models"):
        compare(options)


if __name__ == "__main__":
    main()
