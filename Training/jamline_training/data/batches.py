"""Training batches: excerpts of songs, drawn set by set, transposed at random."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch

from . import frames as representation
from .chord_vocabulary import ChordVocabulary
from .corpus import Song
from .frames import Frames, frames_of, is_beat
from .hints import HINTS, moved_key
from .inputs import INPUT_COLUMNS, inputs_of
from .mixture import Mixture

TARGETS = ("melody", "strike", "root", "quality", "bass")


@dataclass
class Batch:
    """inputs: (B, T, 10) as model.INPUT_COLUMNS says. The targets, of what happens in each frame:
    melody, strike, root, quality, bass, all (B, T). mask: (B, T), false in padding.
    conditions: (B, 3), what the network is told of each, as hints.HINTS says. own: (B, T),
    where the chords that it reads are its own; unheard: (B, T), where it does not read the melody;
    untold: (B,), whether it reads no chords: see contexts.
    """

    inputs: torch.Tensor
    melody: torch.Tensor
    strike: torch.Tensor
    root: torch.Tensor
    quality: torch.Tensor
    bass: torch.Tensor
    mask: torch.Tensor
    conditions: torch.Tensor
    own: torch.Tensor
    unheard: torch.Tensor
    untold: torch.Tensor

    def to(self, device: torch.device | str) -> Batch:
        return Batch(*(getattr(self, field.name).to(device) for field in fields(self)))

    def rows(self, rows: slice) -> Batch:
        """Some of its rows."""
        return Batch(*(getattr(self, field.name)[rows] for field in fields(self)))

    def where(self, rows: torch.Tensor, other: Batch) -> Batch:
        """A batch of the same shape, of its own rows where `rows`, (B,), is true and of the other's
        elsewhere."""
        pairs = [(getattr(self, field.name), getattr(other, field.name)) for field in fields(self)]
        return Batch(*(
            torch.where(rows.view(-1, *[1] * (own.ndim - 1)), own, its) for own, its in pairs
        ))  # fmt: skip


def transposed(frames: Frames, semitones: int) -> dict[str, np.ndarray]:
    """The events of a song, moved by less than an octave; a note that would leave MIDI's range goes
    to its pitch class an octave within. What is relative to a root, quality and bass, stays."""
    sounding = frames.pitch < representation.NO_PITCH
    moved = frames.pitch + semitones
    moved = np.where(moved > 127, moved - 12, np.where(moved < 0, moved + 12, moved))
    pitch = np.where(sounding, moved, representation.NO_PITCH)
    onset = frames.melody >= representation.ONSET
    melody = np.where(onset, representation.ONSET + pitch, frames.melody)
    chordless = frames.root == representation.NO_ROOT
    root = np.where(chordless, representation.NO_ROOT, (frames.root + semitones) % 12)
    return {"melody": melody, "pitch": pitch, "root": root}


def excerpt(frames: Frames, first: int, length: int) -> Frames:
    """At most `length` frames from a bar line on, as a piece that begins there: a chord that sounds
    already is struck on its first frame, a note that sounds already is struck too."""
    part = slice(first, first + length)
    melody, strike = frames.melody[part].copy(), frames.strike[part].copy()
    if melody[0] == representation.HOLD:
        melody[0] = representation.ONSET + frames.pitch[first]
    strike[0] = frames.root[first] != representation.NO_ROOT
    others = ("pitch", "root", "quality", "bass", "place", "left", "bar")
    cut = {name: getattr(frames, name)[part] for name in others}
    return replace(frames, melody=melody, strike=strike, **cut)


def conditions_of(frames: Frames, semitones: int) -> list[int]:
    """What the network is told of the piece, which is moved by so many semitones."""
    known = {"style": frames.style, "key": moved_key(frames.key, semitones), "melody_first": 1}
    return [known[name] if name in frames.told else 0 for name in HINTS]


def collate(parts: list[tuple[Frames, int]], length: int) -> Batch:
    """Excerpts, each with the semitones to move it by, padded or cut to `length` frames."""
    shape = (len(parts), length)
    inputs = np.zeros((*shape, len(INPUT_COLUMNS)), np.int64)
    arrays = {name: np.zeros(shape, np.int64) for name in TARGETS}
    mask = np.zeros(shape, bool)
    for row, (frames, semitones) in enumerate(parts):
        count = min(len(frames), length)
        events = transposed(frames, semitones)
        inputs[row, :count] = inputs_of(frames, events)[:count]
        for name, array in arrays.items():
            array[row, :count] = events.get(name, getattr(frames, name))[:count]
        mask[row, :count] = True
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    told = torch.tensor([conditions_of(*part) for part in parts])
    nowhere = torch.zeros(shape, dtype=torch.bool)
    return Batch(
        torch.from_numpy(inputs), mask=torch.from_numpy(mask), conditions=told,
        own=nowhere, unheard=nowhere.clone(), untold=nowhere[:, 0].clone(), **tensors,
    )  # fmt: skip


# Makes of an excerpt what the network is to learn from.
Change = Callable[[Frames, np.random.Generator], Frames]


class Sampler:
    """Draws excerpts: a set by its share in the mixture, then a song by its length.

    Half of the excerpts begin where their song does, the others at a bar line, a share `off_bar` of
    them on any beat. Then each of `changes` is made to every excerpt.
    """

    def __init__(
        self,
        songs: list[Song],
        vocabulary: ChordVocabulary,
        mixture: Mixture,
        seed: int,
        changes: Sequence[Change] = (),
        off_bar: float = 0.0,
    ) -> None:
        self.sets: dict[str, list[Frames]] = {}
        for song in songs:
            self.sets.setdefault(song.set, []).append(frames_of(song, vocabulary))
        sizes = {name: sum(map(len, self.sets[name])) for name in sorted(self.sets)}
        shares = mixture.shares(sizes)
        self.names = list(shares)
        self.shares = np.array(list(shares.values()))
        self.song_shares = {
            name: np.array([len(f) for f in self.sets[name]]) / sizes[name] for name in self.names
        }
        self.seed = seed
        self.changes = changes
        self.off_bar = off_bar

    def batch(self, step: int, size: int, length: int) -> Batch:
        """`size` excerpts of at most `length` frames: a function of seed and step alone, so that a
        resumed run goes on as if it had never stopped."""
        random = np.random.default_rng((self.seed, step))
        parts = [self.draw(random, length) for _ in range(size)]
        # Chance of their own: the same excerpts are drawn, whatever is made of them.
        random = np.random.default_rng((self.seed, step, 1))
        for change in self.changes:
            parts = [(change(frames, random), semitones) for frames, semitones in parts]
        return collate(parts, length)

    def draw(self, random: np.random.Generator, length: int) -> tuple[Frames, int]:
        """An excerpt, and the semitones to move it by: −6 to 5, so that each key comes as often."""
        name = self.names[random.choice(len(self.names), p=self.shares)]
        song = self.sets[name][random.choice(len(self.sets[name]), p=self.song_shares[name])]
        first = 0
        # Leave at least half an excerpt of music after the place where it begins.
        places = song.place[: max(0, len(song) - math.ceil(length / 2)) + 1]
        bar_lines = np.flatnonzero(places == 0)
        if random.random() < 0.5 and len(bar_lines):
            first = int(random.choice(bar_lines))
            if self.off_bar and random.random() < self.off_bar:
                first = int(random.choice(np.flatnonzero(is_beat(places, song.compound))))
        return excerpt(song, first, length), int(random.integers(-6, 6))
