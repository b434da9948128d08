"""The learner: a step of reinforcement learning, in which a policy learns from its own rollouts.

The policy plays to excerpts of the corpus at temperature 1. Melodies have performance augmentation
and modulation, and are masked in stretches, since an agent that commits ahead does not hear them
yet. It learns from:

- *Teacher*: in each frame the policy is held to what the teacher, which sees the whole melody,
  would play after the policy's own chords: KL divergence from the teacher over all choices. This is
  on-policy distillation, as in ReaLchords (arXiv 2506.14723).
- *Policy gradient* of the rewards, with clipped probability ratios (PPO, arXiv 1707.06347) and
  generalised advantages (arXiv 1506.02438). The critic reads the teacher's states, so that the
  advantage does not depend on what the melody alone brings.
- *Counterfactual returns*: the return of every other chord in the place of one that began is known,
  since neither melody nor person depend on it. So root and quality learn from all choices at once,
  without sampling noise (expected policy gradient, arXiv 1706.05374).
- *Supervision*: a batch of the recipe in each step, so that the policy keeps predicting the melody,
  and chords from the melody alone.

The rewards are those of `rule_rewards`, of the reward models, on the longest windows and on shorter
ones in turn, and of the discriminator. Habits (changes, changes on bar lines, chords of many tones)
are worth nothing by themselves. Each has a price, a Lagrange multiplier, that moves until the habit
is as frequent as with the person.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn, optim

from ..data.batches import Batch, Sampler
from ..data.frames import CHORD_ONSET
from ..network import checkpoint, counter_rng
from ..network.configuration import Configuration
from ..network.model import Accompanist
from ..network.teacher import Teacher
from ..training.contexts import Feed, melody_mask
from ..training.losses import MELODY_ONLY_PART, losses
from ..training.optimiser import Optimiser
from ..training.processes import in_parts
from ..training.recipe import rate_at
from . import rule_rewards
from .course import Course
from .discriminator import Discriminator
from .policy_rollouts import Choices, PolicyRollout, advantages, divergence, policy_rollout
from .reward_models import SCALES, RewardModels


def critic_of(c: Configuration) -> nn.Module:
    """A critic: the expected return, (…, 1), given a teacher's states, (…, D)."""
    return nn.Sequential(nn.Linear(c.width, c.width), nn.GELU(), nn.Linear(c.width, 1))


@dataclass
class Targets:
    """What a policy learns from a rollout.

    teacher: the teacher's choices. teacher_states: its states, (B, T, D). advantages: (B, T), of
    mean 0 and standard deviation 1. returns: (B, T), the targets of the critic. scale: the standard
    deviation that advantages were divided by. counterfactual: as
    rule_rewards.counterfactual_returns, of mean 0 and standard deviation 1 over the choices in
    frames where a chord begins. log_probabilities: (B, T), of the chosen chord events at the time
    of the rollout; nan until they are known.
    """

    rollout: PolicyRollout
    teacher: Choices
    teacher_states: Tensor
    advantages: Tensor
    returns: Tensor
    scale: Tensor
    counterfactual: Tensor
    log_probabilities: Tensor


