"""What a policy learns from how it played to many melodies: a step of reinforcement learning.

It plays its own chords to melodies of the corpus, at temperature 1, as people play them (moved to
another key, with wrong notes and pauses), and with stretches that it does not hear, as one who
promises ahead. Then:

- *Teacher*: in each frame it is held to what the teacher, who knows the whole melody, would play
  over the policy's own chords (KL divergence from the teacher, taken over all choices, not only the
  one that was made): on-policy distillation, as in ReaLchords (arXiv 2506.14723).
- *Rewards*: policy gradient with a clipped ratio (PPO, arXiv 1707.06347) and generalised advantages
  (arXiv 1506.02438). The critic reads the teacher's states, so what the melody brings is known to
  it, and only what the policy could have done otherwise is left.
- *Prospects*: what every other chord would have been worth in the place of one that was struck is
  known, since neither melody nor person depend on it: so the choice of root and quality learns from
  all of them at once, without chance (an expected policy gradient, arXiv 1706.05374).
- *Judges*: among the rewards, those that were learned (`rewards`), on the longest windows and on
  shorter ones in turn.
- *Adversary*: another reward, for chords that are not told from a person's (`adversary`).
- *Habits*: changes, changes on bar lines and crowded chords are worth nothing by themselves; each
  has a price that rises or falls until they are as frequent as with the person (a Lagrange
  multiplier).
- *Supervision*: a batch of the recipe for every step, so that it keeps foreseeing the melody and
  hearing chords that it is told nothing of.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn, optim

from ..data import frames as representation
from ..data.batches import Batch, Sampler
from ..network import checkpoint, counter_rng
from ..network.configuration import Configuration
from ..network.model import Accompanist
from ..network.teacher import Teacher
from ..training.contexts import Feed, unheard_in
from ..training.losses import losses
from ..training.optimiser import Optimiser
from ..training.processes import in_parts
from ..training.recipe import rate_at
from . import rule_rewards
from .course import Course
from .discriminator import Adversary
from .policy_rollouts import Choices, RollOut, advantages, divergence, roll_out
from .reward_models import SCALES, Ensemble


def critic_of(c: Configuration) -> nn.Module:
    """Of a teacher's states, (…, D): what is to be expected, (…, 1)."""
    return nn.Sequential(nn.Linear(c.width, c.width), nn.GELU(), nn.Linear(c.width, 1))


@dataclass
class Lesson:
    """What is to be learned from a roll-out. teacher: what it would have chosen; known: its states,
    (B, T, D); gains, returns: advantages, of mean 0 and deviation 1, and what the critic should
    have expected, (B, T); scale: by what gains were divided; prospects: as rules.prospects has
    them, of mean 0 and deviation 1 among the chords that could have been struck; odds: (B, T), log
    odds of what was chosen as it was, nan until they are known."""

    rolled: RollOut
    teacher: Choices
    known: Tensor
    gains: Tensor
    returns: Tensor
    scale: Tensor
    prospects: Tensor
    odds: Tensor


