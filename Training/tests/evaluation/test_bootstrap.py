"""Intervals over songs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from jamline_training.evaluation.bootstrap import around, estimates, resamples


def test_songs_are_drawn_as_often_as_there_are_and_always_alike() -> None:
    drawn = resamples(7)
    assert drawn.shape == (1000, 7)
    assert (drawn.sum(axis=1) == 7).all()
    assert (drawn == resamples(7)).all()
    assert drawn.mean(axis=0) == pytest.approx(np.ones(7), abs=0.15)


def test_the_interval_of_a_mean() -> None:
    values = np.random.default_rng(1).normal(5, 2, 400)
    found = estimates(lambda weights: {"mean": weights @ values / weights.sum(axis=1)}, 400)["mean"]
    error = 1.96 * values.std() / math.sqrt(400)
    assert found.value == pytest.approx(values.mean())
    assert found == pytest.approx((found.value, found.value - error, found.value + error), abs=0.03)


def test_what_resampling_takes_away_is_given_back() -> None:
    # How many different songs there are: 100; in a resample some 63.
    found = estimates(lambda weights: {"kinds": (weights > 0).sum(axis=1)}, 100)["kinds"]
    assert found.value == 100
    assert found.low < 100 < found.high < 110


def test_no_interval_of_few_songs_or_of_what_is_seldom_there() -> None:
    few = estimates(lambda weights: {"sum": weights.sum(axis=1)}, 4)["sum"]
    assert few.value == 4 and math.isnan(few.low) and math.isnan(few.high)
    seldom = np.where(np.arange(100) < 80, 1.0, np.nan)
    assert math.isnan(around(1, seldom).low)
    assert around(1, np.where(np.arange(100) < 95, 1.0, np.nan)).low == 1
