"""Which hypotheses are kept: systematic resampling."""

from __future__ import annotations

import numpy as np


def ancestors(weights: np.ndarray, offset: float) -> np.ndarray:
    """Systematic resampling (Carpenter, Clifford and Fearnhead 1999): (K,) weights that sum to 1;
    the K hypotheses that the new ones come from, in order."""
    count = len(weights)
    targets = (np.arange(count) + offset) / count
    return np.minimum(np.searchsorted(np.cumsum(weights), targets, side="right"), count - 1)


def rows_after(kept: np.ndarray) -> np.ndarray:
    """Whose copy stands in each row after resampling: an ancestor's first child stays in its row,
    its others take the rows of those who have none, from the last on."""
    sources = np.arange(len(kept))
    free = [row for row in sources if row not in set(kept.tolist())]
    for ancestor, sister in zip(kept, kept[1:], strict=False):
        if ancestor == sister:
            sources[free.pop()] = ancestor
    return sources
