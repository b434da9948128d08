"""Bootstrap intervals: songs are drawn anew, with replacement, as often as there are songs (Efron
1979)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

RESAMPLES = 1000
# With fewer songs an interval says nothing.
LEAST_SONGS = 5
# (samples, songs) → each figure as (samples,).
Figures = Callable[[np.ndarray], dict[str, np.ndarray]]


class Estimate(NamedTuple):
    """A figure with its 95 % interval; nan where there is none."""

    value: float
    low: float
    high: float


def resamples(songs: int, count: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """(count, songs): how often each song was drawn. The same for every accompanist, so that their
    differences are not those of the draw."""
    random = np.random.default_rng(seed)
    return random.multinomial(songs, np.full(songs, 1 / songs), size=count).astype(float)


def estimates(figures: Figures, songs: int) -> dict[str, Estimate]:
    """Each figure over all songs, with its interval: the middle 95 % of the resamples, moved by as
    much as their mean is off. (Entropies and the like are too small in every resample, since songs
    that were drawn twice add nothing.)"""
    values = {name: float(found[0]) for name, found in figures(np.ones((1, songs))).items()}
    if songs < LEAST_SONGS:
        return {name: Estimate(value, np.nan, np.nan) for name, value in values.items()}
    drawn = figures(resamples(songs))
    return {name: around(value, drawn[name]) for name, value in values.items()}


def around(value: float, drawn: np.ndarray) -> Estimate:
    known = drawn[np.isfinite(drawn)]
    # A figure that most resamples do not have is none to rely on.
    if len(known) < 0.9 * len(drawn):
        return Estimate(value, np.nan, np.nan)
    low, high = np.quantile(known, [0.025, 0.975]) - (known.mean() - value)
    return Estimate(value, float(low), float(high))
