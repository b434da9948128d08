"""What it is worth to a network to be told a piece's style and key, and how it leads a person's
chords: nats a frame on held-out songs."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from .ablation_table import CHORD_PARTS
from .ablations import add_model_options, models_of
from .chords import ChordVocabulary
from .comparison import nats_of, openings_of
from .corpus import read_split
from .frames import Frames

TELLINGS = {
    "nothing": (),
    "style": ("style",),
    "key": ("key",),
    "style and key": ("style", "key"),
    "melody first": ("melody_first",),
}


def telling(songs: list[Frames], names: tuple[str, ...]) -> list[Frames]:
    return [replace(song, told=frozenset(names)) for song in songs]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--split", default="valid")
    add_model_options(parser)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    songs = read_split(options.corpus, options.split)
    print("| model | told | chord nats | melody nats | together |\n|---|---|---|---|---|")
    for name, model in models_of(options).items():
        heard = openings_of(songs, ChordVocabulary(model.c.qualities))
        for told, names in TELLINGS.items():
            nats = nats_of(model, telling(heard, names))
            chords = sum(nats[part] for part in CHORD_PARTS)
            print(
                f"| {name} | {told} | {chords:.3f} | {nats['melody']:.3f} | {nats['total']:.3f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