@dataclass
class Learner:
    """A policy on its way: `step` steps are done. prices: of habits, by name."""

    policy: Accompanist
    teacher: Teacher
    feed: Feed
    melodies: Sampler
    course: Course
    judges: Ensemble | None = None
    device: str = "cpu"
    step: int = 0

    def __post_init__(self) -> None:
        self.critic = critic_of(self.policy.c).to(self.device)
        self.critic_updates = optim.AdamW(self.critic.parameters(), self.course.critic_rate)
        self.updates = Optimiser(self.policy, self.feed.recipe)
        self.adversary = Adversary(self.device, self.course.adversary_rate)
        self.prices = dict.fromkeys(("changes", "bar lines", "crowd"), 0.0)

    def drawn(self) -> RollOut:
        """The step's roll-outs: a function of seed, step and policy."""
        course = self.course
        batch = self.melodies.batch(self.step, course.batch, course.length)
        random = np.random.default_rng((course.seed, self.step, 4))
        unheard = unheard_in(random, course.unheard, batch)
        batch, unheard = batch.to(self.device), unheard.to(self.device)
        rows = np.arange(course.batch, dtype=np.uint64) + np.uint64(self.step * 100_000)
        seeds = rows ^ counter_rng.mix(np.asarray(course.seed, np.uint64))
        self.policy.eval()
        rolled = roll_out(self.policy, batch, unheard, seeds)
        self.policy.train()
        return rolled

    def reward(self, rolled: RollOut) -> tuple[Tensor, dict[str, float]]:
        """(B, T), and the means of its parts; the prices move."""
        course, qualities = self.course, self.policy.c.qualities
        frames = rolled.batch.mask.sum()
        parts = rule_rewards.worth(rolled.batch, rolled.chosen, qualities) | self.judged(rolled)
        if course.worth.get("adversary"):
            parts["adversary"] = self.adversary.reward(rolled.batch, rolled.chosen)
            told_right = self.adversary.learn(rolled.batch, rolled.chosen)
        total = sum(course.worth.get(name, 0.0) * part for name, part in parts.items())
        told = {name: float(part.sum() / frames) for name, part in parts.items()}
        if course.worth.get("adversary") and told_right is not None:
            told["told from a person"] = told_right
        own = rule_rewards.habits(rolled.batch, rolled.chosen, qualities)
        person = rule_rewards.habits(rolled.batch, rule_rewards.persons(rolled.batch), qualities)
        for name, (of, each) in own.items():
            found, wanted = rule_rewards.ratio(own[name]), rule_rewards.ratio(person[name])
            total = total + self.prices[name] * (of - wanted * each)
            self.prices[name] += course.price_rate * (wanted - found) / max(wanted + found, 1e-6)
            told |= {name: found, f"{name}, person": wanted, f"{name}, price": self.prices[name]}
        return total, told

    def judged(self, rolled: RollOut) -> dict[str, Tensor]:
        """The judges' verdicts by kind, (B, T) each: halves on the longest windows, and on
        others."""
        if self.judges is None:
            return {}
        shorter = SCALES[1 + self.step % (len(SCALES) - 1)]
        scales = (SCALES[0], shorter if self.course.multi_scale else SCALES[0])
        long, short = (self.judges(rolled.batch, rolled.chosen, scale) for scale in scales)
        return {kind: (long[kind] + short[kind]) / 2 for kind in long}

    def take_step(self) -> dict[str, float]:
        """Plays, and learns from it; the figures of it."""
        course, start = self.course, time.monotonic()
        rolled = self.drawn()
        seconds = {"playing": time.monotonic() - start}
        reward, told = self.reward(rolled)
        lesson = self.lesson(rolled, reward)
        rate = rate_at(self.step, course.steps, course.warm_up, course.final_rate)
        frames = rolled.batch.mask.sum()
        # Drawn once: a feed gives each batch away.
        supervised = self.feed.batch(self.step, self.policy) if course.of_supervision else None
        for _ in range(course.passes):
            self.updates.zero_grad()
            self.critic_updates.zero_grad(set_to_none=True)
            sums: Counter[str] = Counter()
            for rows in in_parts(course.batch, self.device):
                sums.update(self.learn(lesson, rows))
            means = {name: value / float(frames) for name, value in sums.items()}
            means["entropy"] = sums["entropy"] / sums["strikes"]
            if supervised is not None:
                means["supervision"] = self.supervise(supervised)
            nn.utils.clip_grad_norm_(self.policy.parameters(), course.clip)
            self.updates.step(rate)
            self.critic_updates.step()
        seconds["learning"] = time.monotonic() - start - seconds["playing"]
        self.step += 1
        mean = float((reward * rolled.batch.mask).sum() / frames)
        return {"step": self.step, "reward": mean, **told, **means, **seconds}

    @torch.no_grad()
    def lesson(self, rolled: RollOut, reward: Tensor) -> Lesson:
        """What is to be learned from a roll-out with these rewards, (B, T)."""
        course, mask = self.course, rolled.batch.mask
        before = self.teacher.beforehand(rolled.batch.inputs, mask)
        known = self.teacher.states(rolled.told, told=before)
        value = self.critic(known)[..., 0]
        gains, returns = advantages(reward, value, mask, course.discount, course.trust)
        scale = gains[mask].std() + 1e-6
        gains = (gains - gains[mask].mean()) / scale
        teacher = Choices.of(self.teacher, known, rolled.chosen, course.teacher_temperature)
        prospects = rule_rewards.prospects(
            rolled.batch, rolled.chosen, self.policy.c.qualities, course.worth, course.discount
        )
        prospects -= prospects.mean((2, 3), keepdim=True)
        # Their mean is 0 everywhere, and they are 0 where nothing was struck.
        strikes = rolled.struck.sum().clamp(min=1) * prospects[0, 0].numel()
        prospects /= (prospects.square().sum() / strikes).sqrt() + 1e-6
        odds = torch.zeros_like(reward).fill_(torch.nan)
        return Lesson(rolled, teacher, known, gains, returns, scale, prospects, odds)

    def learn(self, lesson: Lesson, rows: slice) -> dict[str, float]:
        """Adds the gradient of some rows; the sums over their frames."""
        course, rolled = self.course, lesson.rolled
        chosen, here = rolled.chosen[rows], rolled.batch.mask[rows]
        frames = rolled.batch.mask.sum()
        h = self.policy.states(rolled.read[rows])
        choices = Choices.of(self.policy, h, chosen)
        odds = choices.of_chosen(chosen)
        if lesson.odds[rows].isnan().any():  # The first pass: as they were when it played.
            lesson.odds[rows] = odds.detach()
        ratio = (odds - lesson.odds[rows]).exp()
        bounded = ratio.clamp(1 - course.ratio, 1 + course.ratio)
        gains = lesson.gains[rows]
        values = self.critic(lesson.known[rows])[..., 0]
        parts = {
            "policy": -torch.minimum(ratio * gains, bounded * gains),
            "kl": divergence(choices, lesson.teacher.rows(rows), chosen),
            "prospects": -self.expected(
                h, choices.root, lesson.prospects[rows], rolled.struck[rows]
            ),
            "critic": ((values - lesson.returns[rows]) / lesson.scale).square(),
        }
        weights = {"policy": course.of_rewards, "prospects": course.of_prospects,
                   "kl": course.of_teacher, "critic": 1.0}  # fmt: skip
        sums = {name: (part * here).sum() for name, part in parts.items()}
        (sum(weights[name] * part for name, part in sums.items()) / frames).backward()
        with torch.no_grad():
            strikes = choices.strike[..., representation.CHORD_STRIKE].exp() * here
            sums["strikes"] = strikes.sum()
            sums["entropy"] = -(choices.root.exp() * choices.root).sum(-1).mul(strikes).sum()
        return {name: float(value.detach()) for name, value in sums.items()}

    def expected(self, h: Tensor, roots: Tensor, prospects: Tensor, struck: Tensor) -> Tensor:
        """(B, T): the prospects (B, T, 12, Q) that are to be expected of the policy's choices where
        it struck a chord, (B, T). h: its states; roots: log odds."""
        each = torch.arange(12, device=h.device)
        qualities = self.policy.quality_logits(h[struck][:, None], each).float().softmax(-1)
        of_roots = (qualities * prospects[struck]).sum(-1)
        expected = (roots[struck][:, :12].exp() * of_roots).sum(-1)
        return torch.zeros_like(struck, dtype=expected.dtype).masked_scatter(struck, expected)

    def supervise(self, batch: Batch) -> float:
        """Adds the gradient of the recipe's losses on a batch; their sum, in nats a frame."""
        parts = losses(self.policy, batch)
        parts["untold"] = parts["untold"] * self.feed.recipe.untold_weight
        loss = sum(parts.values()) / batch.mask.sum()
        (self.course.of_supervision * loss).backward()
        return float(loss.detach())

    def save(self, path: Path, made: dict) -> None:
        states = {"model": self.policy.state_dict(), "critic": self.critic.state_dict(),
                  "optimiser": self.updates.state_dict(), "prices": self.prices,
                  "critic optimiser": self.critic_updates.state_dict(),
                  "adversary": self.adversary.state_dict()}  # fmt: skip
        checkpoint.save(path, {**states, "step": self.step, **made})

    def load(self, path: Path, made: dict) -> None:
        """Goes on from a checkpoint; raises CheckpointError where it was made another way."""
        states = checkpoint.load(path, self.device, made)
        self.policy.load_state_dict(states["model"])
        self.critic.load_state_dict(states["critic"])
        self.updates.load_state_dict(states["optimiser"])
        self.critic_updates.load_state_dict(states["critic optimiser"])
        self.adversary.load_state_dict(states["adversary"])
        self.prices, self.step = states["prices"], states["step"]
