"""Melody-only predictors: rows of the network that read the melody and no chords. The reference of
the agent's `MelodyOnlyPredictors`."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ..data import frames as representation
from ..data.chord_vocabulary import ChordVocabulary, tones_of
from .votes import Votes

# Semitones by which each of the long contexts reads the melody transposed.
TRANSPOSITIONS = (0, -4, 4, -2, 2, 6)
# The most long contexts that read predicted melodies.
MAX_LONG_CONTEXTS_IN_ROLLOUTS = 3
# The predictors' rows of the network: the long contexts, then two rows for the short context. Of
# those, one is reset at each beat, in turn, while the other, which has read the last beat, votes.
ROWS = len(TRANSPOSITIONS) + 2


@dataclass(frozen=True)
class Predictor:
    """A predictor that votes. row: its row of the network."""

    row: int
    transposition: int
    is_short_context: bool


@dataclass
class MelodyOnlyPredictors:
    """The predictors, in the rows from `first` on.

    The short context has the share `short_context_prior` of their votes while both contexts predict
    alike. Its share rises and falls with the log odds: by how much it predicted the notes of the
    last beats better than the long contexts. Log odds above `change_point_threshold` are a change
    point.
    """

    first: int
    vocabulary: ChordVocabulary
    short_context_prior: float = 0.05
    decay: float = 0.5
    gain: float = 4.0
    change_point_threshold: float = 5.0
    least_likelihood: float = 0.05
    beats: int = 0  # that have begun
    log_odds: float = 0.0  # added to the log odds of the short context's share
    is_change_point: bool = False  # at the beginning of the beat
    # The probability of each pitch class, (12,), according to the chords that the long contexts and
    # the short one voted for when the beat began; None without votes.
    predictions: tuple[list[float] | None, list[float] | None] = (None, None)
    # Of the short context to the long ones, in nats, over the frames of the beat so far.
    log_likelihood_ratio: float = 0.0
    frames: int = 0

    @property
    def long_context_rows(self) -> range:
        """The rows of the long contexts."""
        return range(self.first, self.first + len(TRANSPOSITIONS))

    @property
    def short_context_row(self) -> int:
        """The row of the short context that has read the last beat, and votes."""
        return self.long_context_rows.stop + (self.beats + 1) % 2

    @property
    def restarted_row(self) -> int:
        """The row of the short context that was reset at the beginning of the beat."""
        return self.long_context_rows.stop + self.beats % 2

    @property
    def voting(self) -> list[Predictor]:
        """The long contexts, and the short one last."""
        rows = zip(self.long_context_rows, TRANSPOSITIONS, strict=True)
        long = (Predictor(row, semitones, is_short_context=False) for row, semitones in rows)
        return [*long, Predictor(self.short_context_row, 0, is_short_context=True)]

    def in_rollouts(self, rollouts: int) -> list[Predictor]:
        """Those of the voting predictors that read predicted melodies: no more long contexts than
        rollouts."""
        *long, short = self.voting
        return [*long[: min(MAX_LONG_CONTEXTS_IN_ROLLOUTS, rollouts)], short]

    def share(self, predictor: Predictor, voting: list[Predictor]) -> float:
        """The share of one of the voting predictors in their votes."""
        odds = self.short_context_prior / (1 - self.short_context_prior) * math.exp(self.log_odds)
        return (odds if predictor.is_short_context else 1 / (len(voting) - 1)) / (1 + odds)

    @property
    def short_context_weight(self) -> float:
        """The weight of the short context, and 1 at a change point."""
        *_, short = self.voting
        return 1.0 if self.is_change_point else self.share(short, self.voting)

    def observe(self, pitch: int) -> None:
        """Takes the melody's pitch in a frame that has ended."""
        self.frames += 1
        long, short = self.predictions
        if pitch < representation.NO_PITCH and long and short:
            self.log_likelihood_ratio += math.log(short[pitch % 12] / long[pitch % 12])

    def begin_beat(self) -> None:
        """Updates the log odds by the predictions of the last beat, and lets the other row of the
        short context vote."""
        self.log_odds = self.decay * self.log_odds + self.gain * self.log_likelihood_ratio / max(
            1, self.frames
        )
        self.is_change_point = self.log_odds > self.change_point_threshold
        if self.is_change_point:
            self.log_odds = 0.0
        self.log_likelihood_ratio, self.frames, self.predictions = 0.0, 0, (None, None)
        self.beats += 1

    def predict(self, long: Votes, short: Votes) -> None:
        """Takes the votes of both kinds at the beginning of the beat as predictions of its
        notes."""
        self.predictions = self.pitch_classes(long), self.pitch_classes(short)

    def pitch_classes(self, votes: Votes) -> list[float] | None:
        """For each pitch class, (12,), the share of the votes for chords that contain it; at least
        least_likelihood. None without votes."""
        shares, total = [0.0] * 12, sum(votes.values())
        for chord, share in votes.items():
            for tone in tones_of(chord, self.vocabulary.names[chord[1]]):
                shares[tone] += share
        return [max(share / total, self.least_likelihood) for share in shares] if total else None


def transposition(number: int) -> int:
    """The transposition of the predictors' nth row."""
    return TRANSPOSITIONS[number] if number < len(TRANSPOSITIONS) else 0


def transposed(pitch: Tensor, semitones: Tensor) -> Tensor:
    """Transposes pitches, each by its semitones. One that would leave MIDI's range moves by an
    octave back into it. Both (rows,)."""
    shifted = pitch + semitones
    shifted = torch.where(shifted > 127, shifted - 12, shifted)
    shifted = torch.where(shifted < 0, shifted + 12, shifted)
    return torch.where(pitch < representation.NO_PITCH, shifted, pitch)
