"""Imagining what is to come: the agent's `Dream`, as a reference that the tests hold it to.

Shapes: K hypotheses, D the network's width.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..data import frames as representation
from ..network import counter_rng
from ..network.sampling import Draw, decided
from . import melody_only
from .consensus import UNKNOWN, Votes
from .harmony_tracker import Ensemble

DREAMERS = 4


@dataclass
class Dream:
    """Frames from the decided one on, as they were imagined. votes: by frame, of those that were
    asked for; notes: of each frame, how much of the melody falls on each pitch class, (12,); none
    of a single future, which tells no more than the chords that it was imagined over."""

    votes: dict[int, Votes]
    notes: list[list[float]]

    def coming(self, offset: int, frames: int) -> list[float]:
        """In the frames from there on, as many as were imagined."""
        part = self.notes[offset : offset + frames]
        return [sum(classes) for classes in zip(*part, strict=True)] if part else list(UNKNOWN)


def imagine(ensemble: Ensemble, sounding: int, places: Tensor, asked: Container[int]) -> Dream:
    """The likeliest hypotheses play on to a melody that each expects, and each ear listens to
    one of these; then all is forgotten.

    sounding: the pitch as the decided frame begins; places: (frames, 4), those after it; asked:
    the frames, counted from the decided one, that there is a vote on.
    """
    # Sisters that differ in nothing but rounding are in the order of their rows.
    rows = np.argsort(-ensemble.weights.round(6), kind="stable")[:DREAMERS]
    weights = ensemble.weights[rows] / ensemble.weights[rows].sum()
    dreaming = ensemble.ears.dreaming(len(rows))
    kept = torch.tensor([*rows, *(ear.row for ear in dreaming)])
    cache, h, told = ensemble.cache.rows(kept), ensemble.h[kept], ensemble.told[kept]
    moves, minds = ensemble.moves[kept], slice(len(rows))
    ear_rows = list(range(len(rows), len(kept)))
    pitch, temperature = torch.full((len(rows),), sounding), ensemble.listening.temperature
    dream = Dream({0: ensemble.votes()} if 0 in asked else {}, [])
    for step in range(len(places) + 1):
        draw = ensemble.draws(ensemble.frame + step, rows)
        kind, pitch = expected(ensemble, h[minds], told[minds], pitch, draw)
        dream.notes.append(shares_of(pitch, weights) if len(rows) > 1 else list(UNKNOWN))
        if step == len(places):
            break
        heard = torch.stack([kind, pitch], -1)
        heard = torch.cat([heard, heard[torch.tensor(ear_rows) % len(rows)]])
        heard[:, 1] = melody_only.moved(heard[:, 1], moves)
        before = told
        inputs = torch.cat([heard, told, places[step].expand(len(told), 4)], -1)
        h = ensemble.model.states(inputs[:, None], cache)[:, 0]
        draw = ensemble.draws(ensemble.frame + step + 1, rows)
        chosen = decided(ensemble.model, h[minds], told[minds, 1:], draw, temperature)
        told = torch.cat([chosen, told[ear_rows]])
        if step + 1 in asked:
            of_ears = dict(zip(dreaming, ear_rows, strict=True))
            dream.votes[step + 1] = ensemble.of_rows(h, before, told, weights, of_ears)
    return dream


def expected(
    ensemble: Ensemble, h: Tensor, told: Tensor, sounding: Tensor, draw: Draw
) -> tuple[Tensor, Tensor]:
    """What the rows expect of the melody over their chords: its kind, and the pitch that sounds
    then, (K,) each."""
    logits = ensemble.model.melody_logits(h, *told.unbind(-1))
    silent = sounding == representation.NO_PITCH
    logits[silent, representation.HOLD] = -torch.inf
    event = draw(logits, counter_rng.MELODY, ensemble.listening.temperature)
    is_onset = event >= representation.ONSET
    held = sounding.where(event == representation.HOLD, representation.NO_PITCH)
    pitch = (event - representation.ONSET).where(is_onset, held)
    return torch.from_numpy(representation.melody_kinds(event.numpy())), pitch


def shares_of(pitches: Tensor, weights: np.ndarray) -> list[float]:
    """How much falls on each pitch class, (12,), of pitches that weigh so much, both (K,)."""
    shares = [0.0] * 12
    for pitch, weight in zip(pitches.tolist(), weights.tolist(), strict=True):
        if pitch < representation.NO_PITCH:
            shares[pitch % 12] += weight
    return shares
