"""A course: all that decides a run of reinforcement learning, as a recipe does for pre-training."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import RecipeError

# The weights of the rewards: see rule_rewards.rewards, reward_models.KINDS and discriminator.
REWARD_WEIGHTS = {
    "note": 1.0, "root": 1.0, "tones": 0.5, "alike": 0.4, "together": 0.5, "close": 2.0,
    "silence": 0.5, "long": 0.5, "contrastive": 0.2, "discriminative": 0.2,
    "contrastive rhythm": 0.1, "discriminative rhythm": 0.1, "discriminator": 0.6,
}  # fmt: skip


@dataclass(frozen=True)
class Course:
    """How a policy is trained by reinforcement. In each step it plays to `batch` excerpts of
    `length` frames."""

    steps: int = 300
    batch: int = 64
    length: int = 256
    # Peak rates: of the policy's linear layers (Muon), of its other weights, of the critic and of
    # the discriminator.
    matrix_rate: float = 0.005
    learning_rate: float = 7e-4
    critic_rate: float = 1e-3
    discriminator_rate: float = 1e-3
    warm_up: int = 10
    # The share of the peak rates that is left at the end.
    final_rate: float = 0.1
    clip: float = 1.0
    # The discount of a reward one frame later, and λ of generalised advantage estimation.
    discount: float = 0.96
    gae_lambda: float = 0.9
    # Weights in the loss: of the policy gradient, of counterfactual returns, of the divergence from
    # the teacher, and of the recipe's own losses.
    policy_gradient_weight: float = 1.0
    counterfactual_weight: float = 2.0
    teacher_weight: float = 1.0
    supervision_weight: float = 1.0
    # The temperature of the teacher's chords. Below 1 it is more certain than it was trained to be.
    teacher_temperature: float = 0.7
    # Updates from the same rollouts, and how far the probability ratio of a choice may move
    # meanwhile.
    passes: int = 1
    clip_ratio: float = 0.2
    reward_weights: dict[str, float] = field(default_factory=lambda: dict(REWARD_WEIGHTS))
    # Whether reward models score shorter windows, too, and not only whole excerpts.
    multi_scale: bool = True
    # How fast the prices of habits move.
    price_rate: float = 0.5
    # Shares of the excerpts with performance augmentation, with modulation and with melody masking.
    performance_augmentation: float = 0.25
    modulation: float = 0.25
    melody_masking: float = 0.5
    seed: int = 1

    def __post_init__(self) -> None:
        """Raises RecipeError at the first field of no use."""
        for name in ("steps", "batch", "length", "passes"):
            if getattr(self, name) < 1:
                raise RecipeError(f"expected {name} from 1 on, found {getattr(self, name)}")
        for name in self.reward_weights:
            if name not in REWARD_WEIGHTS:
                known = ", ".join(REWARD_WEIGHTS)
                raise RecipeError(f'expected reward_weights of {known}, found "{name}"')
