"""Note in chord beat by beat."""

from __future__ import annotations

import math

import numpy as np
import pytest
from made import song

from jamline_training.data.takes import Take, take_of
from jamline_training.evaluation.curves import BACK, LEVEL, ByBeat, adaptation, curve


def take(fits: str) -> Take:
    """A beat a letter: x where the melody's C is in the chord, . where it is not, N without one."""
    chords = {"x": "C", ".": "D", "N": "N"}
    made = take_of(song([(0, len(fits), 60)]))
    return made.played([chords[fit] for fit in fits for _ in range(4)])


def test_each_beat_is_a_share_of_its_frames() -> None:
    takes = [take("xx.N"), take("x.")]
    shares = ByBeat(takes, 4).shares(np.array([[1.0, 1.0], [0.0, 2.0]]))
    assert shares[0, :3].tolist() == [1, 0.5, 0]
    assert shares[1, :2].tolist() == [1, 0]
    assert np.isnan(shares[:, 3]).all() and math.isnan(shares[1, 2])
    assert [estimate.value for estimate in curve(takes, 2)] == [1, 0.5]


@pytest.mark.parametrize(
    ("before", "after", "back"),
    [
        ("x" * 16, "." * 5 + "x" * 11, 5),
        ("x" * 16, "x" * 16, 0),
        # Once by luck is not back.
        ("x" * 16, "..x...xx........", 6),
        ("x" * 16, "." * 16, 16),
        # The level is that of the last eight beats.
        ("x" * 8 + "x." * 4, ".." + "x.x.x.x.x.x.x.", 1),
    ],
)
def test_when_it_is_back(before: str, after: str, back: int) -> None:
    found = adaptation([take(before + after)] * 6, 32)
    assert found[LEVEL].value == (0.5 if "." in before else 1)
    assert found[BACK].value == back
    assert found[BACK].low == found[BACK].high == back


@pytest.mark.parametrize(("worse", "back"), [(1, 0), (2, 16)])
def test_near_is_near_enough(worse: int, back: int) -> None:
    """Of twenty songs one goes wrong for good: .05 less; or two do: .1."""
    takes = [take("x" * 16 + ("." if at < worse else "x") * 16) for at in range(20)]
    found = adaptation(takes, 32)[BACK]
    assert found.value == back and 0 <= found.low <= back <= found.high <= 16
