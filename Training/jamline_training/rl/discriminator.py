"""The discriminator: it learns to tell a policy's chords from a person's, and rewards chords that
it takes for a person's. Other rewards alone make a policy dull; this one keeps it varied (GAPT,
arXiv 2511.17879; Ho and Ermon 2016, arXiv 1606.03476).

It sees chords and where they stand in the bar, but no melody. So it penalises chords that people do
not play, not chords that do not fit.
"""

from __future__ import annotations

from collections import deque

import torch
from torch import Tensor, nn, optim
from torch.nn import functional as F

from ..data.batches import Batch
from .reward_models import CHORDS, Encoder, pairs_of, sizes_of, windowed_scores, windows
from .rule_rewards import person_chords

# It learns every EVERY steps during the first FIRST_STEPS. After that it learns only if its mean
# reward of the LATEST steps exceeds FOOLED. (The reward −log(1 − D) is .69 at chance.)
EVERY, FIRST_STEPS, LATEST, FOOLED = 5, 200, 3, 1.0


class DiscriminatorNetwork(nn.Module):
    """Log odds, (N,), that the chords of a window are a person's."""

    def __init__(self) -> None:
        super().__init__()
        sizes = sizes_of(is_rhythm=False)
        self.chords = Encoder((*CHORDS, "place"), False, sizes)
        self.output = nn.Linear(sizes.width, 1)

    def forward(self, pairs: Tensor, mask: Tensor) -> Tensor:
        return self.output(F.gelu(self.chords(pairs, mask)))[:, 0]


class Discriminator:
    """The discriminator's network, its training and its reward."""

    SCALES = (256, 64, 128, 32)

    def __init__(self, device: str, learning_rate: float) -> None:
        self.network = DiscriminatorNetwork().to(device)
        self.updates = optim.AdamW(self.network.parameters(), learning_rate, weight_decay=0.01)
        self.latest: deque[float] = deque(maxlen=LATEST)
        self.step = 0

    @torch.no_grad()
    def reward(self, batch: Batch, chosen: Tensor) -> Tensor:
        """−log(1 − D), (B, T): 0 where it is certain that no person plays such chords."""
        scores = windowed_scores(self.network, batch, chosen, self.scale)
        reward = F.softplus(scores) * batch.mask
        self.latest.append(float(reward.sum() / batch.mask.sum()))
        return reward

    @property
    def scale(self) -> int:
        """The frames in a window of this step."""
        return self.SCALES[self.step % len(self.SCALES)]

    def learn(self, batch: Batch, chosen: Tensor) -> float | None:
        """Learns to tell the chosen chords from the person's for the same melodies, if that is due.
        Returns its accuracy before, or None if it did not learn."""
        is_due = self.step % EVERY == 0 if self.step < FIRST_STEPS else self.is_fooled
        accuracy = None
        if is_due:
            for scale in self.SCALES:
                accuracy = self.learn_from(batch, chosen, scale)
        self.step += 1
        return accuracy

    @property
    def is_fooled(self) -> bool:
        """Whether the mean reward of the latest steps exceeds FOOLED."""
        return sum(self.latest) > FOOLED * len(self.latest)

    def learn_from(self, batch: Batch, chosen: Tensor, scale: int) -> float:
        """One update on windows of `scale` frames. Returns the accuracy before it."""
        own = self.logits(batch, person_chords(batch), scale)
        other = self.logits(batch, chosen, scale)
        loss = (F.softplus(-own).mean() + F.softplus(other).mean()) / 2
        self.updates.zero_grad(set_to_none=True)
        loss.backward()
        self.updates.step()
        return float((own > 0).float().mean() + (other <= 0).float().mean()) / 2

    def logits(self, batch: Batch, chosen: Tensor, scale: int) -> Tensor:
        """The log odds of all windows with music."""
        pairs, mask = (part.flatten(0, 1) for part in windows(*pairs_of(batch, chosen), scale))
        sounds = mask.any(-1)
        return self.network(pairs[sounds], mask[sounds])

    def state_dict(self) -> dict:
        return {"network": self.network.state_dict(), "updates": self.updates.state_dict(),
                "latest": list(self.latest), "step": self.step}  # fmt: skip

    def load_state_dict(self, states: dict) -> None:
        self.network.load_state_dict(states["network"])
        self.updates.load_state_dict(states["updates"])
        self.latest.extend(states["latest"])
        self.step = states["step"]
