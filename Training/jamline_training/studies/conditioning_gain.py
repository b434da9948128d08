"""What it is worth to a network to be told a piece's style and key, and how it leads a person's
chords: nats a frame on held-out songs."""

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

TELLINGS = {
    "nothing": (),
    "style": ("style",),
    "key": ("key",),
    "style and key": ("style", "key"),
    "melody first": ("melody_first",),
}


def learned(recipe: Recipe) -> set[str]:
    """What a network of this recipe learns to be told."""
    hints = {"style", "key"} if recipe.hints else set()
    return hints | ({"melody_first"} if recipe.melody_first else set())


def tellings(name: str, model: Accompanist) -> dict[str, tuple[str, ...]]:
    """Those of which a row's model has learned the vectors: the others say what chance says. An
    exported model is told nothing."""
    known = learned(recipe_of(name)) if isinstance(model, Conditioned) else set()
    return {told: names for told, names in TELLINGS.items() if known.issuperset(names)}


def telling(songs: list[Frames], names: tuple[str, ...]) -> list[Frames]:
    return [replace(song, told=frozenset(names)) for song in songs]


def compare(options: argparse.Namespace) -> None:
    """Prints a row for each model and what it is told."""
    songs = read_split(options.corpus, options.split)
    models = models_of(options)
    print(heading(["model", "told", "chord nats", "melody nats", "together"]))
    for name, model in models.items():
        heard = openings_of(songs, ChordVocabulary(model.c.qualities))
        for told, names in tellings(name, model).items():
            nats = nats_of(model, telling(heard, names))
            chords = sum(nats[part] for part in CHORD_PARTS)
            cells = [f"{part:.3f}" for part in (chords, nats["melody"], nats["total"])]
            print(line([name, told, *cells]), flush=True)


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
