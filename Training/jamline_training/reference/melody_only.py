"""Those who hear the melody without any chords of their own: the agent's `Ears`, as a reference."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ..data import frames as representation
from ..data.chord_vocabulary import ChordVocabulary, tones_of
from .consensus import Votes

# Semitones up that each of the elders, who remember all that there is, hears the melody.
TRANSPOSITIONS = (0, -4, 4, -2, 2, 6)
# How many of them, the first ones, hear what is imagined, at most.
MOST_DREAMING_ELDERS = 3
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
    last beats; with a credit above `outdoing` it has outdone them."""

    first: int
    vocabulary: ChordVocabulary
    of_young: float = 0.05
    memory: float = 0.5
    weight: float = 4.0
    outdoing: float = 5.0
    least_fit: float = 0.05
    beats: int = 0  # that have begun
    credit: float = 0.0  # what is added to the log odds of the young ear's share
    are_elders_outdone: bool = False  # as the beat began
    # By pitch class, the share of the votes for chords that it belongs to, (12,), as the elders and
    # the young ear had it when the beat began; none if there were no votes.
    foreseen: tuple[list[float] | None, list[float] | None] = (None, None)
    lead: float = 0.0  # of the young ear, in nats, in the frames of the beat so far
    frames: int = 0

    @property
    def elders(self) -> range:
        return range(self.first, self.first + len(TRANSPOSITIONS))

    @property
    def young(self) -> int:
        """The young ear's row that has heard the last beat, and votes."""
        return self.elders.stop + (self.beats + 1) % 2

    @property
    def newborn(self) -> int:
        """The young ear's row that began anew with the beat."""
        return self.elders.stop + self.beats % 2

    def dreaming(self, futures: int) -> list[Ear]:
        """Those of them that go on listening to what is imagined: no more elders than futures."""
        *elders, young = self.voting
        return [*elders[: min(MOST_DREAMING_ELDERS, futures)], young]

    @property
    def voting(self) -> list[Ear]:
        elders = zip(self.elders, TRANSPOSITIONS, strict=True)
        of_elders = (Ear(row, semitones, is_young=False) for row, semitones in elders)
        return [*of_elders, Ear(self.young, 0, is_young=True)]

    def share(self, ear: Ear, voting: list[Ear]) -> float:
        """What it has of the votes of those, which sum to 1."""
        odds = self.of_young / (1 - self.of_young) * math.exp(self.credit)
        return (odds if ear.is_young else 1 / (len(voting) - 1)) / (1 + odds)

    @property
    def novelty(self) -> float:
        """How little what the elders remember tells of what is played, 0 to 1: what the young ear
        has of the votes; where the elders begin again, all."""
        *_, young = self.voting
        return 1.0 if self.are_elders_outdone else self.share(young, self.voting)

    def hear(self, pitch: int) -> None:
        """A frame is over, in which that sounded of the melody."""
        self.frames += 1
        elders, young = self.foreseen
        if pitch < representation.NO_PITCH and elders and young:
            self.lead += math.log(young[pitch % 12] / elders[pitch % 12])

    def begin_beat(self) -> None:
        """What was foreseen of the last beat is judged, and another young ear votes."""
        self.credit = self.memory * self.credit + self.weight * self.lead / max(1, self.frames)
        self.are_elders_outdone = self.credit > self.outdoing
        if self.are_elders_outdone:
            self.credit = 0.0
        self.lead, self.frames, self.foreseen = 0.0, 0, (None, None)
        self.beats += 1

    def foresee(self, elders: Votes, young: Votes) -> None:
        """Their votes as the beat begins."""
        self.foreseen = self.fit(elders), self.fit(young)

    def fit(self, votes: Votes) -> list[float] | None:
        shares, total = [0.0] * 12, sum(votes.values())
        for chord, share in votes.items():
            for tone in tones_of(chord, self.vocabulary.names[chord[1]]):
                shares[tone] += share
        return [max(share / total, self.least_fit) for share in shares] if total else None


def transposition(number: int) -> int:
    """How the nth of all ears hears."""
    return TRANSPOSITIONS[number] if number < len(TRANSPOSITIONS) else 0


def moved(pitch: Tensor, semitones: Tensor) -> Tensor:
    """Pitches as ears hear them: one that would leave MIDI's range goes to its pitch class an
    octave within. Both (rows,)."""
    shifted = pitch + semitones
    shifted = torch.where(shifted > 127, shifted - 12, shifted)
    shifted = torch.where(shifted < 0, shifted + 12, shifted)
    return torch.where(pitch < representation.NO_PITCH, shifted, pitch)
