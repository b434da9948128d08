"""Songs and networks made for the tests, and frames drawn as text."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from jamline_training.data.batches import Batch, Sampler
from jamline_training.data.corpus import Song
from jamline_training.data.frames import HOLD, ONSET, QUALITIES, REST, Frames
from jamline_training.network.configuration import Configuration
from jamline_training.network.model import Accompanist
from jamline_training.training import run

REPOSITORY = Path(__file__).parents[2]
FIXTURES = REPOSITORY / "Tests" / "Fixtures"
NOTES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

TINY = Configuration(width=32, layers=2, heads=4, key_value_heads=2, feed_forward=48)


def lively(configuration: Configuration = TINY) -> Accompanist:
    """A network of random weights so large that all it reads can be seen in its output."""
    model = Accompanist(configuration).eval()
    with torch.no_grad():
        for weights in model.parameters():
            weights.copy_(torch.randn_like(weights) * (0.5 if weights.ndim == 1 else 0.3))
    return model


def song(
    melody: list[tuple[float, float, int]],
    chords: list[tuple[float, float, str]] = (),
    meter: tuple[int, int] = (4, 4),
    name: str = "made",
) -> Song:
    return Song(name, "made", meter, None, list(melody), list(chords))


def random_song(seed: int, beats: int = 24, semitones: int = 0, name: str = "made") -> Song:
    """A song off the grid, with rests and chords of every kind, moved by some semitones."""
    random = np.random.default_rng(seed)
    melody, time = [], float(random.uniform(0, 1))
    while time < beats:
        length = float(random.uniform(0.05, 1.5))
        melody.append((time, length, int(random.integers(40, 90)) + semitones))
        time += length + float(random.choice([0, 0, 0.5]))
    chords = []
    for beat in range(0, beats, 2):
        root = int(random.integers(13))
        symbol = "N"
        if root < 12:
            symbol = NOTES[(root + semitones) % 12] + str(random.choice(QUALITIES))
            bass = int(random.choice([0, 4, 7]))
            symbol += f"/{NOTES[(root + bass + semitones) % 12]}" if bass else ""
        chords.append((beat, 2, symbol))
    meter = [(4, 4), (3, 4), (6, 8), (5, 4)][seed % 4]
    return song(melody, chords, meter, name)


def line(made: Song) -> str:
    """The song as its corpus has it."""
    fields = {"id": made.id, "meter": f"{made.meter[0]}/{made.meter[1]}", "tempo": made.tempo}
    return json.dumps({**fields, "melody": made.melody, "chords": made.chords})


def write_corpus(folder: Path, train: list[Song], valid: list[Song]) -> Path:
    for split, songs in (("train", train), ("valid", valid)):
        text = "".join(line(made) + "\n" for made in songs)
        (folder / f"made.{split}.jsonl").write_text(text)
    return folder


def drawn(frames: Frames) -> str:
    """The melody's frames: a letter where a note begins (C is 60, d is 62), - while it sounds."""
    letters = "CcDdEFfGgAaB"
    marks = {REST: ".", HOLD: "-"}
    return "".join(
        marks.get(int(event), letters[(int(event) - ONSET) % 12]) for event in frames.melody
    )


def tool(name: str) -> str:
    """A tool of this repository, as it was built last; skips the test if it was not."""
    builds = [REPOSITORY / ".build" / kind / name for kind in ("release", "debug")]
    built = [path for path in builds if os.access(path, os.X_OK)]
    if not built:
        pytest.skip(f"{name} is not built here: make build")
    return str(max(built, key=lambda path: path.stat().st_mtime))


def shipped_model() -> Path:
    path = REPOSITORY / "Models" / "accompanist.safetensors"
    if not path.exists():
        pytest.skip(f"no {path} here: make model")
    return path


def corpus() -> Path:
    """The corpus, which is no part of the repository; skips the test where it is not there."""
    path = Path(os.environ.get("JAMLINE_CORPUS", REPOSITORY.parent / "shared" / "corpus"))
    if not path.is_dir():
        pytest.skip("no corpus here: JAMLINE_CORPUS names its folder")
    return path


class Interrupted(Exception):
    """Stands for a lost machine."""


@contextmanager
def stopped_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Runs in here save whenever they may, and break off where they draw the excerpts of `step`."""
    draw = Sampler.batch

    def draw_or_stop(sampler: Sampler, drawn: int, size: int, length: int) -> Batch:
        if drawn == step:
            raise Interrupted
        return draw(sampler, drawn, size, length)

    with monkeypatch.context() as patch, pytest.raises(Interrupted):
        patch.setattr(run, "SECONDS_PER_CHECKPOINT", -1)
        patch.setattr(Sampler, "batch", draw_or_stop)
        yield
