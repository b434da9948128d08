"""Training batches: excerpts of songs, drawn set by set and transposed at random."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch

from . import frames as representation
from .chord_vocabulary import NO_ROOT, ChordVocabulary
from .corpus import Song
from .frames import Frames, frames_of, is_beat
from .hints import HINTS, moved_key
from .inputs import INPUT_COLUMNS, inputs_of
from .mixture import Mixture

TARGETS = ("melody", "chord_onset", "root", "quality", "bass")


@dataclass
class Batch:
    """B excerpts of T frames.

    inputs: (B, T, 10) as in inputs.INPUT_COLUMNS. melody, chord_onset, root, quality, bass: (B, T)
    each, the targets: the events of each frame. mask: (B, T), false in padding. hints: (B, 3) as in
    hints.HINTS. self_generated: (B, T), where the chords in the inputs are the network's own.
    melody_masked: (B, T), where the melody is masked. chords_masked: (B,), the excerpts whose
    chords are masked. See training.contexts for the last three.
    """

    inputs: torch.Tensor
    melody: torch.Tensor
    chord_onset: torch.Tensor
    root: torch.Tensor
    quality: torch.Tensor
    bass: torch.Tensor
    mask: torch.Tensor
    hints: torch.Tensor
    self_generated: torch.Tensor
    melody_masked: torch.Tensor
    chords_masked: torch.Tensor

    def to(self, device: torch.device | str) -> Batch:
        return Batch(*(getattr(self, field.name).to(device) for field in fields(self)))

    def rows(self, rows: slice) -> Batch:
        """The batch of some of its rows."""
        return Batch(*(getattr(self, field.name)[rows] for field in fields(self)))

    def where(self, rows: torch.Tensor, other: Batch) -> Batch:
        """A batch of this one's rows where `rows`, (B,), is true, and of the other's elsewhere."""
        pairs = [(getattr(self, field.name), getattr(other, field.name)) for field in fields(self)]
        return Batch(*(
            torch.where(rows.view(-1, *[1] * (own.ndim - 1)), own, its) for own, its in pairs
        ))  # fmt: skip


def transposed(frames: Frames, semitones: int) -> dict[str, np.ndarray]:
    """The melody, pitch and root arrays of a song, transposed by less than an octave. A note that
    would leave MIDI's range moves by an octave back into it. Quality and bass are relative to the
    root, so they do not change."""
    sounding = frames.pitch < representation.NO_PITCH
    moved = frames.pitch + semitones
    moved = np.where(moved > 127, moved - 12, np.where(moved < 0, moved + 12, moved))
    pitch = np.where(sounding, moved, representation.NO_PITCH)
    onset = frames.melody >= representation.ONSET
    melody = np.where(onset, representation.ONSET + pitch, frames.melody)
    chordless = frames.root == NO_ROOT
    root = np.where(chordless, NO_ROOT, (frames.root + semitones) % 12)
    return {"melody": melody, "pitch": pitch, "root": root}


def excerpt(frames: Frames, first: int, length: int) -> Frames:
    """At most `length` frames from a bar line on, as a piece that begins there: a chord or a note
    that sounds already begins in the first frame."""
    part = slice(first, first + length)
    melody, chord_onset = frames.melody[part].copy(), frames.chord_onset[part].copy()
    if melody[0] == representation.HOLD:
        melody[0] = representation.ONSET + frames.pitch[first]
    chord_onset[0] = frames.root[first] != NO_ROOT
    others = ("pitch", "root", "quality", "bass", "place", "left", "bar")
    cut = {name: getattr(frames, name)[part] for name in others}
    return replace(frames, melody=melody, chord_onset=chord_onset, **cut)


def hints_of(frames: Frames, semitones: int) -> list[int]:
    """The hints that the network is given, for the piece transposed by so many semitones."""
    known = {"style": frames.style, "key": moved_key(frames.key, semitones), "melody_first": 1}
    return [known[name] if name in frames.hints else 0 for name in HINTS]


def collate(parts: list[tuple[Frames, int]], length: int) -> Batch:
    """A batch of excerpts, each with the semitones to transpose it by, padded or cut to `length`
    frames."""
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
    hints = torch.tensor([hints_of(*part) for part in parts])
    nowhere = torch.zeros(shape, dtype=torch.bool)
    return Batch(
        torch.from_numpy(inputs), mask=torch.from_numpy(mask), hints=hints, self_generated=nowhere,
        melody_masked=nowhere.clone(), chords_masked=nowhere[:, 0].clone(), **tensors,
    )  # fmt: skip


# Changes an excerpt before the network learns from it.
Change = Callable[[Frames, np.random.Generator], Frames]


class Sampler:
    """Draws excerpts: first a set by its share in the mixture, then one of its songs by length.

    Half of the excerpts begin where their song does. The others begin at a bar line, but a share
    `off_bar` of those on any beat. Then each of `changes` is applied to every excerpt.
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
        """`size` excerpts of at most `length` frames. The batch depends on seed and step alone, so
        that a resumed run continues as if it had never stopped."""
        random = np.random.default_rng((self.seed, step))
        parts = [self.draw(random, length) for _ in range(size)]
        # A generator of their own: changes do not affect which excerpts are drawn.
        random = np.random.default_rng((self.seed, step, 1))
        for change in self.changes:
            parts = [(change(frames, random), semitones) for frames, semitones in parts]
        return collate(parts, length)

    def draw(self, random: np.random.Generator, length: int) -> tuple[Frames, int]:
        """An excerpt, and the semitones to transpose it by: −6 to 5, so that all keys are as
        frequent."""
        name = self.names[random.choice(len(self.names), p=self.shares)]
        song = self.sets[name][random.choice(len(self.sets[name]), p=self.song_shares[name])]
        first = 0
        # At least half an excerpt of music must follow the place where it begins.
        places = song.place[: max(0, len(song) - math.ceil(length / 2)) + 1]
        bar_lines = np.flatnonzero(places == 0)
        if random.random() < 0.5 and len(bar_lines):
            first = int(random.choice(bar_lines))
            if self.off_bar and random.random() < self.off_bar:
                first = int(random.choice(np.flatnonzero(is_beat(places, song.compound))))
        return excerpt(song, first, length), int(random.integers(-6, 6))
