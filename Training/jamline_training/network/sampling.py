"""How a choice is drawn from logits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ..data import frames as representation
from . import counter_rng
from .model import Accompanist


def choose(logits: Tensor, fraction: np.ndarray | Tensor, temperature: float = 1.0) -> Tensor:
    """The choice whose share of [0, 1) `fraction` falls into, shares side by side in order.

    logits: (…, choices); fraction: (…); (…) back.
    """
    shares = (logits.float() / temperature).softmax(-1).double()
    target = torch.as_tensor(fraction, device=shares.device) * shares.sum(-1)
    passed = (shares.cumsum(-1) <= target[..., None]).sum(-1)
    return passed.clamp(max=logits.shape[-1] - 1)


Draw = Callable[[Tensor, int, float], Tensor]  # of logits, for a decision, at a temperature


def decided(model: Accompanist, h: Tensor, sounding: Tensor, draw: Draw, t: float = 1.0) -> Tensor:
    """Which chord each row chooses over the one that sounds. h: (K, D); sounding: (K, 3); kind,
    root, quality and bass back, (K, 4). When chords are struck is no matter of t, the temperature.
    """
    strike = draw(model.strike_logits(h), counter_rng.STRIKE, 1.0)
    root = draw(model.root_logits(h), counter_rng.ROOT, t)
    sounds = root != representation.NO_ROOT
    quality = draw(model.quality_logits(h, root), counter_rng.QUALITY, t).where(sounds, 0)
    bass = draw(model.bass_logits(h, root, quality), counter_rng.BASS, t).where(sounds, 0)
    is_struck = (strike == representation.CHORD_STRIKE)[:, None]
    chord = torch.stack([root, quality, bass], -1).where(is_struck, sounding)
    # To strike what sounds already is to hold it.
    return torch.cat([(chord != sounding).any(-1, keepdim=True).long(), chord], -1)
