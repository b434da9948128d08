"""Those who hear the melody without any chords of their own: the agent's `Ears`, as a reference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from . import frames as representation
from .chords import ChordVocabulary
from .consensus import Votes, tones_of

# Semitones up that each of the elders, who remember everything, hears the melody.
TRANSPOSITIONS = (0, -4, 4, -2, 2, 6)
# Of the network: the elders', and those of two young ears, of which one begins anew at each beat,
# in turn, while the other, who has heard the last beat, votes.
ROWS = len(TRANSPOSITIONS) + 2


@dataclass(frozen=True)
class Ear:
    """One that votes. row: the network's."""

    row: int
    transposition: int
    is_young: bool


@dataclass
class Ears:
    """The rows from `first` on. The young ear has `of_young` of their votes where both kinds did
    alike, and more or less by how much better or worse than the elders it foresaw the notes of the
    last beats, as `judge` says."""

    first: int
    vocabulary: ChordVocabulary
    of_young: float = 0.05
    memory: float = 0.5
    weight: float = 4.0
    least_fit: float = 0.05
    beats: int = 0  # that have begun
    credit: float = 0.0
    # The shares of chords that each pitch class belongs to, (12,), as the elders and the young ear
    # foresaw them.
    foreseen: tuple[list[float], list[float]] | None = field(default=None)

    @property
    def young(self) -> range:
        return range(self.first + len(TRANSPOSITIONS), self.first + ROWS)

    @property
    def voting(self) -> list[Ear]:
        elders = (Ear(self.first + n, t, is_young=False) for n, t in enumerate(TRANSPOSITIONS))
        return [*elders, Ear(self.young[(self.beats + 1) % 2], 0, is_young=True)]

    def take_turns(self) -> int:
        """A beat begins: another young ear votes. The row that begins anew."""
        self.beats += 1
        return self.young[self.beats % 2]

    def share(self, ear: Ear) -> float:
        """What it has of all their votes; they sum to 1."""
        odds = self.of_young / (1 - self.of_young) * math.exp(self.credit)
        return (odds if ear.is_young else 1 / len(TRANSPOSITIONS)) / (1 + odds)

    def judge(self, pitches: Sequence[int]) -> None:
        """Compares what both kinds had foreseen with what sounded in the frames of the beat."""
        difference = 0.0
        if self.foreseen:
            elders, young = self.foreseen
            for pitch in pitches:
                if pitch < representation.NO_PITCH:
                    difference += math.log(young[pitch % 12] / elders[pitch % 12])
        self.credit = self.memory * self.credit + self.weight * difference / max(1, len(pitches))

    def foresee(self, elders: Votes, young: Votes) -> None:
        """Their votes as the beat begins."""
        self.foreseen = self.fits(elders), self.fits(young)

    def fits(self, votes: Votes) -> list[float]:
        shares, total = [0.0] * 12, sum(votes.values())
        for chord, share in votes.items():
            for tone in tones_of(chord, self.vocabulary.names[chord[1]]):
                shares[tone] += share
        return [max(share / total, self.least_fit) if total else 1.0 for share in shares]


def transposition(row: int) -> int:
    """Of the ear in the nth of their rows."""
    return TRANSPOSITIONS[row] if row < len(TRANSPOSITIONS) else 0


def moved(pitch: Tensor, semitones: Tensor) -> Tensor:
    """Pitches as ears hear them: one that would leave MIDI's range goes to its pitch class an
    octave within. Both (rows,)."""
    shifted = pitch + semitones
    shifted = torch.where(shifted > 127, shifted - 12, shifted)
    shifted = torch.where(shifted < 0, shifted + 12, shifted)
    return torch.where(pitch < representation.NO_PITCH, shifted, pitch)
