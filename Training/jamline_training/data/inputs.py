"""The network's input: what it reads in each frame, and how parts of it are masked."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from . import frames as representation
from .chord_vocabulary import NO_CHORD, NO_ROOT
from .frames import Frames

# Columns of the network's input, (B, T, 10): the events of the frame before, and where the frame
# stands in its bar.
INPUT_COLUMNS = (
    "melody_kind", "pitch", "chord_kind", "root", "quality", "bass",
    "place", "left", "bar", "compound",
)  # fmt: skip
# The columns of the melody, and those of the chord.
MELODY = slice(0, INPUT_COLUMNS.index("pitch") + 1)
CHORD = slice(INPUT_COLUMNS.index("chord_kind"), INPUT_COLUMNS.index("bass") + 1)
# What the network reads instead of a masked chord (kind, root, quality, bass) and of a masked
# melody (kind, pitch). It reads the same before a piece begins.
MASKED_CHORD = (representation.CHORD_START, *NO_CHORD)
MASKED_MELODY = (representation.KIND_START, representation.NO_PITCH)


def inputs_of(frames: Frames, events: dict[str, np.ndarray]) -> np.ndarray:
    """(T, 10), int64: each frame's input is the events of the frame before and its own place.

    events: melody, pitch and root, as `batches.transposed` returns them.
    """
    kind = representation.melody_kinds(frames.melody)

    def before(values: np.ndarray, first: int) -> np.ndarray:
        return np.concatenate([[first], values[:-1]])

    return np.stack(
        [
            before(kind, representation.KIND_START),
            before(events["pitch"], representation.NO_PITCH),
            before(frames.chord_onset, representation.CHORD_START),
            before(events["root"], NO_ROOT),
            before(frames.quality, 0),
            before(frames.bass, 0),
            frames.place,
            frames.left,
            frames.bar % representation.BARS_PER_PHRASE,
            np.full(len(frames), int(frames.compound)),
        ],
        axis=-1,
    )


def mask_chords(inputs: Tensor) -> Tensor:
    """A copy of inputs (…, 10), as in INPUT_COLUMNS, with all chords masked."""
    inputs = inputs.clone()
    inputs[..., CHORD] = torch.tensor(MASKED_CHORD, device=inputs.device)
    return inputs


def mask_melody(inputs: Tensor, masked: Tensor) -> Tensor:
    """A copy of inputs (B, T, 10), as in INPUT_COLUMNS, with the melody masked where `masked`,
    (B, T), is true."""
    inputs = inputs.clone()
    melody = inputs[..., MELODY]
    nothing = torch.tensor(MASKED_MELODY, device=inputs.device)
    inputs[..., MELODY] = torch.where(masked[..., None], nothing, melody)
    return inputs
