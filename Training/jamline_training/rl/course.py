"""What a run of reinforcement learning is made of, as a recipe is of pre-training."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import RecipeError

# What the parts of the reward count for: see rules.worth, and rewards.KINDS.
WORTH = {
    "note": 1.0, "root": 1.0, "tones": 0.5, "alike": 0.4, "together": 0.5, "close": 2.0,
    "silence": 0.5, "long": 0.5, "contrastive": 0.2, "discriminative": 0.2,
    "contrastive rhythm": 0.1, "discriminative rhythm": 0.1, "adversary": 0.6,
}  # fmt: skip


@dataclass(frozen=True)
class Course:
    """How a policy is trained by reinforcement. A step plays to `batch` excerpts of `length`
    frames."""

    steps: int = 300
    batch: int = 64
    length: int = 256
    # The highest rates: of linear layers (by Muon), of all else of the policy, of critic and
    # adversary.
    matrix_rate: float = 0.005
    learning_rate: float = 7e-4
    critic_rate: float = 1e-3
    adversary_rate: float = 1e-3
    warm_up: int = 10
    # The share of the highest rates that is left at the end.
    final_rate: float = 0.1
    clip: float = 1.0
    # Of what comes later, a frame on; and of how far the critic is trusted.
    discount: float = 0.96
    trust: float = 0.9
    # Weights in the loss: of the rewards, of all chords' prospects, of the teacher, of the recipe's
    # losses.
    of_rewards: float = 1.0
    of_prospects: float = 2.0
    of_teacher: float = 1.0
    of_supervision: float = 1.0
    # Of the teacher's chords: below 1 it is surer of them than it was trained to be.
    teacher_temperature: float = 0.7
    # How far the ratio of a choice's odds may move while the same roll-outs are learned from.
    passes: int = 1
    ratio: float = 0.2
    worth: dict[str, float] = field(default_factory=lambda: dict(WORTH))
    # Whether judges speak of shorter windows, too, and not of whole excerpts alone.
    multi_scale: bool = True
    # How fast the prices of habits move.
    price_rate: float = 0.5
    # Shares of the excerpts that are played as people play, that go to another key, that are not
    # heard throughout.
    performed: float = 0.25
    modulated: float = 0.25
    unheard: float = 0.5
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "length", "passes"):
            if getattr(self, name) < 1:
                raise RecipeError(f"expected {name} from 1 on, found {getattr(self, name)}")
        for name in self.worth:
            if name not in WORTH:
                raise RecipeError(f'expected in worth {", ".join(WORTH)}, found "{name}"')
