"""Sampling: how choices are drawn from logits with given random numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ..data.chord_vocabulary import NO_ROOT
from ..data.frames import CHORD_ONSET
from . import counter_rng
from .model import Accompanist


def choose(logits: Tensor, fraction: np.ndarray | Tensor, temperature: float = 1.0) -> Tensor:
    """Inverse transform sampling: the choice whose part of [0, 1) contains `fraction`. The choices'
    probabilities divide [0, 1) in order.

    logits: (…, choices). fraction: (…). Returns (…).
    """
    shares = (logits.float() / temperature).softmax(-1).double()
    target = torch.as_tensor(fraction, device=shares.device) * shares.sum(-1)
    passed = (shares.cumsum(-1) <= target[..., None]).sum(-1)
    return passed.clamp(max=logits.shape[-1] - 1)


Draw = Callable[[Tensor, int, float], Tensor]  # of logits, for a decision, at a temperature


def choose_chord(
    model: Accompanist, h: Tensor, sounding: Tensor, draw: Draw, temperature: float = 1.0
) -> Tensor:
    """The chord event that each row chooses: kind, root, quality and bass, (K, 4).

    h: (K, D). sounding: (K, 3), the tokens of the sounding chord. The temperature applies to the
    chord, not to whether one begins.
    """
    onset = draw(model.chord_onset_logits(h), counter_rng.CHORD_ONSET, 1.0)
    root = draw(model.root_logits(h), counter_rng.ROOT, temperature)
    sounds = root != NO_ROOT
    quality = draw(model.quality_logits(h, root), counter_rng.QUALITY, temperature)
    quality = quality.where(sounds, 0)
    bass = draw(model.bass_logits(h, root, quality), counter_rng.BASS, temperature)
    bass = bass.where(sounds, 0)
    is_onset = (onset == CHORD_ONSET)[:, None]
    chord = torch.stack([root, quality, bass], -1).where(is_onset, sounding)
    # An onset of the chord that sounds already is a hold.
    return torch.cat([(chord != sounding).any(-1, keepdim=True).long(), chord], -1)
