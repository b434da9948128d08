"""A classifier two-sample test (Lopez-Paz and Oquab 2017): can a classifier learn to tell an
accompanist's chords from the human's? An area under the ROC curve of .5 says that it cannot, 1 that
it always
can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from ..data.frames import FRAMES_PER_BEAT
from ..data.takes import Take

CHORD_GROUPS, MELODY_GROUPS, FLAGS = 3, 1, 4
WIDTH = 32
EPOCHS, BATCH, RATE, DECAY, DROPOUT = 30, 32, 3e-3, 0.1, 0.3


def features_of(take: Take, with_melody: bool) -> tuple[np.ndarray, np.ndarray]:
    """The classifier's features of F frames. Pitch classes, (F, groups, 12): root, tones and bass
    of the chord and, with the melody, its pitch. Flags, (F, 4): a chord begins, bar line, beat, a
    note begins."""
    chords = take.harmony
    frames = np.arange(len(take))
    groups = np.zeros((len(take), CHORD_GROUPS + (MELODY_GROUPS if with_melody else 0), 12))
    sounding = np.flatnonzero(chords.sounds)
    groups[sounding, 0, chords.root[sounding]] = 1
    groups[:, 1] = chords.tones
    groups[sounding, 2, chords.bass[sounding]] = 1
    if with_melody:
        sounds = np.flatnonzero(take.melody)
        groups[sounds, 3, take.pitch[sounds] % 12] = 1
    onset = take.onset if with_melody else np.zeros_like(frames)
    flags = [chords.begins, take.place == 0, take.place % FRAMES_PER_BEAT == 0, onset]
    return groups, np.stack(flags, axis=1).astype(float)


@dataclass
class Examples:
    """The features of N takes, padded to F frames, which are whole beats. groups: (N, F, groups,
    12). flags: (N, F, 4). mask: (N, F), false in padding."""

    groups: torch.Tensor
    flags: torch.Tensor
    mask: torch.Tensor

    @classmethod
    def of(cls, takes: Sequence[Take], with_melody: bool, frames: int) -> Examples:
        """The examples of takes."""
        features = [features_of(take, with_melody) for take in takes]

        def padded(part: np.ndarray) -> np.ndarray:
            room = [(0, frames - len(part)), *[(0, 0)] * (part.ndim - 1)]
            return np.pad(part, room).astype(np.float32)

        return cls(
            torch.from_numpy(np.stack([padded(groups) for groups, _ in features])),
            torch.from_numpy(np.stack([padded(flags) for _, flags in features])),
            torch.from_numpy(np.stack([padded(np.ones(len(take))) for take in takes])),
        )

    def __getitem__(self, which: torch.Tensor) -> Examples:
        return Examples(self.groups[which], self.flags[which], self.mask[which])

    def transposed(self, semitones: torch.Tensor) -> Examples:
        """The examples transposed, each by its semitones, (N,), so that keys do not matter."""
        at = (torch.arange(12) - semitones[:, None]) % 12
        at = at[:, None, None, :].expand(self.groups.shape)
        return Examples(self.groups.gather(3, at), self.flags, self.mask)


class Classifier(nn.Module):
    """Convolutions over beats, with a receptive field of 13, and their mean and maximum over the
    song."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.beats = nn.Conv1d(12 * groups + FLAGS, WIDTH, FRAMES_PER_BEAT, FRAMES_PER_BEAT)
        self.near = nn.Conv1d(WIDTH, WIDTH, 5, padding=2)
        self.far = nn.Conv1d(WIDTH, WIDTH, 5, padding=4, dilation=2)
        self.drop = nn.Dropout(DROPOUT)
        self.output = nn.Linear(2 * WIDTH, 1)

    def forward(self, examples: Examples) -> torch.Tensor:
        """Logits, (N,): larger where the classifier takes the chords for the human's."""
        frames = torch.cat([examples.groups.flatten(2), examples.flags], dim=2)
        mask = examples.mask[:, None, ::FRAMES_PER_BEAT]
        x = nn.functional.gelu(self.beats(frames.transpose(1, 2))) * mask
        x = x + nn.functional.gelu(self.near(self.drop(x))) * mask
        x = x + nn.functional.gelu(self.far(self.drop(x))) * mask
        mean = x.sum(dim=2) / mask.sum(dim=2).clamp(min=1)
        largest = x.masked_fill(mask == 0, -1e4).amax(dim=2)
        return self.output(self.drop(torch.cat([mean, largest], dim=1)))[:, 0]


def train(examples: Examples, labels: torch.Tensor, seed: int, epochs: int) -> Classifier:
    """Trains a classifier. labels: (N,), 1 for the human's chords."""
    torch.manual_seed(seed)
    classifier = Classifier(examples.groups.shape[2])
    optimizer = torch.optim.AdamW(classifier.parameters(), RATE, weight_decay=DECAY)
    steps = epochs * -(-len(labels) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for _ in range(epochs):
        for which in torch.randperm(len(labels)).split(BATCH):
            batch = examples[which].transposed(torch.randint(12, (len(which),)))
            loss = nn.functional.binary_cross_entropy_with_logits(classifier(batch), labels[which])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return classifier.eval()


@dataclass(frozen=True)
class TwoSampleResult:
    """wins: (songs, songs), 1 if the human's chords to one song have a higher logit than the
    accompanist's to another, ½ if they have the same, else 0. same: (songs, songs), whether the
    same classifier was asked about both songs."""

    wins: np.ndarray
    same: np.ndarray

    def area(self, weights: np.ndarray) -> np.ndarray:
        """The area under the curve, (samples,). weights: (samples, songs)."""
        won = (weights @ (self.wins * self.same) * weights).sum(axis=1)
        pairs = (weights @ self.same * weights).sum(axis=1)
        return won / np.where(pairs > 0, pairs, np.nan)

    def among(self, songs: np.ndarray) -> TwoSampleResult:
        """The result for some of the songs, given by their indices."""
        return TwoSampleResult(self.wins[np.ix_(songs, songs)], self.same[np.ix_(songs, songs)])


def two_sample_test(
    human: Sequence[Take], imitation: Sequence[Take], with_melody: bool, seed: int = 0,
    epochs: int = EPOCHS,
) -> TwoSampleResult:  # fmt: skip
    """Trains two classifiers, each on what both sides played to one half of the songs, and tests it
    on the other half. human, imitation: takes of the same songs, in the same order."""
    longest = max(len(take) for take in [*human, *imitation])
    frames = -(-longest // FRAMES_PER_BEAT) * FRAMES_PER_BEAT
    sides = [Examples.of(takes, with_melody, frames) for takes in (human, imitation)]
    order = np.random.default_rng(seed).permutation(len(human))
    halves = [torch.from_numpy(np.sort(half)) for half in np.array_split(order, 2)]
    scores = np.zeros((2, len(human)))
    fold = np.zeros(len(human), int)
    for number, (seen, new) in enumerate([halves, halves[::-1]]):
        both = [side[seen] for side in sides]
        joined = Examples(*(torch.cat([getattr(side, name) for side in both])
                            for name in ("groups", "flags", "mask")))  # fmt: skip
        labels = torch.cat([torch.ones(len(seen)), torch.zeros(len(seen))])
        trained = train(joined, labels, seed, epochs)
        fold[new] = number
        with torch.no_grad():
            for side, examples in enumerate(sides):
                scores[side, new] = trained(examples[new]).numpy()
    lead = scores[0][:, None] - scores[1][None, :]
    return TwoSampleResult(np.heaviside(lead, 0.5), fold[:, None] == fold[None, :])
