"""What several minds agree to play: the agent's `Consensus`, as a reference that its tests use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..data.chord_vocabulary import NO_CHORD, Chord, ChordVocabulary, tones_of
from ..data.frames import is_beat

Votes = dict[Chord, float]


class Heard(NamedTuple):
    """The melody's latest pitch classes: those of one beat, and of two; and how little what came
    before tells of them, 0 to 1."""

    in_beat: frozenset[int]
    in_two_beats: frozenset[int]
    novelty: float = 0.0


NOTHING = Heard(frozenset(), frozenset())
# How much of the melody that is imagined falls on each pitch class, (12,): of none.
UNKNOWN = (0.0,) * 12


def may_change(place: int, compound: bool, is_silent: bool) -> bool:
    """Whether a chord may change at a place, or come in where nothing sounds."""
    return place % 2 == 0 if is_silent else is_beat(place, compound)


def add(votes: Votes, chord: Chord, share: float) -> None:
    votes[chord] = votes.get(chord, 0.0) + share


@dataclass
class Consensus:
    """The chord that is disagreed with least (minimum Bayes risk; Kumar and Byrne 2004), each
    counting the more the more of what was heard of late, and of what is imagined to come in a beat,
    belongs to it: 1 + of_fit and 1 + of_coming times where all does; and less by of_crowd for each
    pitch class beyond three. One is kept unless another is clearly better: so many times at the bar
    line, in its middle, on other beats; fewer times over a chord that clashes: nothing of the last
    beat belongs to it, or less than `least_of_coming` of the next one; and where what is heard is
    new. Between beats nothing changes; but where nothing sounds a chord may come in on any eighth
    note."""

    vocabulary: ChordVocabulary
    at_bar_line: float = 1.0
    at_half_bar: float = 2.5
    at_beat: float = 5.0
    # Of frames that are imagined, on which there is less agreement.
    imagined_at_half_bar: float = 1.6
    imagined_at_beat: float = 1.8
    over_clash_at_half_bar: float = 1.4
    over_clash_at_beat: float = 2.0
    least_of_coming: float = 0.25
    of_fit: float = 0.4
    of_coming: float = 1.2
    of_crowd: float = 0.1
    of_root: float = 0.63
    of_tones: float = 0.345

    def chord(
        self, votes: Votes, sounding: Chord, heard: Heard, coming: Sequence[float],
        place: int, left: int, compound: bool, is_imagined: bool = False,
    ) -> Chord:  # fmt: skip
        """heard: nothing where it is yet to come; coming: what is imagined of the beat that begins
        there; place and left: frames since the bar line and to the next one, less one; is_imagined:
        whether the votes are on a frame to come."""
        if not may_change(place, compound, is_silent=sounding == NO_CHORD):
            return sounding
        is_middle = 2 * place == place + left + 1
        margin = self.margin(place, is_middle, is_imagined)
        if self.clashes(sounding, heard, UNKNOWN if is_imagined else coming):
            over_clash = self.over_clash_at_half_bar if is_middle else self.over_clash_at_beat
            margin = min(over_clash, margin)
        margin += (1 - margin) * heard.novelty
        best, most = sounding, margin * self.worth(sounding, votes, heard, coming)
        for chord in votes:
            worth = self.worth(chord, votes, heard, coming)
            if chord != sounding and worth > most:
                best, most = chord, worth
        return best

    def clashes(self, chord: Chord, heard: Heard, coming: Sequence[float]) -> bool:
        tones = self.tones(chord)
        if heard.in_beat and not heard.in_beat & tones:
            return True
        return any(coming) and share_of(tones, coming) < self.least_of_coming

    def worth(self, chord: Chord, votes: Votes, heard: Heard, coming: Sequence[float]) -> float:
        notes, tones = heard.in_two_beats, self.tones(chord)
        fit = len(notes & tones) / len(notes) if notes else 0.0
        worth = self.agreement(chord, votes) * (1 + self.of_fit * fit)
        worth *= 1 + self.of_coming * share_of(tones, coming)
        return worth * (1 - self.of_crowd * max(0, len(tones) - 3))

    def margin(self, place: int, is_middle: bool, is_imagined: bool) -> float:
        if place == 0:
            return self.at_bar_line
        if is_imagined:
            return self.imagined_at_half_bar if is_middle else self.imagined_at_beat
        return self.at_half_bar if is_middle else self.at_beat

    def agreement(self, chord: Chord, votes: Votes) -> float:
        return sum(share * self.likeness(chord, other) for other, share in votes.items())

    def likeness(self, one: Chord, other: Chord) -> float:
        """From 0, of chords that have nothing in common, to 1, of one chord and itself."""
        if one == other:
            return 1.0
        tones, others = self.tones(one), self.tones(other)
        if not tones or not others:
            return 0.0
        common = 2 * len(tones & others) / (len(tones) + len(others))
        return self.of_root * (one[0] == other[0]) + self.of_tones * common

    def tones(self, chord: Chord) -> frozenset[int]:
        """Its pitch classes, the bass among them."""
        return tones_of(chord, self.vocabulary.names[chord[1]])


def share_of(tones: frozenset[int], notes: Sequence[float]) -> float:
    """What falls on any of these, of notes as UNKNOWN has them; 0 of none."""
    return sum(notes[tone] for tone in sorted(tones)) / sum(notes) if any(notes) else 0.0
