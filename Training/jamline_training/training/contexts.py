"""Contexts: what the network reads of the frames before while it learns what comes next. Mostly
these are the person's chords and melody. In some excerpts they are something else:

*Self-generated chords.* A network that has read a person's chords alone does not learn to recover
from chords that no person would have played. So the network itself plays to some excerpts, up to
some frame, and learns what the person plays there (imitation on the learner's own states: Ross,
Gordon and Bagnell 2011, arXiv 1011.0686). The melody of those frames is not learned: the person's
melody goes with the person's chords, and an agent weights hypotheses by how well they predict the
melody. The person also says when a chord begins: a wrong chord lasts until the person's next
change, so that the network plays chords as often as a person.

*Chord dropout.* With all chords masked, the network learns which chord sounds in each frame from
the melody alone.

*An expert's chords.* Where chords are not masked, the network may read and learn an expert's chords
instead of the person's (`agent.expert`). With chords masked it learns the person's all the same.

*Melody masking.* An agent that commits chords beats ahead chooses them before the melody is played.
So in some excerpts, with or without chords, the melody is masked in stretches of up to
LONGEST_MASKED frames. The melody of those frames is not learned.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from ..data.batches import Batch, Sampler
from ..data.chord_vocabulary import NO_ROOT
from ..data.frames import CHORD_ONSET
from ..data.inputs import CHORD, MASKED_CHORD, mask_chords, mask_melody
from ..network import counter_rng
from ..network.generate import generate
from ..network.model import Accompanist
from .processes import Processes
from .recipe import Recipe

# Frames of the longest stretch with the melody masked, and of the longest without. At most four
# beats are committed, and a beat has at most six frames.
LONGEST_MASKED, LONGEST_UNMASKED = 24, 48


def masked_stretches(random: np.random.Generator, length: int) -> np.ndarray:
    """(T,), true in frames whose melody is masked. Masked and unmasked stretches alternate, each of
    uniform length up to its longest."""
    masked = np.zeros(length, bool)
    first = int(random.integers(1, LONGEST_UNMASKED + 1))
    while first < length:
        last = first + int(random.integers(1, LONGEST_MASKED + 1))
        masked[first:last] = True
        first = last + int(random.integers(1, LONGEST_UNMASKED + 1))
    return masked


def melody_mask(random: np.random.Generator, share: float, batch: Batch) -> Tensor:
    """(B, T): `masked_stretches` in this share of the batch's rows."""
    rows, length = batch.mask.shape
    chosen = random.random(rows) < share
    masked = [masked_stretches(random, length) if is_chosen else np.zeros(length, bool)
              for is_chosen in chosen]  # fmt: skip
    return torch.from_numpy(np.stack(masked))


def self_generated_chords(
    model: Accompanist, inputs: Tensor, mask: Tensor, seeds: np.ndarray
) -> Tensor:
    """The chord columns that a model reads, (B, T, 4), while it plays to melodies itself. Arguments
    as for `generate`."""
    chosen = generate(model, inputs, mask, seeds)
    first = torch.tensor(MASKED_CHORD, device=inputs.device).expand(len(inputs), 1, -1)
    return torch.cat([first, chosen[:, :-1]], 1)


def handed_over(person: Tensor, generated: Tensor, until: Tensor) -> Tensor:
    """Chord columns, (B, T, 4): the generated ones before frame `until`, (B,), and the person's
    from there on. The person's chord begins anew where it takes over."""
    frames = torch.arange(person.shape[1], device=person.device)[None]
    read = torch.where((frames < until[:, None])[..., None], generated, person)
    sounds = person[..., 1] != NO_ROOT
    takes_over = (frames == until[:, None]) & sounds & (frames > 0)
    read[..., 0] = read[..., 0].masked_fill(takes_over, CHORD_ONSET)
    return read


