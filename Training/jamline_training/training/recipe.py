"""The recipe: all that decides how a network is trained, but for its sizes and the songs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch

from ..data.augmentation import modulating, performing
from ..data.batches import Change
from ..data.mixture import Mixture
from ..errors import RecipeError
from ..network.conditioned import Conditioned, hinting, turning
from ..network.model import Accompanist

# Fields of a recipe that are shares: of its excerpts, of its steps, of a song's frames, of a rate.
SHARES = ("hints", "melody_first", "off_bar", "performed", "modulated", "own", "own_from", "untold",
          "unheard", "taught", "least_agreement", "final_rate")  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """How the shipped model's training begins. Frames seen: steps × batch × length.

    Every `long_every`th step takes half as many excerpts of twice the length, so that the network
    knows positions up to 2 × length. mixture, units, exponent, repeats and weights say how often
    each set is drawn: see mixture.Mixture.
    """

    steps: int = 4000
    batch: int = 16
    length: int = 256
    long_every: int = 4
    # By what linear layers learn, muon or adamw; their highest rate with Muon, and that of all that
    # learns by AdamW.
    optimiser: str = "muon"
    matrix_rate: float = 0.02
    learning_rate: float = 3e-3
    # The share of the highest rates that is left at the end.
    final_rate: float = 1 / 30
    warm_up: int = 200
    weight_decay: float = 0.1
    clip: float = 1.0
    # What sums and products are taken in, float32 or bfloat16; weights are float32 either way.
    arithmetic: str = "float32"
    mixture: str = "temperature"
    units: str = "sets"
    exponent: float = 0.6
    repeats: float = 4.0
    # Solos are what people improvise over changes, not tunes: seen, but seldom.
    weights: dict[str, float] = field(default_factory=lambda: {"improvisor": 0.3})
    # Songs whose melody is in the chord in a smaller share of their frames are left out.
    least_agreement: float = 0.0
    # Shares of the excerpts that are told their style, their key; that are learned melody first.
    hints: float = 0.0
    melody_first: float = 0.0
    # Share of the excerpts from within a song that begin on any beat, not at a bar line.
    off_bar: float = 0.0
    # Share of the excerpts that are played as people play.
    performed: float = 0.0
    # Share of the excerpts that go to another key from some bar on, melody and chords.
    modulated: float = 0.0
    # Shares of the excerpts in which it reads its own chords, and no chords (see contexts); the
    # share of the steps after which it knows enough to play on its own; and what the nats of a
    # frame without chords count for, of which there is one for every chord that sounds in it.
    own: float = 0.35
    own_from: float = 0.3
    untold: float = 0.25
    untold_weight: float = 0.25
    # How much of what it learns where it reads no chords are a teacher's odds, not the person's chord.
    taught: float = 0.0
    # Share of the excerpts with stretches in which it does not hear the melody.
    unheard: float = 0.0
    # Digest of the corpus with an expert's chords, where it learns these (see contexts).
    expert: str = ""
    seed: int = 1

    def __post_init__(self) -> None:
        """Raises RecipeError at the first field that nothing can be trained by."""
        for name in ("steps", "batch", "length", "long_every"):
            self.require(name, 1, math.inf)
        for name in SHARES:
            self.require(name, 0, 1)
        for name in ("matrix_rate", "learning_rate", "warm_up", "weight_decay", "clip",
                     "exponent", "repeats", "untold_weight", "seed"):  # fmt: skip
            self.require(name, 0, math.inf)
        self.require_one("an optimiser", "muon", "adamw")
        self.require_one("an arithmetic", "float32", "bfloat16")
        if self.own + self.untold > 1:
            raise RecipeError(
                f"expected own and untold to be 1 together or less, found {self.own} and "
                f"{self.untold}"
            )

    def require(self, name: str, least: float, most: float) -> None:
        found = getattr(self, name)
        if not (math.isfinite(found) and least <= found <= most):
            span = f"from {least} on" if math.isinf(most) else f"from {least} to {most}"
            raise RecipeError(f"expected {name} {span}, found {found}")

    def require_one(self, name: str, *known: str) -> None:
        found = getattr(self, name.split()[-1])
        if found not in known:
            raise RecipeError(f'expected {name} of {" or ".join(known)}, found "{found}"')

    @property
    def dtype(self) -> torch.dtype:
        """What it calculates in."""
        return getattr(torch, self.arithmetic)

    @property
    def frames(self) -> int:
        """What is seen in all, padding included."""
        return self.steps * self.batch * self.length

    def require_parts_for(self, processes: int) -> None:
        """Raises RecipeError where a step takes fewer excerpts than there are processes."""
        fewest = min(self.shape_of(step)[0] for step in range(self.long_every))
        if fewest < processes:
            raise RecipeError(f"expected {processes} excerpts a step or more, found {fewest}")

    def rate_at(self, step: int) -> float:
        """Of the highest rates."""
        return rate_at(step, self.steps, self.warm_up, self.final_rate)

    def network(self) -> type[Accompanist]:
        """The kind of network that can be told what this recipe tells."""
        return Conditioned if self.hints or self.melody_first else Accompanist

    def changes(self) -> list[Change]:
        """What is made of each excerpt that is drawn."""
        changes = []
        if self.performed:
            changes.append(performing(self.performed))
        if self.modulated:
            changes.append(modulating(self.modulated))
        if self.hints:
            changes.append(hinting(self.hints))
        if self.melody_first:
            changes.append(turning(self.melody_first))
        return changes

    def sets(self) -> Mixture:
        """How often each set is drawn."""
        return Mixture(
            self.mixture, self.units, self.exponent, self.repeats, self.frames, self.weights
        )

    def shape_of(self, step: int) -> tuple[int, int]:
        """How many excerpts a step takes, and of how many frames."""
        longer = 2 if step % self.long_every == self.long_every - 1 else 1
        return max(1, self.batch // longer), self.length * longer


# Of a recipe that takes the person's chords alone.
AS_WRITTEN = {"own": 0.0, "untold": 0.0}


def rate_at(step: int, steps: int, warm_up: int, final: float) -> float:
    """Of the highest rates, at a step: linear warm-up, then a cosine down to the final one."""
    if step < warm_up:
        return (step + 1) / warm_up
    done = (step - warm_up) / max(1, steps - warm_up)
    half_wave = 0.5 * (1 + math.cos(math.pi * min(1, done)))
    return final + (1 - final) * half_wave
