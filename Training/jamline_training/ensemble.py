"""Several minds that hear one melody: the reference of the agent's `Ensemble`, many songs at once.

Sequential Monte Carlo, a bootstrap particle filter (Gordon, Salmond and Smith 1993): each hypothesis
is a context of the network with chords of its own, weighted by the probability that it gave to the
melody, and drawn anew when few carry most of the weight.

Shapes: S songs, K hypotheses a song, T frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from . import chance
from . import frames as representation
from .frames import Frames
from .model import Accompanist, Cache


@dataclass
class Votes:
    """What hypotheses made of songs. weights: (S, T, K), the belief in each as it decides a frame,
    summing to 1 over K. chords: (S, T, K, 3), the root, quality and bass that it decided on."""

    weights: np.ndarray
    chords: np.ndarray


@dataclass
class Listening:
    """How an ensemble listens."""

    hypotheses: int = 16
    temperature: float = 1.0  # of the choice of chords; when they strike is always as learned


def choose(logits: Tensor, fraction: np.ndarray, temperature: float = 1.0) -> Tensor:
    """The choice whose share of [0, 1) `fraction` falls into, shares side by side in order.

    logits: (…, choices); fraction: (…); (…) back.
    """
    shares = (logits.float() / temperature).softmax(-1).double()
    target = torch.from_numpy(fraction) * shares.sum(-1)
    passed = (shares.cumsum(-1) <= target[..., None]).sum(-1)
    return passed.clamp(max=logits.shape[-1] - 1)


def ancestors(weights: np.ndarray, offset: float) -> np.ndarray:
    """Systematic resampling (Carpenter, Clifford and Fearnhead 1999): (K,) weights that sum to 1;
    the K hypotheses that the new ones come from, in order."""
    count = len(weights)
    targets = (np.arange(count) + offset) / count
    return np.minimum(np.searchsorted(np.cumsum(weights), targets, side="right"), count - 1)


def places_after(kept: np.ndarray) -> np.ndarray:
    """Whose copy stands in each row after resampling: an ancestor's first child stays in its row,
    its others take the rows of those who have none, from the last on."""
    count = len(kept)
    sources = np.arange(count)
    free = [row for row in range(count) if row not in set(kept.tolist())]
    for ancestor, sister in zip(kept, kept[1:], strict=False):
        if ancestor == sister:
            sources[free.pop()] = ancestor
    return sources


class Ensemble:
    """Hypotheses over S songs that begin with frame 0; `decide` and `finish` take turns."""

    def __init__(
        self, model: Accompanist, seeds: np.ndarray, length: int, listening: Listening
    ) -> None:
        self.model, self.listening = model, listening
        songs, count = len(seeds), listening.hypotheses
        self.seeds = np.asarray(seeds)[:, None]
        self.rows = np.arange(count)[None]
        self.weights = np.full((songs, count), 1 / count)
        self.chord = torch.tensor([representation.NO_ROOT, 0, 0]).repeat(songs, count, 1)
        self.strike = torch.full((songs, count), representation.CHORD_START)
        self.cache = Cache(model.c, songs * count, length)
        self.frame = 0

    def decide(self, heard: Tensor, places: Tensor) -> None:
        """Each hypothesis chooses its chord of the frame. heard: (S, 2), kind and pitch of the
        frame before; places: (S, 4), place, left, bar, compound of this one."""
        songs, count = self.weights.shape
        each = torch.cat([heard, places], -1)[:, None].expand(songs, count, 6)
        inputs = torch.cat([each[..., :2], self.strike[..., None], self.chord, each[..., 2:]], -1)
        h = self.model.states(inputs.reshape(songs * count, 1, -1), self.cache)
        self.h = h.reshape(songs, count, -1)
        model, temperature = self.model, self.listening.temperature
        strike = choose(model.strike_logits(self.h), self.chance(chance.STRIKE))
        root = choose(model.root_logits(self.h), self.chance(chance.ROOT), temperature)
        sounds = root != representation.NO_ROOT
        quality = model.quality_logits(self.h, root)
        quality = choose(quality, self.chance(chance.QUALITY), temperature).where(sounds, 0)
        bass = model.bass_logits(self.h, root, quality)
        bass = choose(bass, self.chance(chance.BASS), temperature).where(sounds, 0)
        chosen = torch.stack([root, quality, bass], -1)
        chosen = chosen.where((strike == representation.CHORD_STRIKE)[..., None], self.chord)
        # To strike what sounds already is to hold it.
        self.strike = (chosen != self.chord).any(-1).long()
        self.chord = chosen

    def chance(self, decision: int) -> np.ndarray:
        return chance.fraction(self.seeds, self.frame, self.rows, decision)

    def finish(self, melody: Tensor, was_silent: Tensor) -> None:
        """Belief goes to those who expected what was played. melody: (S,) events; was_silent: (S,),
        whether nothing sounded before."""
        logits = self.model.melody_logits(self.h, self.strike, *self.chord.unbind(-1)).float()
        # Nothing sounds: nothing can be held.
        logits[..., representation.HOLD].masked_fill_(was_silent[:, None], -torch.inf)
        shares = logits.softmax(-1)
        event = melody[:, None, None].expand(*shares.shape[:2], 1)
        self.weights *= shares.gather(-1, event).squeeze(-1).double().numpy()
        total = self.weights.sum(-1, keepdims=True)
        # What nobody expected at all tells nothing about any of them.
        even = np.full_like(self.weights, 1 / self.weights.shape[1])
        self.weights = np.divide(self.weights, total, out=even, where=total > 0)
        self.draw_anew_if_needed()
        self.frame += 1

    def draw_anew_if_needed(self) -> None:
        """Where the effective sample size falls below half of the hypotheses, those that explain
        little give way to copies of those that explain much."""
        count = self.weights.shape[1]
        sources, places = [], []
        for song in np.flatnonzero(1 / (self.weights**2).sum(-1) < count / 2):
            offset = float(chance.fraction(self.seeds[song, 0], self.frame, 0, chance.ANCESTOR))
            after = places_after(ancestors(self.weights[song], offset))
            moved = np.flatnonzero(after != np.arange(count))
            sources.extend(song * count + after[moved])
            places.extend(song * count + moved)
            self.weights[song] = 1 / count
        if not places:
            return
        length = self.cache.length
        for kept in (self.cache.keys, self.cache.values):
            kept[:, places, :, :length] = kept[:, sources, :, :length]
        for state in (self.chord, self.strike):
            rows = state.flatten(0, 1)
            rows[places] = rows[sources]


@torch.no_grad()
def listen(
    model: Accompanist, songs: list[Frames], seeds: np.ndarray, listening: Listening
) -> Votes:
    """The votes of an ensemble that plays along with each song, frame by frame from a cold start.

    T is the longest song's frames; a shorter song goes on in silence.
    """
    length = max(map(len, songs))
    melody = np.full((len(songs), length), representation.REST)
    pitch = np.full((len(songs), length), representation.NO_PITCH)
    places = np.zeros((len(songs), length, 4), np.int64)
    for row, song in enumerate(songs):
        n = len(song)
        melody[row, :n], pitch[row, :n] = song.melody, song.pitch
        bar = song.bar % representation.BARS_PER_PHRASE
        places[row, :n] = np.stack([song.place, song.left, bar, np.full(n, song.compound)], -1)
    heard = torch.from_numpy(np.stack([representation.melody_kinds(melody), pitch], -1))
    places, events = torch.from_numpy(places), torch.from_numpy(melody)
    before = torch.tensor([representation.KIND_START, representation.NO_PITCH])
    before = before.repeat(len(songs), 1)
    ensemble = Ensemble(model, seeds, length, listening)
    weights, chords = [], []
    for frame in range(length):
        ensemble.decide(before, places[:, frame])
        weights.append(ensemble.weights.copy())
        chords.append(ensemble.chord.numpy().copy())
        ensemble.finish(events[:, frame], before[:, 1] == representation.NO_PITCH)
        before = heard[:, frame]
    return Votes(np.stack(weights, 1), np.stack(chords, 1))
