"""An adversary that learns to tell a policy's chords from a person's, while the policy learns to
play so that it cannot: rewards alone make playing dull, this keeps it varied (GAPT, arXiv
2511.17879; Ho and Ermon 2016, arXiv 1606.03476).

It sees chords and where in the bar they stand, but not the melody: what it punishes is chords that
people do not play, not those that do not fit.
"""

from __future__ import annotations

from collections import deque

import torch
from torch import Tensor, nn, optim
from torch.nn import functional as F

from ..data.batches import Batch
from .reward_models import CHORDS, Encoder, judged, pairs_of, sizes_of, windows
from .rule_rewards import persons

# It learns every few steps at first; and then only when it was fooled in the latest steps, on
# average, by more than chance (−log(1 − D) is .69 where it cannot tell).
EVERY, FIRST_STEPS, LATEST, FOOLED = 5, 200, 3, 1.0


class Critic(nn.Module):
    """Log odds, (N,), that the chords of a window are a person's."""

    def __init__(self) -> None:
        super().__init__()
        sizes = sizes_of(is_rhythm=False)
        self.chords = Encoder((*CHORDS, "place"), False, sizes)
        self.verdict = nn.Linear(sizes.width, 1)

    def forward(self, pairs: Tensor, mask: Tensor) -> Tensor:
        return self.verdict(F.gelu(self.chords(pairs, mask)))[:, 0]


class Adversary:
    """The critic, and when it learns."""

    SCALES = (256, 64, 128, 32)

    def __init__(self, device: str, learning_rate: float) -> None:
        self.critic = Critic().to(device)
        self.updates = optim.AdamW(self.critic.parameters(), learning_rate, weight_decay=0.01)
        self.latest: deque[float] = deque(maxlen=LATEST)
        self.step = 0

    @torch.no_grad()
    def reward(self, batch: Batch, chosen: Tensor) -> Tensor:
        """−log(1 − D), (B, T): 0 where it is sure that no person plays so."""
        reward = F.softplus(judged(self.critic, batch, chosen, self.scale)) * batch.mask
        self.latest.append(float(reward.sum() / batch.mask.sum()))
        return reward

    @property
    def scale(self) -> int:
        """Of the windows of this step, in frames."""
        return self.SCALES[self.step % len(self.SCALES)]

    def learn(self, batch: Batch, chosen: Tensor) -> float | None:
        """Takes a step, if it is time to: the person's chords against those that were chosen, for
        the same melodies. The share of windows that it told right before."""
        is_time = self.step % EVERY == 0 if self.step < FIRST_STEPS else self.is_fooled
        right = None
        if is_time:
            for scale in self.SCALES:
                right = self.learn_from(batch, chosen, scale)
        self.step += 1
        return right

    @property
    def is_fooled(self) -> bool:
        return sum(self.latest) > FOOLED * len(self.latest)

    def learn_from(self, batch: Batch, chosen: Tensor, scale: int) -> float:
        own = self.verdicts(batch, persons(batch), scale)
        other = self.verdicts(batch, chosen, scale)
        loss = (F.softplus(-own).mean() + F.softplus(other).mean()) / 2
        self.updates.zero_grad(set_to_none=True)
        loss.backward()
        self.updates.step()
        return float((own > 0).float().mean() + (other <= 0).float().mean()) / 2

    def verdicts(self, batch: Batch, chosen: Tensor, scale: int) -> Tensor:
        """Of all windows with music."""
        pairs, mask = (part.flatten(0, 1) for part in windows(*pairs_of(batch, chosen), scale))
        sounds = mask.any(-1)
        return self.critic(pairs[sounds], mask[sounds])

    def state_dict(self) -> dict:
        return {"critic": self.critic.state_dict(), "updates": self.updates.state_dict(),
                "latest": list(self.latest), "step": self.step}  # fmt: skip

    def load_state_dict(self, states: dict) -> None:
        self.critic.load_state_dict(states["critic"])
        self.updates.load_state_dict(states["updates"])
        self.latest.extend(states["latest"])
        self.step = states["step"]
