"""Several minds that hear one melody: the agent's `Ensemble`, as a reference that the tests hold
it to. Frame by frame, one song at a time, in as few lines as it takes.

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
from ..data.inputs import NOTHING_HEARD, UNTOLD
from ..network import counter_rng
from ..network.kv_cache import Cache
from ..network.model import Accompanist
from ..network.sampling import Draw, choose, decided
from . import melody_only
from .consensus import Votes, add
from .melody_only import Ear, Ears
from .particle_filter import ancestors, rows_after

# A root, and a quality on it, that has less of a mind's probability gets no vote.
LEAST_ROOT, LEAST_QUALITY = 0.02, 0.1


@dataclass
class Listening:
    """The agent's settings, as far as they matter here. ear: what the ears have of all votes;
    commit: the frames that are promised; lookahead: those that are imagined."""

    hypotheses: int
    seed: int
    ear: float = 0.0
    temperature: float = 1.0
    commit: int = 1
    lookahead: int = 1

    @property
    def imagined(self) -> int:
        """Frames from the decided one on."""
        return max(self.commit, self.lookahead)


class Ensemble:
    """K hypotheses and, in the rows after them, ears that are told of no chords; `decide` and
    `finish` take turns, frame by frame."""

    def __init__(self, model: Accompanist, length: int, listening: Listening) -> None:
        self.model, self.listening, self.count = model, listening, listening.hypotheses
        self.weights = np.full(self.count, 1 / self.count)
        rows = self.count + melody_only.ROWS
        self.ears = Ears(self.count, ChordVocabulary(model.c.qualities))
        # Semitones that each row hears the melody up.
        self.moves = torch.tensor(
            [0] * self.count
            + [melody_only.transposition(number) for number in range(melody_only.ROWS)]
        )
        self.told = torch.tensor([UNTOLD]).repeat(rows, 1)  # kind, root, quality, bass
        self.before = self.told.clone()  # as the frame began
        self.cache = Cache(model.c, rows, length + listening.imagined)
        self.frame = 0

    def decide(self, heard: Tensor, place: Tensor) -> None:
        """Each hypothesis chooses its chord of the frame. heard: (2,), kind and pitch of the frame
        before; place: (4,), place, left, bar and compound of this one."""
        rows, (in_bar, _, _, compound) = len(self.told), place.tolist()
        starts_beat = is_beat(in_bar, compound)
        self.ears.hear(int(heard[1]))
        heard = heard.repeat(rows, 1)
        heard[:, 1] = melody_only.moved(heard[:, 1], self.moves)
        if starts_beat:
            self.begin_beat(heard)
        inputs = torch.cat([heard, self.told, place.expand(rows, 4)], -1)
        self.h = self.model.states(inputs[:, None], self.cache)[:, 0]
        if starts_beat:
            self.ears.foresee(*self.of_kinds())
        self.before = self.told.clone()
        draw = self.draws(self.frame, np.arange(self.count))
        h, sounding = self.h[: self.count], self.told[: self.count, 1:]
        self.told[: self.count] = decided(self.model, h, sounding, draw, self.listening.temperature)

    def begin_beat(self, heard: Tensor) -> None:
        """A young ear begins anew; and everyone, if the other one has outdone the elders:
        hypotheses from what that one has heard. heard: (rows, 2), as `decide` has it."""
        self.ears.begin_beat()
        anew = [self.ears.newborn]
        if self.ears.are_elders_outdone and self.listening.ear:
            anew += self.ears.elders
            rows = [self.ears.young] * self.count + list(range(self.count, len(self.told)))
            self.cache = self.cache.rows(torch.tensor(rows))
            self.told[: self.count] = torch.tensor((representation.CHORD_HOLD, *NO_CHORD))
            self.weights = np.full(self.count, 1 / self.count)
        for row in anew:
            self.cache.begin(row)
            heard[row] = torch.tensor(NOTHING_HEARD)

    def of_kinds(self) -> tuple[Votes, Votes]:
        """What all elders and the young ear would play, each as if it had a whole vote."""
        elders: Votes = {}
        *old, young = self.ears.voting
        for ear in old:
            for chord, share in self.of_ear(ear).items():
                add(elders, chord, share)
        return elders, self.of_ear(young)

    def of_ear(self, ear: Ear) -> Votes:
        """What one would play, as if it had the whole vote."""
        votes: Votes = {}
        self.vote(votes, self.h[ear.row], 1.0, -ear.transposition)
        return votes

    def draws(self, frame: int, rows: np.ndarray) -> Draw:
        def draw(logits: Tensor, decision: int, temperature: float) -> Tensor:
            fraction = counter_rng.fraction(self.listening.seed, frame, rows, decision)
            return choose(logits, fraction, temperature)

        return draw

    def votes(self) -> Votes:
        """What all would play in the decided frame."""
        ears = {ear: ear.row for ear in self.ears.voting}
        return self.of_rows(self.h, self.before, self.told, self.weights, ears)

    @property
    def novelty(self) -> float:
        """As the ears have it, if they have a vote."""
        return self.ears.novelty if self.listening.ear else 0.0

    @property
    def is_single(self) -> bool:
        """Nobody to agree with: a hypothesis alone plays what it chooses."""
        return self.count == 1 and not self.listening.ear

    def of_rows(
        self, h: Tensor, before: Tensor, told: Tensor, weights: np.ndarray, ears: dict[Ear, int]
    ) -> Votes:
        """Hypotheses vote for all chords that they could choose, each by its probability; so do
        ears, each of which is a row of h. before, told: what rows read of the chords, and what they
        chose."""
        if self.is_single:
            return {tuple(told[0, 1:].tolist()): 1.0}
        votes = self.of_hypotheses(h, before, weights, 1 - self.listening.ear)
        if self.listening.ear:
            for ear, row in ears.items():
                share = self.listening.ear * self.ears.share(ear, list(ears))
                self.vote(votes, h[row], share, -ear.transposition)
        return votes

    def of_hypotheses(self, h: Tensor, before: Tensor, weights: np.ndarray, share: float) -> Votes:
        """Theirs alone, which have that share of all."""
        votes: Votes = {}
        if not share:
            return votes
        strikes = self.model.strike_logits(h).softmax(-1)[:, 1].tolist()
        for row, weight in enumerate(weights):
            of_row = share * float(weight)
            chord = tuple(before[row, 1:].tolist())
            if chord != NO_CHORD:
                add(votes, chord, of_row * (1 - strikes[row]))
            self.vote(votes, h[row], of_row * strikes[row])
        return votes

    def vote(self, votes: Votes, h: Tensor, share: float, semitones: int = 0) -> None:
        """For the chords of a frame by their odds, moved by semitones. Nobody votes for silence."""
        model, temperature = self.model, self.listening.temperature
        for root, of_root in likely(model.root_logits(h) / temperature, LEAST_ROOT):
            if root == representation.NO_ROOT:
                continue
            of_qualities = model.quality_logits(h, torch.tensor(root)) / temperature
            for quality, of_quality in likely(of_qualities, LEAST_QUALITY):
                bass = model.bass_logits(h, torch.tensor(root), torch.tensor(quality)).argmax()
                chord = ((root + semitones) % 12, quality, int(bass))
                add(votes, chord, share * of_root * of_quality)

    def finish(self, melody: int, was_silent: bool) -> None:
        """Belief goes to those who expected what was played. melody: the frame's event."""
        logits = self.model.melody_logits(self.h, *self.told.unbind(-1))[: self.count].double()
        if was_silent:  # Nothing sounds: nothing can be held.
            logits[:, representation.HOLD] = -torch.inf
        self.weights *= logits.softmax(-1)[:, melody].numpy()
        self.weights /= self.weights.sum()
        if 1 / (self.weights**2).sum() < self.count / 2:
            self.draw_anew()
        self.frame += 1

    def draw_anew(self) -> None:
        """Those that explain little give way to copies of those that explain much."""
        seed = self.listening.seed
        offset = float(counter_rng.fraction(seed, self.frame, np.array(0), counter_rng.ANCESTOR))
        kept = rows_after(ancestors(self.weights, offset))
        rows = torch.tensor([*kept, *range(self.count, len(self.told))])
        self.cache, self.told = self.cache.rows(rows), self.told[rows]
        self.weights = np.full(self.count, 1 / self.count)


def likely(logits: Tensor, least: float) -> list[tuple[int, float]]:
    """The choices that have at least this much of the probability, each with its share."""
    shares = logits.float().softmax(-1).tolist()
    return [(choice, share) for choice, share in enumerate(shares) if share >= least]
