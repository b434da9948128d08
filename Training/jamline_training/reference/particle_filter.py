"""The particle filter: how hypotheses are weighted and resampled. The reference of the agent's
`ParticleFilter`. Weights are (K,) and sum to 1."""

from __future__ import annotations

import numpy as np


def reweight(weights: np.ndarray, likelihoods: np.ndarray) -> np.ndarray:
    """The weights times the probability, (K,), that each hypothesis gave to what was played."""
    weights = weights * likelihoods
    return weights / weights.sum()


def effective_sample_size(weights: np.ndarray) -> float:
    """1 / Σ weight²: how many hypotheses carry the weight (Kong, Liu and Wong 1994)."""
    return 1 / (weights**2).sum()


def systematic_resample(weights: np.ndarray, offset: float) -> np.ndarray:
    """Systematic resampling (Carpenter, Clifford and Fearnhead 1999): the ancestors of the K new
    hypotheses, in order. offset: a random number in [0, 1)."""
    count = len(weights)
    targets = (np.arange(count) + offset) / count
    return np.minimum(np.searchsorted(np.cumsum(weights), targets, side="right"), count - 1)


def rows_after(ancestors: np.ndarray) -> np.ndarray:
    """The row that each row copies after resampling. The first copy of an ancestor stays in its
    row. Its other copies take the rows of hypotheses without copies, from the last on."""
    sources = np.arange(len(ancestors))
    free = [row for row in sources if row not in set(ancestors.tolist())]
    for ancestor, following in zip(ancestors, ancestors[1:], strict=False):
        if ancestor == following:
            sources[free.pop()] = ancestor
    return sources
