"""What the network reads of each frame."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from . import frames as representation
from .chord_vocabulary import NO_CHORD
from .frames import Frames

# Columns of the network's input, (B, T, 10): what happened in the frame before, and where the frame
# stands in its bar.
INPUT_COLUMNS = (
    "melody_kind", "pitch", "chord_kind", "root", "quality", "bass",
    "place", "left", "bar", "compound",
)  # fmt: skip
# Those that tell of the melody, and of the chord.
MELODY = slice(0, INPUT_COLUMNS.index("pitch") + 1)
CHORD = slice(INPUT_COLUMNS.index("chord_kind"), INPUT_COLUMNS.index("bass") + 1)
# What the network reads where it is told of no chords: kind, root, quality, bass.
UNTOLD = (representation.CHORD_START, *NO_CHORD)
# What it reads of the melody where it begins: kind and pitch.
NOTHING_HEARD = (representation.KIND_START, representation.NO_PITCH)


def inputs_of(frames: Frames, events: dict[str, np.ndarray]) -> np.ndarray:
    """(T, 10), int64: each frame's input is the events of the frame before and its own place.

    events: melody, pitch and root as `transposed` gives them.
    """
    kind = representation.melody_kinds(frames.melody)

    def before(values: np.ndarray, first: int) -> np.ndarray:
        return np.concatenate([[first], values[:-1]])

    return np.stack(
        [
            before(kind, representation.KIND_START),
            before(events["pitch"], representation.NO_PITCH),
            before(frames.strike, representation.CHORD_START),
            before(events["root"], representation.NO_ROOT),
            before(frames.quality, 0),
            before(frames.bass, 0),
            frames.place,
            frames.left,
            frames.bar % representation.BARS_PER_PHRASE,
            np.full(len(frames), int(frames.compound)),
        ],
        axis=-1,
    )


def without_chords(inputs: Tensor) -> Tensor:
    """(…, 10) as INPUT_COLUMNS says; the same without a word of the chords."""
    inputs = inputs.clone()
    inputs[..., CHORD] = torch.tensor(UNTOLD, device=inputs.device)
    return inputs


def without_melody(inputs: Tensor, unheard: Tensor) -> Tensor:
    """(B, T, 10) inputs as INPUT_COLUMNS says; the same without a word of the melody where unheard,
    (B, T), is true."""
    inputs = inputs.clone()
    heard = inputs[..., MELODY]
    nothing = torch.tensor(NOTHING_HEARD, device=inputs.device)
    inputs[..., MELODY] = torch.where(unheard[..., None], nothing, heard)
    return inputs
