"""The consensus: which chord to play under all votes. The reference of the agent's `Consensus`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..data.chord_vocabulary import NO_CHORD, ChordTokens, ChordVocabulary, tones_of
from ..data.frames import is_beat
from .votes import Votes


class RecentMelody(NamedTuple):
    """The melody's pitch classes in the last beat, and in the last two. short_context_weight: the
    weight of the short context among the melody-only predictors, 0 to 1, which is high when the
    melody has left its key."""

    last_beat: frozenset[int]
    last_two_beats: frozenset[int]
    short_context_weight: float = 0.0


NO_MELODY = RecentMelody(frozenset(), frozenset())
# A predicted melody is the weight of each pitch class, (12,). This is that of no prediction.
NO_PREDICTION = (0.0,) * 12


def may_change(place: int, compound: bool, is_silent: bool) -> bool:
    """Whether a chord may change at a place: on a beat or, after silence, on any eighth note."""
    return place % 2 == 0 if is_silent else is_beat(place, compound)


@dataclass
class Consensus:
    """Minimum Bayes risk: the chord of the largest expected similarity to the votes (Kumar and
    Byrne 2004).

    A chord's score is that similarity, times 1 + recent_fit_weight · (share of the recent melody
    that is in the chord), times 1 + predicted_fit_weight · (share of the predicted melody of the
    next beat that is in the chord), times 1 − extra_tone_penalty for each pitch class beyond three.

    The sounding chord stays unless another chord's score is higher by a margin, a factor that
    depends on the place in the bar. The margin is lower if the sounding chord clashes: if it has
    nothing of the last beat's melody, or less than least_predicted_fit of the next beat's. The
    weight of the short context lowers the margin, too. Chords change on beats only. After silence a
    chord may begin on any eighth note.
    """

    vocabulary: ChordVocabulary
    bar_line_margin: float = 1.0
    mid_bar_margin: float = 2.5
    other_beat_margin: float = 5.0
    # The margins in frames that are rolled out, on which there is less agreement.
    rollout_mid_bar_margin: float = 1.6
    rollout_other_beat_margin: float = 1.8
    clash_mid_bar_margin: float = 1.4
    clash_other_beat_margin: float = 2.0
    least_predicted_fit: float = 0.25
    recent_fit_weight: float = 0.4
    predicted_fit_weight: float = 1.2
    extra_tone_penalty: float = 0.1
    root_weight: float = 0.63
    common_tones_weight: float = 0.345

    def chord(
        self, votes: Votes, sounding: ChordTokens, recent: RecentMelody, predicted: Sequence[float],
        place: int, left: int, compound: bool, is_rolled_out: bool = False,
    ) -> ChordTokens:  # fmt: skip
        """The chord to play in a frame.

        recent: NO_MELODY if that part of the melody is not played yet. predicted: the predicted
        melody of the beat from the frame on. place, left: frames since the bar line, and to the
        next one less one. is_rolled_out: whether the frame is
        one to come.
        """
        if not may_change(place, compound, is_silent=sounding == NO_CHORD):
            return sounding
        is_mid_bar = 2 * place == place + left + 1
        margin = self.margin(place, is_mid_bar, is_rolled_out)
        if self.clashes(sounding, recent, NO_PREDICTION if is_rolled_out else predicted):
            margin = min(
                self.clash_mid_bar_margin if is_mid_bar else self.clash_other_beat_margin, margin
            )
        margin += (1 - margin) * recent.short_context_weight
        best, most = sounding, margin * self.score(sounding, votes, recent, predicted)
        for chord in votes:
            score = self.score(chord, votes, recent, predicted)
            if chord != sounding and score > most:
                best, most = chord, score
        return best

    def clashes(self, chord: ChordTokens, recent: RecentMelody, predicted: Sequence[float]) -> bool:
        """Whether a chord clashes with the recent or the predicted melody."""
        tones = self.tones(chord)
        if recent.last_beat and not recent.last_beat & tones:
            return True
        return any(predicted) and fit(tones, predicted) < self.least_predicted_fit

    def score(
        self, chord: ChordTokens, votes: Votes, recent: RecentMelody, predicted: Sequence[float]
    ) -> float:
        """How good a chord is under the votes and the melody."""
        notes, tones = recent.last_two_beats, self.tones(chord)
        recent_fit = len(notes & tones) / len(notes) if notes else 0.0
        score = self.agreement(chord, votes) * (1 + self.recent_fit_weight * recent_fit)
        score *= 1 + self.predicted_fit_weight * fit(tones, predicted)
        return score * (1 - self.extra_tone_penalty * max(0, len(tones) - 3))

    def margin(self, place: int, is_mid_bar: bool, is_rolled_out: bool) -> float:
        """The factor by which another chord must score higher, unless the sounding one clashes."""
        if place == 0:
            return self.bar_line_margin
        if is_rolled_out:
            return self.rollout_mid_bar_margin if is_mid_bar else self.rollout_other_beat_margin
        return self.mid_bar_margin if is_mid_bar else self.other_beat_margin

    def agreement(self, chord: ChordTokens, votes: Votes) -> float:
        """The expected similarity of a chord to the votes."""
        return sum(share * self.similarity(chord, other) for other, share in votes.items())

    def similarity(self, one: ChordTokens, other: ChordTokens) -> float:
        """How similar two chords are: from 0, for nothing in common, to 1, for the same chord."""
        if one == other:
            return 1.0
        tones, others = self.tones(one), self.tones(other)
        if not tones or not others:
            return 0.0
        common = 2 * len(tones & others) / (len(tones) + len(others))
        return self.root_weight * (one[0] == other[0]) + self.common_tones_weight * common

    def tones(self, chord: ChordTokens) -> frozenset[int]:
        """A chord's pitch classes, its bass included."""
        return tones_of(chord, self.vocabulary.names[chord[1]])


def fit(tones: frozenset[int], melody: Sequence[float]) -> float:
    """The share of a melody, given as the weight of each pitch class, that falls on the tones; 0
    for no melody."""
    return sum(melody[tone] for tone in sorted(tones)) / sum(melody) if any(melody) else 0.0
