"""What a policy plays to melodies, and what can be read from it: how likely its choices were, how
far it is from its teacher's, and what they gained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..data import frames as representation
from ..data.batches import Batch
from ..data.inputs import CHORD, without_melody
from ..network.generate import played
from ..network.model import Accompanist


@dataclass
class RollOut:
    """What a policy played. batch: what it heard, and the person's chords; chosen: (B, T, 4) kind,
    root, quality and bass of each frame; read: (B, T, 10), what it read of it all; told: the same
    with the melody throughout, as the teacher reads it."""

    batch: Batch
    chosen: Tensor
    read: Tensor
    told: Tensor

    @property
    def struck(self) -> Tensor:
        """(B, T): where a chord is struck."""
        kind, root, _, _ = self.chosen.unbind(-1)
        sounds = root != representation.NO_ROOT
        return (kind == representation.CHORD_STRIKE) & sounds & self.batch.mask


def roll_out(policy: Accompanist, batch: Batch, unheard: Tensor, seeds: np.ndarray) -> RollOut:
    """unheard: (B, T), where the melody is not read; seeds: (B,), for each row its own chance."""
    heard = without_melody(batch.inputs, unheard)
    chosen = played(policy, heard, batch.mask, seeds)
    before = torch.cat([batch.inputs[:, :1, CHORD], chosen[:, :-1]], 1)
    read, told = heard.clone(), batch.inputs.clone()
    read[..., CHORD] = before
    told[..., CHORD] = before
    return RollOut(batch, chosen, read, told)


@dataclass
class Choices:
    """Log odds of what can be chosen in each frame: strike, (B, T, 2); root, (B, T, 13); and, on
    the root that was chosen, quality, (B, T, Q), and on both the bass, (B, T, 12)."""

    strike: Tensor
    root: Tensor
    quality: Tensor
    bass: Tensor

    @staticmethod
    def of(model: Accompanist, h: Tensor, chosen: Tensor, temperature: float = 1.0) -> Choices:
        """temperature: of the chord; when one is struck is no matter of it."""
        _, root, quality, _ = chosen.unbind(-1)
        logits = (
            model.strike_logits(h),
            model.root_logits(h) / temperature,
            model.quality_logits(h, root) / temperature,
            model.bass_logits(h, root, quality) / temperature,
        )
        return Choices(*(part.float().log_softmax(-1) for part in logits))

    def of_chosen(self, chosen: Tensor) -> Tensor:
        """(B, T): log odds of what was chosen; to strike what sounds already is to hold it."""
        kind, root, quality, bass = chosen.unbind(-1)
        sounds = root != representation.NO_ROOT
        chord = picked(self.root, root)
        chord = chord + (picked(self.quality, quality) + picked(self.bass, bass)) * sounds
        hold, strike = self.strike.unbind(-1)
        struck = strike + chord
        return torch.where(
            kind == representation.CHORD_STRIKE, struck, torch.logaddexp(hold, struck)
        )

    def rows(self, rows: slice) -> Choices:
        """Those of some songs."""
        return Choices(self.strike[rows], self.root[rows], self.quality[rows], self.bass[rows])


def picked(odds: Tensor, index: Tensor) -> Tensor:
    """(…, choices) and (…): (…) back."""
    return odds.gather(-1, index[..., None])[..., 0]


def divergence(policy: Choices, teacher: Choices, chosen: Tensor) -> Tensor:
    """(B, T): KL(policy ‖ teacher) in nats, over all choices of whether to strike and of the root;
    over those of quality and bass where a chord was struck, on what was struck.

    What a root costs is not held against striking: whoever strikes nothing would have to pay least.
    """

    def of(name: str) -> Tensor:
        own, other = getattr(policy, name), getattr(teacher, name)
        return (own.exp() * (own - other)).sum(-1)

    struck = chosen[..., 0] == representation.CHORD_STRIKE
    sounds = chosen[..., 1] != representation.NO_ROOT
    strikes = policy.strike[..., representation.CHORD_STRIKE].detach().exp()
    of_chord = (of("quality") + of("bass")) * (struck & sounds)
    return of("strike") + strikes * of("root") + of_chord


def advantages(
    reward: Tensor, value: Tensor, mask: Tensor, discount: float, trust: float
) -> tuple[Tensor, Tensor]:
    """Generalised advantages and returns, (B, T) each. reward, value: (B, T), value what is
    expected from a frame on; mask: (B, T), false after the end. A roll-out that is cut off would
    have gone on as well as its last frame promised."""
    length = reward.shape[1]
    following = torch.zeros_like(reward[:, 0])
    gains = torch.zeros_like(reward)
    for frame in reversed(range(length)):
        is_last = frame + 1 == length
        after = value[:, frame] if is_last else value[:, frame + 1] * mask[:, frame + 1]
        surprise = reward[:, frame] + discount * after - value[:, frame]
        following = (surprise + discount * trust * following) * mask[:, frame]
        gains[:, frame] = following
    return gains, gains + value
