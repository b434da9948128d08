"""Records what the network answers to a few frames, for the agent's tests to compare with."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from . import frames as representation
from .export import load
from .model import Accompanist


def random_inputs(model: Accompanist, frames: int, seed: int) -> np.ndarray:
    """(T, 10): plausible frames, in a bar of 4/4; the first begins the piece."""
    random = np.random.default_rng(seed)
    inputs = np.zeros((frames, 10), np.int64)
    pitch, chord = representation.NO_PITCH, (representation.NO_ROOT, 0, 0)
    for frame in range(frames):
        kind, strike = representation.KIND_START, representation.CHORD_START
        if frame > 0:
            kind = int(random.choice([representation.KIND_ONSET, representation.KIND_HOLD, representation.KIND_REST]))
            if kind == representation.KIND_HOLD and pitch == representation.NO_PITCH:
                kind = representation.KIND_REST
            if kind == representation.KIND_ONSET:
                pitch = int(random.integers(48, 84))
            elif kind == representation.KIND_REST:
                pitch = representation.NO_PITCH
            strike = int(random.random() < 0.2)
            if strike:
                chord = (
                    int(random.integers(12)), int(random.integers(len(model.c.qualities))),
                    int(random.choice([0, 0, 4, 7])),
                )  # fmt: skip
        bar = frame // 16 % representation.BARS_PER_PHRASE
        inputs[frame] = (kind, pitch, strike, *chord, frame % 16, 15 - frame % 16, bar, 0)
    return inputs


@torch.no_grad()
def parity_case(model: Accompanist, frames: int = 24, seed: int = 1) -> dict:
    """Inputs, and every head's logits at each frame over the chord Em7/B, struck."""
    inputs = random_inputs(model, frames, seed)
    h = model.states(torch.from_numpy(inputs)[None])[0]
    given = {"kind": representation.CHORD_STRIKE, "root": 4, "quality": 3, "bass": 7}
    kind, root, quality, bass = (torch.tensor(given[n]) for n in ("kind", "root", "quality", "bass"))
    logits = {
        "strike": model.strike_logits(h),
        "root": model.root_logits(h),
        "quality": model.quality_logits(h, root),
        "bass": model.bass_logits(h, root, quality),
        "melody": model.melody_logits(h, kind, root, quality, bass),
    }
    return {
        "inputs": inputs.tolist(),
        "chord": given,
        "logits": {name: np.round(values.double().numpy(), 6).tolist() for name, values in logits.items()},
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("case", type=Path, help="where to write it (.json)")
    options = parser.parse_args()
    case = parity_case(load(options.model))
    options.case.write_text(json.dumps(case, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
