"""Several minds that hear one melody: the agent's `Ensemble` and `Consensus`, as a reference that the
tests hold them to. Frame by frame, one song at a time, in as few lines as it takes.

Shapes: K hypotheses, D the network's width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from . import chance
from . import frames as representation
from .chords import ChordVocabulary, parse
from .frames import Frames
from .model import Accompanist, Cache

Chord = tuple[int, int, int]  # root, quality, bass
NO_CHORD: Chord = (representation.NO_ROOT, 0, 0)
# What the network reads where it is told of no chords: kind, root, quality, bass.
UNTOLD = (representation.CHORD_START, *NO_CHORD)

# A root, and a quality on it, that has less of a mind's probability gets no vote.
LEAST_ROOT, LEAST_QUALITY = 0.02, 0.1


def choose(logits: Tensor, fraction: np.ndarray, temperature: float = 1.0) -> Tensor:
    """The choice whose share of [0, 1) `fraction` falls into, shares side by side in order.

    logits: (…, choices); fraction: (…); (…) back.
    """
    shares = (logits.float() / temperature).softmax(-1).double()
    target = torch.from_numpy(fraction).to(shares.device) * shares.sum(-1)
    passed = (shares.cumsum(-1) <= target[..., None]).sum(-1)
    return passed.clamp(max=logits.shape[-1] - 1)


def ancestors(weights: np.ndarray, offset: float) -> np.ndarray:
    """Systematic resampling (Carpenter, Clifford and Fearnhead 1999): (K,) weights that sum to 1;
    the K hypotheses that the new ones come from, in order."""
    count = len(weights)
    targets = (np.arange(count) + offset) / count
    return np.minimum(np.searchsorted(np.cumsum(weights), targets, side="right"), count - 1)


def rows_after(kept: np.ndarray) -> np.ndarray:
    """Whose copy stands in each row after resampling: an ancestor's first child stays in its row,
    its others take the rows of those who have none, from the last on."""
    sources = np.arange(len(kept))
    free = [row for row in sources if row not in set(kept.tolist())]
    for ancestor, sister in zip(kept, kept[1:], strict=False):
        if ancestor == sister:
            sources[free.pop()] = ancestor
    return sources


Votes = dict[Chord, float]


class Ensemble:
    """K hypotheses and, in the row after them, an ear that is told of no chords; `decide` and
    `finish` take turns, frame by frame."""

    def __init__(
        self, model: Accompanist, count: int, length: int, seed: int, ear_share: float
    ) -> None:
        self.model, self.count, self.seed, self.ear_share = model, count, seed, ear_share
        self.weights = np.full(count, 1 / count)
        self.told = torch.tensor([UNTOLD]).repeat(count + 1, 1)  # kind, root, quality, bass
        self.before = self.told.clone()  # as the frame began
        self.cache = Cache(model.c, count + 1, length)
        self.frame = 0

    def decide(self, heard: tuple[int, int], place: tuple[int, int, int, int]) -> None:
        """Each hypothesis chooses its chord of the frame. heard: kind and pitch of the frame
        before; place: place, left, bar and compound of this one."""
        rows = self.count + 1
        parts = [torch.tensor(heard).expand(rows, 2), self.told, torch.tensor(place).expand(rows, 4)]
        model, h = self.model, self.model.states(torch.cat(parts, -1)[:, None], self.cache)[:, 0]
        self.h, self.before, h = h, self.told.clone(), h[: self.count]
        strike = choose(model.strike_logits(h), self.chance(chance.STRIKE))
        root = choose(model.root_logits(h), self.chance(chance.ROOT))
        sounds = root != representation.NO_ROOT
        quality = choose(model.quality_logits(h, root), self.chance(chance.QUALITY)).where(sounds, 0)
        bass = model.bass_logits(h, root, quality)
        bass = choose(bass, self.chance(chance.BASS)).where(sounds, 0)
        sounding = self.told[: self.count, 1:]
        chord = torch.stack([root, quality, bass], -1).where(strike[:, None] == 1, sounding)
        # To strike what sounds already is to hold it.
        is_new = (chord != sounding).any(-1, keepdim=True).long()
        self.told[: self.count] = torch.cat([is_new, chord], -1)

    def chance(self, decision: int) -> np.ndarray:
        return chance.fraction(self.seed, self.frame, np.arange(self.count), decision)

    def votes(self) -> Votes:
        """All chords that could have been chosen, each by its probability."""
        votes: Votes = {}
        strikes = self.model.strike_logits(self.h).softmax(-1)[:, 1].tolist()
        for row in range(self.count):
            share = (1 - self.ear_share) * float(self.weights[row])
            sounding = tuple(self.before[row, 1:].tolist())
            add(votes, sounding, share * (1 - strikes[row]))
            self.vote(votes, row, share * strikes[row])
        if self.ear_share:
            self.vote(votes, self.count, self.ear_share)
        return votes

    def vote(self, votes: Votes, row: int, share: float) -> None:
        model, h = self.model, self.h[row]
        for root, of_root in likely(model.root_logits(h), LEAST_ROOT):
            if root == representation.NO_ROOT:
                add(votes, NO_CHORD, share * of_root)
                continue
            of_qualities = model.quality_logits(h, torch.tensor(root))
            for quality, of_quality in likely(of_qualities, LEAST_QUALITY):
                bass = model.bass_logits(h, torch.tensor(root), torch.tensor(quality)).argmax()
                add(votes, (root, quality, int(bass)), share * of_root * of_quality)

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
        offset = float(chance.fraction(self.seed, self.frame, np.array(0), chance.ANCESTOR))
        rows = torch.from_numpy(np.append(rows_after(ancestors(self.weights, offset)), self.count))
        self.cache.keys, self.cache.values = self.cache.keys[:, rows], self.cache.values[:, rows]
        self.told = self.told[rows]
        self.weights = np.full(self.count, 1 / self.count)


def add(votes: Votes, chord: Chord, share: float) -> None:
    votes[chord] = votes.get(chord, 0.0) + share


def likely(logits: Tensor, least: float) -> list[tuple[int, float]]:
    """The choices that have at least this much of the probability, each with its share."""
    shares = logits.float().softmax(-1).tolist()
    return [(choice, share) for choice, share in enumerate(shares) if share >= least]


@dataclass
class Consensus:
    """The chord that is disagreed with least (minimum Bayes risk; Kumar and Byrne 2004), kept unless
    another is clearly better: so many times at the bar line, in its middle, on other beats."""

    vocabulary: ChordVocabulary
    at_bar_line: float = 1.0
    at_half_bar: float = 1.3
    at_beat: float = 1.6
    of_root: float = 0.5
    of_tones: float = 0.4

    def chord(self, votes: Votes, sounding: Chord, place: int, left: int, compound: bool) -> Chord:
        """place and left: frames since the bar line and to the next one, less one."""
        if place % (6 if compound else 4):
            return sounding
        middle = 2 * place == place + left + 1
        margin = self.at_bar_line if place == 0 else self.at_half_bar if middle else self.at_beat
        best, agreement = sounding, margin * self.agreement(sounding, votes)
        for chord in votes:
            if chord != sounding and self.agreement(chord, votes) > agreement:
                best, agreement = chord, self.agreement(chord, votes)
        return best

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
        root, quality, bass = chord
        if root == representation.NO_ROOT:
            return frozenset()
        intervals = parse("C" + self.vocabulary.names[quality]).intervals | {bass}
        return frozenset((root + interval) % 12 for interval in intervals)


@torch.no_grad()
def play_along(
    model: Accompanist, song: Frames, count: int, seed: int, ear_share: float
) -> list[Chord]:
    """The agent's chords to a song that begins on a bar line, frame by frame at temperature 1: nothing
    is promised, so nothing imagined. As long as nothing was played there is no chord. ear_share: what
    the ear has of all votes."""
    ensemble = Ensemble(model, count, len(song), seed, ear_share)
    consensus = Consensus(ChordVocabulary(model.c.qualities))
    kinds = representation.melody_kinds(song.melody)
    heard = (representation.KIND_START, representation.NO_PITCH)
    chord, chords = NO_CHORD, []
    for frame in range(len(song)):
        bar = int(song.bar[frame]) % representation.BARS_PER_PHRASE
        place, left = int(song.place[frame]), int(song.left[frame])
        ensemble.decide(heard, (place, left, bar, int(song.compound)))
        if (song.melody[:frame] >= representation.ONSET).any():
            chord = consensus.chord(ensemble.votes(), chord, place, left, song.compound)
        chords.append(chord)
        ensemble.finish(int(song.melody[frame]), heard[1] == representation.NO_PITCH)
        heard = (int(kinds[frame]), int(song.pitch[frame]))
    return chords
