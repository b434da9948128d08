"""What the network reads of what came before, while it learns what comes next: mostly the person's
chords and melody; now and then its own chords, or none, or nothing of the melody for a while.

*Own*: who has learned from a person's chords alone does not know how to come back from chords that
a person would not have played. So some excerpts are played to by the network itself, up to some
frame, and it learns what the person plays there all the same (imitation from one's own states:
Ross, Gordon and Bagnell 2011, arXiv 1011.0686). The melody is not learned there: the person's
melody goes with the person's chords, and an agent weighs its chords by how well the melody goes
with them. When to strike is learned from the person too: a wrong chord lasts until the person's
next change, so that chords come as often as a person has them.

*Untold*: told nothing of the chords, it learns which chord sounds in a frame from the melody alone,
all that could have come before being weighed up.

*Expert*: wherever it is told chords, these and what it learns may be an expert's in the place of the
person's (see `expert`); told of none it learns the person's all the same.

*Unheard*: who promises chords beats ahead chooses them before the melody is played. So in some
excerpts, told or untold, there are stretches of up to LONGEST_STRETCH frames of whose melody it
reads nothing; what it would foresee of the melody there is not learned.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from ..data import frames as representation
from ..data.batches import Batch, Sampler
from ..data.inputs import CHORD, UNTOLD, without_chords, without_melody
from ..network import counter_rng
from ..network.generate import played
from ..network.model import Accompanist
from .processes import Processes
from .recipe import Recipe

# In frames, the longest stretch without the melody, and the longest with it: what is promised is
# four beats at most, and a beat is six frames at most.
LONGEST_STRETCH, LONGEST_HEARD = 24, 48


def stretches(random: np.random.Generator, length: int) -> np.ndarray:
    """(T,), true in frames of whose melody nothing is to be read: stretches of any length up to the
    longest, and between them some of which all is."""
    unheard = np.zeros(length, bool)
    first = int(random.integers(1, LONGEST_HEARD + 1))
    while first < length:
        last = first + int(random.integers(1, LONGEST_STRETCH + 1))
        unheard[first:last] = True
        first = last + int(random.integers(1, LONGEST_HEARD + 1))
    return unheard


def unheard_in(random: np.random.Generator, share: float, batch: Batch) -> Tensor:
    """(B, T): `stretches` in this share of the batch's rows."""
    rows, length = batch.mask.shape
    chosen = random.random(rows) < share
    unheard = [stretches(random, length) if is_chosen else np.zeros(length, bool)
               for is_chosen in chosen]  # fmt: skip
    return torch.from_numpy(np.stack(unheard))


def own_chords(model: Accompanist, inputs: Tensor, mask: Tensor, seeds: np.ndarray) -> Tensor:
    """Plays to melodies as `generate.played` says; the chord columns that it reads as it does:
    (B, T, 4)."""
    chosen = played(model, inputs, mask, seeds)
    first = torch.tensor(UNTOLD, device=inputs.device).expand(len(inputs), 1, -1)
    return torch.cat([first, chosen[:, :-1]], 1)


def handed_over(person: Tensor, own: Tensor, until: Tensor) -> Tensor:
    """Chord columns (B, T, 4): its own before frame `until` (B,), the person's from there on, whose
    chord is struck where it takes over."""
    frames = torch.arange(person.shape[1], device=person.device)[None]
    read = torch.where((frames < until[:, None])[..., None], own, person)
    sounds = person[..., 1] != representation.NO_ROOT
    takes_over = (frames == until[:, None]) & sounds & (frames > 0)
    read[..., 0] = read[..., 0].masked_fill(takes_over, representation.CHORD_STRIKE)
    return read


@dataclass
class Feed:
    """The batches of a training run, in rounds: all that a round's excerpts are played to is played
    at its beginning, many at once. expert: of the excerpts that are told chords, if these are not
    the person's."""

    sampler: Sampler
    recipe: Recipe
    processes: Processes
    expert: Sampler | None = None
    ready: dict[int, Batch] = field(default_factory=dict)

    ROUND = 16

    def batch(self, step: int, model: Accompanist) -> Batch:
        """A function of the model at the beginning of the step's round and of the step."""
        if step not in self.ready:
            last = min((step // self.ROUND + 1) * self.ROUND, self.recipe.steps)
            self.ready = {s: self.told(s) for s in range(step, last)}
            self.play(model)
        return self.ready.pop(step)

    def chances(self, step: int, rows: int, length: int) -> tuple[np.ndarray, np.ndarray]:
        """(B,) each: a number in [0, 1) that decides what the row's context is, and the frame up to
        which its own chords are read; for a quarter of the rows that is all of them."""
        random = np.random.default_rng((self.sampler.seed, step, 2))
        return random.random(rows), random.integers(0, length * 4 // 3, rows)

    def told(self, step: int) -> Batch:
        """The step's batch, where some rows are untold, and some do not hear all of the melody."""
        batch = self.sampler.batch(step, *self.recipe.shape_of(step))
        share, _ = self.chances(step, *batch.mask.shape)
        untold = torch.from_numpy(share < self.recipe.untold)
        if self.expert:
            batch = batch.where(untold, self.expert.batch(step, *self.recipe.shape_of(step)))
        inputs = torch.where(untold[:, None, None], without_chords(batch.inputs), batch.inputs)
        unheard = unheard_in(
            np.random.default_rng((self.sampler.seed, step, 3)), self.recipe.unheard, batch
        )
        inputs = without_melody(inputs, unheard)
        batch = replace(batch, inputs=inputs, untold=untold, unheard=unheard)
        return batch.to(self.processes.device)

    def own_rows(self, step: int, batch: Batch) -> np.ndarray:
        """Which of the rows that this process learns from have own chords. Only of the shorter
        excerpts, so that all of a round can be played at once; and of none that is told anything,
        which it would not know as it plays."""
        rows, length = batch.mask.shape
        if step < self.recipe.own_from * self.recipe.steps or length != self.recipe.length:
            return np.array([], np.int64)
        share, _ = self.chances(step, rows, length)
        untold, own = self.recipe.untold, self.recipe.own
        is_own = (share >= untold) & (share < untold + own)
        is_told = batch.conditions.any(dim=1).cpu().numpy()
        is_here = np.arange(rows) % self.processes.count == self.processes.rank
        return np.flatnonzero(is_own & is_here & ~is_told)

    def play(self, model: Accompanist) -> None:
        """Lets the model play to the rows that are to have own chords."""
        chosen = [
            (step, row) for step, batch in self.ready.items() for row in self.own_rows(step, batch)
        ]
        if not chosen:
            return
        inputs = torch.stack([self.ready[step].inputs[row] for step, row in chosen])
        mask = torch.stack([self.ready[step].mask[row] for step, row in chosen])
        places = np.array([step * 1000 + row for step, row in chosen], np.uint64)
        seeds = places ^ counter_rng.mix(np.asarray(self.sampler.seed, np.uint64))
        own = own_chords(model, inputs, mask, seeds)
        until = torch.tensor([
            self.chances(step, *self.ready[step].mask.shape)[1][row] for step, row in chosen
        ], device=inputs.device)  # fmt: skip
        chords = handed_over(inputs[..., CHORD], own, until)
        frames = torch.arange(inputs.shape[1], device=inputs.device)
        for index, (step, row) in enumerate(chosen):
            batch = self.ready[step]
            batch.inputs[row, :, CHORD] = chords[index]
            batch.own[row] = frames < until[index]
