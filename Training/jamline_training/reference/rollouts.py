"""Rollouts: sampled continuations of the likeliest hypotheses. The reference of the agent's
`Rollouts`.

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
from ..network.sampling import Draw, choose_chord
from . import melody_only
from .consensus import NO_PREDICTION
from .harmony_tracker import HarmonyTracker
from .votes import Votes

MAX_ROLLOUTS = 4


@dataclass
class Rollouts:
    """What the rollouts predict, from the current frame on. votes: by frame, for those that were
    asked for. notes: for each frame the weight of each pitch class in the predicted melodies,
    (12,). A single rollout predicts no notes: they would tell no more than the chords it was
    sampled
    over."""

    votes: dict[int, Votes]
    notes: list[list[float]]

    def predicted_notes(self, offset: int, frames: int) -> list[float]:
        """The weight of each pitch class, (12,), over `frames` frames from `offset` on, as far as
        the rollouts reach."""
        part = self.notes[offset : offset + frames]
        return (
            [sum(classes) for classes in zip(*part, strict=True)] if part else list(NO_PREDICTION)
        )


def roll_out(
    tracker: HarmonyTracker, sounding: int, places: Tensor, asked: Container[int]
) -> Rollouts:
    """Rolls out the likeliest hypotheses, each over a melody that it samples. Each melody-only
    predictor reads one of these melodies. The tracker stays as it is.

    sounding: the pitch that sounds as the current frame begins. places: (frames, 4), of the frames
    after it. asked: the frames, counted from the current one, whose votes are wanted.
    """
    # Rounded, so that hypotheses that differ by rounding alone stay in the order of their rows.
    rows = np.argsort(-tracker.weights.round(6), kind="stable")[:MAX_ROLLOUTS]
    weights = tracker.weights[rows] / tracker.weights[rows].sum()
    predictors = tracker.predictors.in_rollouts(len(rows))
    kept = torch.tensor([*rows, *(predictor.row for predictor in predictors)])
    cache, h, chords = tracker.cache.fork(kept), tracker.h[kept], tracker.chords[kept]
    transpositions, hypotheses = tracker.transpositions[kept], slice(len(rows))
    predictor_rows = list(range(len(rows), len(kept)))
    pitch, temperature = torch.full((len(rows),), sounding), tracker.settings.temperature
    rollouts = Rollouts({0: tracker.votes()} if 0 in asked else {}, [])
    for step in range(len(places) + 1):
        draw = tracker.draws(tracker.frame + step, rows)
        kind, pitch = sampled_melody(tracker, h[hypotheses], chords[hypotheses], pitch, draw)
        notes = pitch_class_weights(pitch, weights) if len(rows) > 1 else list(NO_PREDICTION)
        rollouts.notes.append(notes)
        if step == len(places):
            break
        melody = torch.stack([kind, pitch], -1)
        melody = torch.cat([melody, melody[torch.tensor(predictor_rows) % len(rows)]])
        melody[:, 1] = melody_only.transposed(melody[:, 1], transpositions)
        before = chords
        inputs = torch.cat([melody, chords, places[step].expand(len(chords), 4)], -1)
        h = tracker.model.states(inputs[:, None], cache)[:, 0]
        draw = tracker.draws(tracker.frame + step + 1, rows)
        sounding_chords = chords[hypotheses, 1:]
        chosen = choose_chord(tracker.model, h[hypotheses], sounding_chords, draw, temperature)
        chords = torch.cat([chosen, chords[predictor_rows]])
        if step + 1 in asked:
            of_predictors = dict(zip(predictors, predictor_rows, strict=True))
            votes = tracker.votes_of(h, before, chords, weights, of_predictors)
            rollouts.votes[step + 1] = votes
    return rollouts


def sampled_melody(
    tracker: HarmonyTracker, h: Tensor, chords: Tensor, sounding: Tensor, draw: Draw
) -> tuple[Tensor, Tensor]:
    """A melody event that each row samples over its chord: its kind, and the pitch that sounds
    then, (K,) each."""
    logits = tracker.model.melody_logits(h, *chords.unbind(-1))
    silent = sounding == representation.NO_PITCH
    logits[silent, representation.HOLD] = -torch.inf
    event = draw(logits, counter_rng.MELODY, tracker.settings.temperature)
    is_onset = event >= representation.ONSET
    held = sounding.where(event == representation.HOLD, representation.NO_PITCH)
    pitch = (event - representation.ONSET).where(is_onset, held)
    return torch.from_numpy(representation.melody_kinds(event.numpy())), pitch


def pitch_class_weights(pitches: Tensor, weights: np.ndarray) -> list[float]:
    """The weight of each pitch class, (12,). pitches, weights: (K,)."""
    classes = [0.0] * 12
    for pitch, weight in zip(pitches.tolist(), weights.tolist(), strict=True):
        if pitch < representation.NO_PITCH:
            classes[pitch % 12] += weight
    return classes
