"""The harmony tracker: hypotheses and melody-only predictors that follow the harmony under a
melody. The reference of the agent's `HarmonyTracker`: one song, frame by frame, in as few lines as
it takes.

Shapes: K hypotheses, D the network's width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..data import frames as representation
from ..data.chord_vocabulary import NO_CHORD, ChordVocabulary
from ..data.frames import is_beat
from ..data.inputs import MASKED_CHORD, MASKED_MELODY
from ..network import counter_rng
from ..network.kv_cache import KVCache
from ..network.model import Accompanist
from ..network.sampling import Draw, choose, choose_chord
from . import melody_only
from .melody_only import MelodyOnlyPredictors, Predictor
from .particle_filter import effective_sample_size, reweight, rows_after, systematic_resample
from .votes import Votes, add, add_chord_votes


@dataclass
class AgentSettings:
    """The agent's settings, as far as the reference has them. melody_only: the share of the votes
    that the melody-only predictors have. commit: frames that are committed. lookahead: frames that
    are planned."""

    hypotheses: int
    seed: int
    melody_only: float = 0.0
    temperature: float = 1.0
    commit: int = 1
    lookahead: int = 1

    @property
    def horizon(self) -> int:
        """Frames from the current one on that rollouts reach."""
        return max(self.commit, self.lookahead)


class HarmonyTracker:
    """K hypotheses and, in the rows after them, the melody-only predictors. For each frame,
    `predict` is called before it and `update` after it."""

    def __init__(self, model: Accompanist, length: int, settings: AgentSettings) -> None:
        self.model, self.settings, self.count = model, settings, settings.hypotheses
        self.weights = np.full(self.count, 1 / self.count)
        rows = self.count + melody_only.ROWS
        self.predictors = MelodyOnlyPredictors(self.count, ChordVocabulary(model.c.qualities))
        # Semitones by which each row reads the melody transposed.
        self.transpositions = torch.tensor(
            [0] * self.count + [melody_only.transposition(each) for each in range(melody_only.ROWS)]
        )
        # Each row's chord event: kind, root, quality and bass.
        self.chords = torch.tensor([MASKED_CHORD]).repeat(rows, 1)
        self.chords_before = self.chords.clone()  # as the frame began
        self.cache = KVCache(model.c, rows, length + settings.horizon)
        self.frame = 0

    def predict(self, melody: Tensor, place: Tensor) -> None:
        """Reads a frame's input and lets each hypothesis choose its chord.

        melody: (2,), kind and pitch of the frame before. place: (4,), place, left, bar and compound
        of this frame.
        """
        rows, (in_bar, _, _, compound) = len(self.chords), place.tolist()
        begins_beat = is_beat(in_bar, compound)
        self.predictors.observe(int(melody[1]))
        melody = melody.repeat(rows, 1)
        melody[:, 1] = melody_only.transposed(melody[:, 1], self.transpositions)
        if begins_beat:
            self.begin_beat(melody)
        inputs = torch.cat([melody, self.chords, place.expand(rows, 4)], -1)
        self.h = self.model.states(inputs[:, None], self.cache)[:, 0]
        if begins_beat:
            self.predictors.predict(*self.votes_by_context())
        self.chords_before = self.chords.clone()
        draw = self.draws(self.frame, np.arange(self.count))
        h, sounding = self.h[: self.count], self.chords[: self.count, 1:]
        chosen = choose_chord(self.model, h, sounding, draw, self.settings.temperature)
        self.chords[: self.count] = chosen

    def begin_beat(self, melody: Tensor) -> None:
        """Resets a row of the short context. At a change point, resets the long contexts too, and
        lets all hypotheses start again from the short context. melody: (rows, 2), which rows that
        are reset do not read."""
        self.predictors.begin_beat()
        resets = [self.predictors.restarted_row]
        if self.predictors.is_change_point and self.settings.melody_only:
            resets += self.predictors.long_context_rows
            sources = [self.predictors.short_context_row] * self.count
            sources += range(self.count, len(self.chords))
            self.cache = self.cache.fork(torch.tensor(sources))
            self.chords[: self.count] = torch.tensor((representation.CHORD_HOLD, *NO_CHORD))
            self.weights = np.full(self.count, 1 / self.count)
        for row in resets:
            self.cache.reset(row)
            melody[row] = torch.tensor(MASKED_MELODY)

    def update(self, event: int, was_silent: bool) -> None:
        """Reweights the hypotheses by the probability that each gave to the frame's melody event,
        and resamples them if less than half of them carry the weight. was_silent: whether nothing
        sounded in the frame before."""
        logits = self.model.melody_logits(self.h, *self.chords.unbind(-1))[: self.count].double()
        if was_silent:  # There is no note to hold.
            logits[:, representation.HOLD] = -torch.inf
        likelihoods = logits.softmax(-1)[:, event].numpy()
        self.weights = reweight(self.weights, likelihoods)
        if effective_sample_size(self.weights) < self.count / 2:
            self.resample()
        self.frame += 1

    def resample(self) -> None:
        """Replaces hypotheses of little weight by copies of others."""
        seed = self.settings.seed
        offset = float(counter_rng.fraction(seed, self.frame, np.array(0), counter_rng.ANCESTOR))
        sources = rows_after(systematic_resample(self.weights, offset))
        rows = torch.tensor([*sources, *range(self.count, len(self.chords))])
        self.cache, self.chords = self.cache.fork(rows), self.chords[rows]
        self.weights = np.full(self.count, 1 / self.count)

    def draws(self, frame: int, rows: np.ndarray) -> Draw:
        """A function that draws each row's choices in a frame."""

        def draw(logits: Tensor, decision: int, temperature: float) -> Tensor:
            fraction = counter_rng.fraction(self.settings.seed, frame, rows, decision)
            return choose(logits, fraction, temperature)

        return draw

    @property
    def short_context_weight(self) -> float:
        """The weight of the short context, if the predictors have votes."""
        return self.predictors.short_context_weight if self.settings.melody_only else 0.0

    @property
    def has_single_vote(self) -> bool:
        """Whether one hypothesis is alone, and plays what it chooses."""
        return self.count == 1 and not self.settings.melody_only

    def votes(self) -> Votes:
        """All votes in the current frame."""
        rows = {predictor: predictor.row for predictor in self.predictors.voting}
        return self.votes_of(self.h, self.chords_before, self.chords, self.weights, rows)

    def votes_of(
        self,
        h: Tensor,
        before: Tensor,
        chosen: Tensor,
        weights: np.ndarray,
        predictors: dict[Predictor, int],
    ) -> Votes:
        """The votes of hypotheses and predictors. A hypothesis votes for every chord that it could
        choose, by its probability.

        h: states, first of the hypotheses. before, chosen: the chord events that the hypotheses
        read and chose. predictors: the row of each predictor in h.
        """
        if self.has_single_vote:
            return {tuple(chosen[0, 1:].tolist()): 1.0}
        votes = self.hypothesis_votes(h, before, weights, 1 - self.settings.melody_only)
        if self.settings.melody_only:
            voting = list(predictors)
            for predictor, row in predictors.items():
                share = self.settings.melody_only * self.predictors.share(predictor, voting)
                self.add_votes(votes, h[row], share, -predictor.transposition)
        return votes

    def hypothesis_votes(
        self, h: Tensor, before: Tensor, weights: np.ndarray, share: float
    ) -> Votes:
        """The hypotheses' votes, which sum to `share` at most."""
        votes: Votes = {}
        if not share:
            return votes
        onsets = self.model.chord_onset_logits(h).softmax(-1)[:, 1].tolist()
        for row, weight in enumerate(weights):
            of_row = share * float(weight)
            chord = tuple(before[row, 1:].tolist())
            if chord != NO_CHORD:
                add(votes, chord, of_row * (1 - onsets[row]))
            self.add_votes(votes, h[row], of_row * onsets[row])
        return votes

    def votes_by_context(self) -> tuple[Votes, Votes]:
        """The votes of all long contexts, and those of the short one, each with the weight 1."""
        together: Votes = {}
        *long, short = self.predictors.voting
        for predictor in long:
            for chord, share in self.predictor_votes(predictor).items():
                add(together, chord, share)
        return together, self.predictor_votes(short)

    def predictor_votes(self, predictor: Predictor) -> Votes:
        """The votes of one predictor with the weight 1."""
        votes: Votes = {}
        self.add_votes(votes, self.h[predictor.row], 1.0, -predictor.transposition)
        return votes

    def add_votes(self, votes: Votes, h: Tensor, share: float, semitones: int = 0) -> None:
        """Adds a row's votes for the chords that may begin."""
        temperature = self.settings.temperature
        add_chord_votes(votes, self.model, h, temperature, share, semitones)