@dataclass
class Learner:
    """The state of a run after `step` steps. prices: of the habits, by name."""

    policy: Accompanist
    teacher: Teacher
    feed: Feed
    melodies: Sampler
    course: Course
    reward_models: RewardModels | None = None
    device: str = "cpu"
    step: int = 0

    def __post_init__(self) -> None:
        self.critic = critic_of(self.policy.c).to(self.device)
        self.critic_updates = optim.AdamW(self.critic.parameters(), self.course.critic_rate)
        self.updates = Optimiser(self.policy, self.feed.recipe)
        self.discriminator = Discriminator(self.device, self.course.discriminator_rate)
        self.prices = dict.fromkeys(("changes", "bar lines", "crowd"), 0.0)

    def rollout(self) -> PolicyRollout:
        """The step's rollout. It depends on seed, step and policy."""
        course = self.course
        batch = self.melodies.batch(self.step, course.batch, course.length)
        random = np.random.default_rng((course.seed, self.step, 4))
        masked = melody_mask(random, course.melody_masking, batch)
        batch, masked = batch.to(self.device), masked.to(self.device)
        rows = np.arange(course.batch, dtype=np.uint64) + np.uint64(self.step * 100_000)
        seeds = rows ^ counter_rng.mix(np.asarray(course.seed, np.uint64))
        self.policy.eval()
        rollout = policy_rollout(self.policy, batch, masked, seeds)
        self.policy.train()
        return rollout

    def reward(self, rollout: PolicyRollout) -> tuple[Tensor, dict[str, float]]:
        """The total reward, (B, T), and figures of its parts. Moves the prices, and lets the
        discriminator learn."""
        course, qualities = self.course, self.policy.c.qualities
        batch, chosen = rollout.batch, rollout.chosen
        frames = batch.mask.sum()
        parts = rule_rewards.rewards(batch, chosen, qualities) | self.modelled(rollout)
        accuracy = None
        if course.reward_weights.get("discriminator"):
            parts["discriminator"] = self.discriminator.reward(batch, chosen)
            accuracy = self.discriminator.learn(batch, chosen)
        total = sum(course.reward_weights.get(name, 0.0) * part for name, part in parts.items())
        figures = {name: float(part.sum() / frames) for name, part in parts.items()}
        if accuracy is not None:
            figures["discriminator accuracy"] = accuracy
        own = rule_rewards.habits(batch, chosen, qualities)
        person = rule_rewards.habits(batch, rule_rewards.person_chords(batch), qualities)
        for name, (of, each) in own.items():
            found, wanted = rule_rewards.ratio(own[name]), rule_rewards.ratio(person[name])
            total = total + self.prices[name] * (of - wanted * each)
            self.prices[name] += course.price_rate * (wanted - found) / max(wanted + found, 1e-6)
            figures |= {
                name: found, f"{name}, person": wanted, f"{name}, price": self.prices[name],
            }  # fmt: skip
        return total, figures

    def modelled(self, rollout: PolicyRollout) -> dict[str, Tensor]:
        """The reward models' scores by kind, (B, T) each: half of them on the longest windows, half
        on other ones."""
        if self.reward_models is None:
            return {}
        shorter = SCALES[1 + self.step % (len(SCALES) - 1)]
        scales = (SCALES[0], shorter if self.course.multi_scale else SCALES[0])
        long, short = (self.reward_models(rollout.batch, rollout.chosen, scale) for scale in scales)
        return {kind: (long[kind] + short[kind]) / 2 for kind in long}

    def take_step(self) -> dict[str, float]:
        """Plays, and learns from that. Returns the step's figures."""
        course, start = self.course, time.monotonic()
        rollout = self.rollout()
        seconds = {"playing": time.monotonic() - start}
        reward, figures = self.reward(rollout)
        targets = self.targets(rollout, reward)
        rate = rate_at(self.step, course.steps, course.warm_up, course.final_rate)
        frames = rollout.batch.mask.sum()
        # Drawn once: a feed gives each batch away.
        supervised = None
        if course.supervision_weight:
            supervised = self.feed.batch(self.step, self.policy)
        for _ in range(course.passes):
            self.updates.zero_grad()
            self.critic_updates.zero_grad(set_to_none=True)
            sums: Counter[str] = Counter()
            for rows in in_parts(course.batch, self.device):
                sums.update(self.learn(targets, rows))
            means = {name: value / float(frames) for name, value in sums.items()}
            means["entropy"] = sums["entropy"] / sums["onsets"]
            if supervised is not None:
                means["supervision"] = self.supervise(supervised)
            nn.utils.clip_grad_norm_(self.policy.parameters(), course.clip)
            self.updates.step(rate)
            self.critic_updates.step()
        seconds["learning"] = time.monotonic() - start - seconds["playing"]
        self.step += 1
        mean = float((reward * rollout.batch.mask).sum() / frames)
        return {"step": self.step, "reward": mean, **figures, **means, **seconds}

    @torch.no_grad()
    def targets(self, rollout: PolicyRollout, reward: Tensor) -> Targets:
        """What is to be learned from a rollout with these rewards, (B, T)."""
        course, mask = self.course, rollout.batch.mask
        condition = self.teacher.condition_on(rollout.batch.inputs, mask)
        states = self.teacher.states(rollout.full_inputs, condition=condition)
        value = self.critic(states)[..., 0]
        gains, returns = advantages(reward, value, mask, course.discount, course.gae_lambda)
        scale = gains[mask].std() + 1e-6
        gains = (gains - gains[mask].mean()) / scale
        teacher = Choices.of(self.teacher, states, rollout.chosen, course.teacher_temperature)
        counterfactual = rule_rewards.counterfactual_returns(
            rollout.batch, rollout.chosen, self.policy.c.qualities, course.reward_weights,
            course.discount,
        )  # fmt: skip
        counterfactual -= counterfactual.mean((2, 3), keepdim=True)
        # Their mean is 0 everywhere, and they are 0 where no chord begins.
        choices = rollout.onsets.sum().clamp(min=1) * counterfactual[0, 0].numel()
        counterfactual /= (counterfactual.square().sum() / choices).sqrt() + 1e-6
        unknown = torch.zeros_like(reward).fill_(torch.nan)
        return Targets(rollout, teacher, states, gains, returns, scale, counterfactual, unknown)

    def learn(self, targets: Targets, rows: slice) -> dict[str, float]:
        """Adds the gradient of some rows. Returns sums over their frames."""
        course, rollout = self.course, targets.rollout
        chosen, here = rollout.chosen[rows], rollout.batch.mask[rows]
        frames = rollout.batch.mask.sum()
        h = self.policy.states(rollout.inputs[rows])
        choices = Choices.of(self.policy, h, chosen)
        log_probabilities = choices.of_chosen(chosen)
        if targets.log_probabilities[rows].isnan().any():  # In the first pass.
            targets.log_probabilities[rows] = log_probabilities.detach()
        ratio = (log_probabilities - targets.log_probabilities[rows]).exp()
        bounded = ratio.clamp(1 - course.clip_ratio, 1 + course.clip_ratio)
        gains = targets.advantages[rows]
        values = self.critic(targets.teacher_states[rows])[..., 0]
        parts = {
            "policy": -torch.minimum(ratio * gains, bounded * gains),
            "kl": divergence(choices, targets.teacher.rows(rows), chosen),
            "counterfactual": -self.expected_return(
                h, choices.root, targets.counterfactual[rows], rollout.onsets[rows]
            ),
            "critic": ((values - targets.returns[rows]) / targets.scale).square(),
        }
        weights = {
            "policy": course.policy_gradient_weight, "kl": course.teacher_weight,
            "counterfactual": course.counterfactual_weight, "critic": 1.0,
        }  # fmt: skip
        sums = {name: (part * here).sum() for name, part in parts.items()}
        (sum(weights[name] * part for name, part in sums.items()) / frames).backward()
        with torch.no_grad():
            onsets = choices.onset[..., CHORD_ONSET].exp() * here
            sums["onsets"] = onsets.sum()
            sums["entropy"] = -(choices.root.exp() * choices.root).sum(-1).mul(onsets).sum()
        return {name: float(value.detach()) for name, value in sums.items()}

    def expected_return(
        self, h: Tensor, roots: Tensor, counterfactual: Tensor, onsets: Tensor
    ) -> Tensor:
        """(B, T): the expected counterfactual return under the policy, where a chord begins.

        h: the policy's states. roots: log probabilities of the roots. counterfactual: (B, T, 12,
        Q). onsets: (B, T), where a chord begins.
        """
        each = torch.arange(12, device=h.device)
        qualities = self.policy.quality_logits(h[onsets][:, None], each).float().softmax(-1)
        of_roots = (qualities * counterfactual[onsets]).sum(-1)
        expected = (roots[onsets][:, :12].exp() * of_roots).sum(-1)
        return torch.zeros_like(onsets, dtype=expected.dtype).masked_scatter(onsets, expected)

    def supervise(self, batch: Batch) -> float:
        """Adds the gradient of the recipe's losses on a batch. Returns their sum in nats a
        frame."""
        parts = losses(self.policy, batch)
        parts[MELODY_ONLY_PART] = parts[MELODY_ONLY_PART] * self.feed.recipe.chord_dropout_weight
        loss = sum(parts.values()) / batch.mask.sum()
        (self.course.supervision_weight * loss).backward()
        return float(loss.detach())

    def save(self, path: Path, made: dict) -> None:
        """Writes a checkpoint. made: how the run was made."""
        states = {"model": self.policy.state_dict(), "critic": self.critic.state_dict(),
                  "optimiser": self.updates.state_dict(), "prices": self.prices,
                  "critic optimiser": self.critic_updates.state_dict(),
                  "discriminator": self.discriminator.state_dict()}  # fmt: skip
        checkpoint.save(path, {**states, "step": self.step, **made})

    def load(self, path: Path, made: dict) -> None:
        """Resumes from a checkpoint. Raises CheckpointError if it was made in another way."""
        states = checkpoint.load(path, self.device, made)
        self.policy.load_state_dict(states["model"])
        self.critic.load_state_dict(states["critic"])
        self.updates.load_state_dict(states["optimiser"])
        self.critic_updates.load_state_dict(states["critic optimiser"])
        self.discriminator.load_state_dict(states["discriminator"])
        self.prices, self.step = states["prices"], states["step"]
