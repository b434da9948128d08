"""A policy's rollouts, and what is computed from them: log probabilities of its choices, the
divergence from its teacher, and advantages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..data.batches import Batch
from ..data.chord_vocabulary import NO_ROOT
from ..data.frames import CHORD_ONSET
from ..data.inputs import CHORD, mask_melody
from ..network.generate import generate
from ..network.model import Accompanist


@dataclass
class PolicyRollout:
    """What a policy played to a batch. chosen: (B, T, 4), kind, root, quality and bass of each
    frame. inputs: (B, T, 10), what the policy read. full_inputs: the same without melody masking,
    as the teacher reads it."""

    batch: Batch
    chosen: Tensor
    inputs: Tensor
    full_inputs: Tensor

    @property
    def onsets(self) -> Tensor:
        """(B, T): where a chord begins."""
        kind, root, _, _ = self.chosen.unbind(-1)
        return (kind == CHORD_ONSET) & (root != NO_ROOT) & self.batch.mask


def policy_rollout(
    policy: Accompanist, batch: Batch, masked: Tensor, seeds: np.ndarray
) -> PolicyRollout:
    """Lets a policy play to a batch. masked: (B, T), where the melody is masked. seeds: (B,), the
    seed of each row's random numbers."""
    inputs = mask_melody(batch.inputs, masked)
    chosen = generate(policy, inputs, batch.mask, seeds)
    before = torch.cat([batch.inputs[:, :1, CHORD], chosen[:, :-1]], 1)
    inputs, full_inputs = inputs.clone(), batch.inputs.clone()
    inputs[..., CHORD] = before
    full_inputs[..., CHORD] = before
    return PolicyRollout(batch, chosen, inputs, full_inputs)


@dataclass
class Choices:
    """Log probabilities of all choices in each frame: chord onset, (B, T, 2); root, (B, T, 13);
    quality given the chosen root, (B, T, Q); bass given both, (B, T, 12)."""

    onset: Tensor
    root: Tensor
    quality: Tensor
    bass: Tensor

    @staticmethod
    def of(model: Accompanist, h: Tensor, chosen: Tensor, temperature: float = 1.0) -> Choices:
        """A model's choices given its states. temperature: of the chord, not of the chord onset."""
        _, root, quality, _ = chosen.unbind(-1)
        logits = (
            model.chord_onset_logits(h),
            model.root_logits(h) / temperature,
            model.quality_logits(h, root) / temperature,
            model.bass_logits(h, root, quality) / temperature,
        )
        return Choices(*(part.float().log_softmax(-1) for part in logits))

    def of_chosen(self, chosen: Tensor) -> Tensor:
        """(B, T): log probabilities of the chosen chord events. An onset of the chord that sounds
        already is a hold."""
        kind, root, quality, bass = chosen.unbind(-1)
        sounds = root != NO_ROOT
        chord = picked(self.root, root)
        chord = chord + (picked(self.quality, quality) + picked(self.bass, bass)) * sounds
        hold, onset = self.onset.unbind(-1)
        begun = onset + chord
        return torch.where(kind == CHORD_ONSET, begun, torch.logaddexp(hold, begun))

    def rows(self, rows: slice) -> Choices:
        """The choices of some rows."""
        return Choices(self.onset[rows], self.root[rows], self.quality[rows], self.bass[rows])


def picked(values: Tensor, index: Tensor) -> Tensor:
    """The value at each index. values: (…, choices). index: (…). Returns (…)."""
    return values.gather(-1, index[..., None])[..., 0]


def divergence(policy: Choices, teacher: Choices, chosen: Tensor) -> Tensor:
    """(B, T): KL(policy ‖ teacher) in nats, over all choices of chord onset and root, and over
    those of quality and bass where a chord begins, given that chord.

    The root's divergence has no gradient through the probability of an onset: otherwise a policy
    that begins no chords would have the least divergence.
    """

    def of(name: str) -> Tensor:
        own, other = getattr(policy, name), getattr(teacher, name)
        return (own.exp() * (own - other)).sum(-1)

    begins = chosen[..., 0] == CHORD_ONSET
    sounds = chosen[..., 1] != NO_ROOT
    onset_probability = policy.onset[..., CHORD_ONSET].detach().exp()
    of_chord = (of("quality") + of("bass")) * (begins & sounds)
    return of("onset") + onset_probability * of("root") + of_chord


def advantages(
    reward: Tensor, value: Tensor, mask: Tensor, discount: float, gae_lambda: float
) -> tuple[Tensor, Tensor]:
    """Generalised advantages (arXiv 1506.02438) and returns, (B, T) each.

    reward: (B, T). value: (B, T), the expected return from each frame on. mask: (B, T), false after
    the end. After a rollout that is cut off, the return is taken to be the last frame's value.
    """
    length = reward.shape[1]
    following = torch.zeros_like(reward[:, 0])
    found = torch.zeros_like(reward)
    for frame in reversed(range(length)):
        is_last = frame + 1 == length
        after = value[:, frame] if is_last else value[:, frame + 1] * mask[:, frame + 1]
        surprise = reward[:, frame] + discount * after - value[:, frame]
        following = (surprise + discount * gae_lambda * following) * mask[:, frame]
        found[:, frame] = following
    return found, found + value
