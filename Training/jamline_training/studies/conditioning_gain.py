"""Measures what a network gains by conditioning on a piece's style and key, and what it costs to
predict the melody first: nats a frame on held-out songs."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from ..data.chord_vocabulary import ChordVocabulary
from ..data.corpus import read_split
from ..data.frames import Frames
from ..errors import reported
from ..evaluation.comparison import nats_of, openings_of
from ..evaluation.table import heading, line
from ..network.conditioned import Conditioned
from ..network.model import Accompanist
from ..training.recipe import Recipe
from .ablation_table import CHORD_PARTS
from .ablations import add_model_options, models_of, recipe_of

HINTS_GIVEN = {
    "nothing": (),
    "style": ("style",),
    "key": ("key",),
    "style and key": ("style", "key"),
    "melody first": ("melody_first",),
}


def learned(recipe: Recipe) -> set[str]:
    """The hints that a network of this recipe learns."""
    hints = {"style", "key"} if recipe.hints else set()
    return hints | ({"melody_first"} if recipe.melody_first else set())


def rows_of(name: str, model: Accompanist) -> dict[str, tuple[str, ...]]:
    """Those of HINTS_GIVEN that a row's model has learned: the vectors of the others are random. An
    exported model takes no hints."""
    known = learned(recipe_of(name)) if isinstance(model, Conditioned) else set()
    return {given: hints for given, hints in HINTS_GIVEN.items() if known.issuperset(hints)}


def with_hints(songs: list[Frames], hints: tuple[str, ...]) -> list[Frames]:
    """The songs with these hints given."""
    return [replace(song, hints=frozenset(hints)) for song in songs]


def compare(options: argparse.Namespace) -> None:
    """Prints a row for each model and what it is given."""
    songs = read_split(options.corpus, options.split)
    models = models_of(options)
    print(heading(["model", "given", "chord nats", "melody nats", "together"]))
    for name, model in models.items():
        openings = openings_of(songs, ChordVocabulary(model.c.qualities))
        for given, hints in rows_of(name, model).items():
            nats = nats_of(model, with_hints(openings, hints))
            chords = sum(nats[part] for part in CHORD_PARTS)
            cells = [f"{part:.3f}" for part in (chords, nats["melody"], nats["total"])]
            print(line([name, given, *cells]), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--split", default="valid")
    add_model_options(parser)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with reported("conditioning_gain", "measure the models"):
        compare(options)


if __name__ == "__main__":
    main()
