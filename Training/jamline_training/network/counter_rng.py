"""Counter-based random numbers: a function of seed, frame, row and decision, not a sequence. The
Swift counterpart is `CounterRNG`."""

from __future__ import annotations

import numpy as np

# The decisions of a frame.
CHORD_ONSET, ROOT, QUALITY, BASS, MELODY, ANCESTOR = range(6)


def mix(value: np.ndarray) -> np.ndarray:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014), over uint64."""
    with np.errstate(over="ignore"):
        z = value + np.uint64(0x9E37_79B9_7F4A_7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
    return z ^ (z >> np.uint64(31))


def fraction(
    seed: np.ndarray, frame: int | np.ndarray, row: np.ndarray, decision: int
) -> np.ndarray:
    """Uniform random numbers in [0, 1), independent for each seed, frame, row and decision.

    seed, frame and row: arrays whose shapes broadcast. Returns float64 of that shape.
    """
    mixed = mix(np.asarray(seed, np.uint64))
    mixed = mix(mixed ^ np.asarray(frame, np.int64).astype(np.uint64))
    row = np.asarray(row, np.uint64) << np.uint64(8)
    return (mix(mixed ^ row ^ np.uint64(decision)) >> np.uint64(11)) * 2.0**-53
