"""Bootstrap intervals (Efron 1979): as many songs as there are, are drawn with replacement."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

RESAMPLES = 1000
# An interval of fewer songs would mean nothing.
LEAST_SONGS = 5
# From weights, (samples, songs), to each figure, (samples,).
Figures = Callable[[np.ndarray], dict[str, np.ndarray]]


class Estimate(NamedTuple):
    """A figure with its 95 % interval. Its ends are nan if there is none."""

    value: float
    low: float
    high: float


def resamples(songs: int, count: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """(count, songs): how often each song is drawn. The draws are the same for every accompanist,
    so that these do not differ by them."""
    random = np.random.default_rng(seed)
    return random.multinomial(songs, np.full(songs, 1 / songs), size=count).astype(float)


def estimates(figures: Figures, songs: int) -> dict[str, Estimate]:
    """Each figure over all songs, with the middle 95 % of its resamples as the interval. The
    interval is corrected by the bias of the resamples' mean. (Entropies, for example, are too small
    in every resample, since a song that is drawn twice adds nothing.)"""
    values = {name: float(found[0]) for name, found in figures(np.ones((1, songs))).items()}
    if songs < LEAST_SONGS:
        return {name: Estimate(value, np.nan, np.nan) for name, value in values.items()}
    drawn = figures(resamples(songs))
    return {name: around(value, drawn[name]) for name, value in values.items()}


def around(value: float, drawn: np.ndarray) -> Estimate:
    """A figure with the interval of its resamples."""
    known = drawn[np.isfinite(drawn)]
    # A figure that many resamples do not have is unreliable.
    if len(known) < 0.9 * len(drawn):
        return Estimate(value, np.nan, np.nan)
    low, high = np.quantile(known, [0.025, 0.975]) - (known.mean() - value)
    return Estimate(value, float(low), float(high))
