"""Votes: the probabilities that rows of the network give to chords in a frame."""

from __future__ import annotations

import torch
from torch import Tensor

from ..data.chord_vocabulary import NO_ROOT, ChordTokens
from ..network.model import Accompanist

Votes = dict[ChordTokens, float]

# The least probability of a root, and of a quality on that root, that gets a vote.
LEAST_ROOT, LEAST_QUALITY = 0.02, 0.1


def add(votes: Votes, chord: ChordTokens, share: float) -> None:
    """Adds a share of a vote for a chord."""
    votes[chord] = votes.get(chord, 0.0) + share


def likely(logits: Tensor, least: float) -> list[tuple[int, float]]:
    """The choices of at least this probability, each with its probability."""
    shares = logits.float().softmax(-1).tolist()
    return [(choice, share) for choice, share in enumerate(shares) if share >= least]


def add_chord_votes(
    votes: Votes,
    model: Accompanist,
    h: Tensor,
    temperature: float,
    share: float,
    semitones: int = 0,
) -> None:
    """Adds a row's votes for the chords that may begin in a frame: share times their probability,
    each chord with its likeliest bass and transposed by semitones. No row votes for silence. h:
    (D,)."""
    for root, of_root in likely(model.root_logits(h) / temperature, LEAST_ROOT):
        if root == NO_ROOT:
            continue
        qualities = model.quality_logits(h, torch.tensor(root)) / temperature
        for quality, of_quality in likely(qualities, LEAST_QUALITY):
            bass = model.bass_logits(h, torch.tensor(root), torch.tensor(quality)).argmax()
            chord = ((root + semitones) % 12, quality, int(bass))
            add(votes, chord, share * of_root * of_quality)
