"""The recipe: all that decides how a network is trained, except for its sizes and the songs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch

from ..data.augmentation import modulation, performance_augmentation
from ..data.batches import Change
from ..data.mixture import Mixture
from ..errors import RecipeError
from ..network.conditioned import Conditioned, giving_hints, putting_melody_first
from ..network.model import Accompanist

# Fields from 0 to 1: shares of the excerpts, of the steps, of a song's frames, of a loss, of a
# rate.
SHARES = ("hints", "melody_first", "off_bar", "performance_augmentation", "modulation",
          "self_generated", "self_generated_from", "chord_dropout", "melody_masking",
          "distillation_weight", "least_agreement", "final_rate")  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """A training recipe. The defaults are those of the shipped model's first run.

    A run sees steps × batch × length frames. Every `long_every`th step takes half as many excerpts
    of twice the length, so that the network learns positions up to 2 × length. mixture, units,
    exponent, repeats and weights are the fields of data.mixture.Mixture.
    """

    steps: int = 4000
    batch: int = 16
    length: int = 256
    long_every: int = 4
    # The optimiser of linear layers, muon or adamw; Muon's peak rate, and that of AdamW, by which
    # all other weights learn.
    optimiser: str = "muon"
    matrix_rate: float = 0.02
    learning_rate: float = 3e-3
    # The share of the peak rates that is left at the end.
    final_rate: float = 1 / 30
    warm_up: int = 200
    weight_decay: float = 0.1
    clip: float = 1.0
    # The arithmetic of activations, float32 or bfloat16. Weights are float32 either way.
    arithmetic: str = "float32"
    mixture: str = "temperature"
    units: str = "sets"
    exponent: float = 0.6
    repeats: float = 4.0
    # Improvised solos are not tunes: the network sees few of them.
    weights: dict[str, float] = field(default_factory=lambda: {"improvisor": 0.3})
    # The least agreement of a song (data.agreement). Songs of less are left out.
    least_agreement: float = 0.0
    # Shares of the excerpts that are given their style and their key as hints, and that are learned
    # melody first.
    hints: float = 0.0
    melody_first: float = 0.0
    # The share of the excerpts from within a song that begin on any beat, not only at a bar line.
    off_bar: float = 0.0
    # The share of the excerpts with performance augmentation (data.augmentation).
    performance_augmentation: float = 0.0
    # The share of the excerpts whose melody and chords move to another key from some bar on.
    modulation: float = 0.0
    # The share of the excerpts with self-generated chords (contexts), and the share of the steps
    # that come before the first of them.
    self_generated: float = 0.35
    self_generated_from: float = 0.3
    # The share of the excerpts with chord dropout (contexts), and the weight of their nats in the
    # loss. They have nats for the sounding chord of every frame, not only where a chord begins.
    chord_dropout: float = 0.25
    chord_dropout_weight: float = 0.25
    # How much of the loss with chord dropout is agreement with a teacher.
    distillation_weight: float = 0.0
    # The share of the excerpts with melody masking (contexts).
    melody_masking: float = 0.0
    # The digest of the corpus with an expert's chords, if the network learns these (contexts).
    expert: str = ""
    seed: int = 1

    def __post_init__(self) -> None:
        """Raises RecipeError at the first field of no use."""
        for name in ("steps", "batch", "length", "long_every"):
            self.require(name, 1, math.inf)
        for name in SHARES:
            self.require(name, 0, 1)
        for name in ("matrix_rate", "learning_rate", "warm_up", "weight_decay", "clip",
                     "exponent", "repeats", "chord_dropout_weight", "seed"):  # fmt: skip
            self.require(name, 0, math.inf)
        self.require_one("an optimiser", "muon", "adamw")
        self.require_one("an arithmetic", "float32", "bfloat16")
        if self.self_generated + self.chord_dropout > 1:
            raise RecipeError(
                "expected self_generated and chord_dropout to sum to 1 or less, found "
                f"{self.self_generated} and {self.chord_dropout}"
            )

    def require(self, name: str, least: float, most: float) -> None:
        """Raises RecipeError if the field is outside of its range."""
        found = getattr(self, name)
        if not (math.isfinite(found) and least <= found <= most):
            span = f"from {least} on" if math.isinf(most) else f"from {least} to {most}"
            raise RecipeError(f"expected {name} {span}, found {found}")

    def require_one(self, name: str, *known: str) -> None:
        """Raises RecipeError if the field, the last word of `name`, is none of the known values."""
        found = getattr(self, name.split()[-1])
        if found not in known:
            raise RecipeError(f'expected {name} of {" or ".join(known)}, found "{found}"')

    @property
    def dtype(self) -> torch.dtype:
        """The type of activations."""
        return getattr(torch, self.arithmetic)

    @property
    def frames(self) -> int:
        """The frames that a run sees, padding included."""
        return self.steps * self.batch * self.length

    def require_parts_for(self, processes: int) -> None:
        """Raises RecipeError if a step takes fewer excerpts than there are processes."""
        fewest = min(self.shape_of(step)[0] for step in range(self.long_every))
        if fewest < processes:
            raise RecipeError(f"expected {processes} excerpts a step or more, found {fewest}")

    def rate_at(self, step: int) -> float:
        """The share of the peak rates at a step."""
        return rate_at(step, self.steps, self.warm_up, self.final_rate)

    def network(self) -> type[Accompanist]:
        """The kind of network that can be given this recipe's hints."""
        return Conditioned if self.hints or self.melody_first else Accompanist

    def changes(self) -> list[Change]:
        """The changes that are made to each excerpt that is drawn."""
        changes = []
        if self.performance_augmentation:
            changes.append(performance_augmentation(self.performance_augmentation))
        if self.modulation:
            changes.append(modulation(self.modulation))
        if self.hints:
            changes.append(giving_hints(self.hints))
        if self.melody_first:
            changes.append(putting_melody_first(self.melody_first))
        return changes

    def sets(self) -> Mixture:
        """How often each set is drawn."""
        return Mixture(
            self.mixture, self.units, self.exponent, self.repeats, self.frames, self.weights
        )

    def shape_of(self, step: int) -> tuple[int, int]:
        """The number of a step's excerpts, and their length in frames."""
        longer = 2 if step % self.long_every == self.long_every - 1 else 1
        return max(1, self.batch // longer), self.length * longer


# Fields of a recipe that reads the person's chords alone.
AS_WRITTEN = {"self_generated": 0.0, "chord_dropout": 0.0}


def rate_at(step: int, steps: int, warm_up: int, final: float) -> float:
    """The share of the peak rates at a step: a linear warm-up, then a cosine down to `final`."""
    if step < warm_up:
        return (step + 1) / warm_up
    done = (step - warm_up) / max(1, steps - warm_up)
    half_wave = 0.5 * (1 + math.cos(math.pi * min(1, done)))
    return final + (1 - final) * half_wave