@dataclass
class Feed:
    """The batches of a training run, in rounds. At the beginning of a round the network plays to
    all of the round's excerpts that get self-generated chords, many at once. expert: the source of
    excerpts with an expert's chords, if the network learns those."""

    sampler: Sampler
    recipe: Recipe
    processes: Processes
    expert: Sampler | None = None
    ready: dict[int, Batch] = field(default_factory=dict)

    ROUND = 16

    def batch(self, step: int, model: Accompanist) -> Batch:
        """The step's batch. It depends on the step and on the model at the beginning of its
        round."""
        if step not in self.ready:
            last = min((step // self.ROUND + 1) * self.ROUND, self.recipe.steps)
            self.ready = {s: self.masked(s) for s in range(step, last)}
            self.generate_chords(model)
        return self.ready.pop(step)

    def draws(self, step: int, rows: int, length: int) -> tuple[np.ndarray, np.ndarray]:
        """For each row, (B,): a number in [0, 1) that decides its context, and the frame up to
        which self-generated chords are read. For a quarter of the rows that is the whole
        excerpt."""
        random = np.random.default_rng((self.sampler.seed, step, 2))
        return random.random(rows), random.integers(0, length * 4 // 3, rows)

    def masked(self, step: int) -> Batch:
        """The step's batch with chord dropout and melody masking."""
        batch = self.sampler.batch(step, *self.recipe.shape_of(step))
        share, _ = self.draws(step, *batch.mask.shape)
        dropped = torch.from_numpy(share < self.recipe.chord_dropout)
        if self.expert:
            batch = batch.where(dropped, self.expert.batch(step, *self.recipe.shape_of(step)))
        inputs = torch.where(dropped[:, None, None], mask_chords(batch.inputs), batch.inputs)
        random = np.random.default_rng((self.sampler.seed, step, 3))
        masked = melody_mask(random, self.recipe.melody_masking, batch)
        inputs = mask_melody(inputs, masked)
        batch = replace(batch, inputs=inputs, chords_masked=dropped, melody_masked=masked)
        return batch.to(self.processes.device)

    def self_generated_rows(self, step: int, batch: Batch) -> np.ndarray:
        """This process's rows that get self-generated chords. They are of the shorter excerpts, so
        that a round's rows can be generated together, and without hints, which the network does not
        have as it plays."""
        rows, length = batch.mask.shape
        recipe = self.recipe
        if step < recipe.self_generated_from * recipe.steps or length != recipe.length:
            return np.array([], np.int64)
        share, _ = self.draws(step, rows, length)
        dropout, generated = recipe.chord_dropout, recipe.self_generated
        is_generated = (share >= dropout) & (share < dropout + generated)
        has_hints = batch.hints.any(dim=1).cpu().numpy()
        is_here = np.arange(rows) % self.processes.count == self.processes.rank
        return np.flatnonzero(is_generated & is_here & ~has_hints)

    def generate_chords(self, model: Accompanist) -> None:
        """Generates the chords of all rows of the round that get self-generated ones."""
        chosen = [
            (step, row)
            for step, batch in self.ready.items()
            for row in self.self_generated_rows(step, batch)
        ]
        if not chosen:
            return
        inputs = torch.stack([self.ready[step].inputs[row] for step, row in chosen])
        mask = torch.stack([self.ready[step].mask[row] for step, row in chosen])
        places = np.array([step * 1000 + row for step, row in chosen], np.uint64)
        seeds = places ^ counter_rng.mix(np.asarray(self.sampler.seed, np.uint64))
        generated = self_generated_chords(model, inputs, mask, seeds)
        until = torch.tensor([
            self.draws(step, *self.ready[step].mask.shape)[1][row] for step, row in chosen
        ], device=inputs.device)  # fmt: skip
        chords = handed_over(inputs[..., CHORD], generated, until)
        frames = torch.arange(inputs.shape[1], device=inputs.device)
        for index, (step, row) in enumerate(chosen):
            batch = self.ready[step]
            batch.inputs[row, :, CHORD] = chords[index]
            batch.self_generated[row] = frames < until[index]
