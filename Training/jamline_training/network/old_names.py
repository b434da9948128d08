"""Names that checkpoints, results and model files had before, so that old ones can still be
read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

Value = TypeVar("Value")

# Fields of recipes and of courses of reinforcement.
FIELDS = {
    "own": "self_generated",
    "own_from": "self_generated_from",
    "untold": "chord_dropout",
    "untold_weight": "chord_dropout_weight",
    "unheard": "melody_masking",
    "performed": "performance_augmentation",
    "modulated": "modulation",
    "taught": "distillation_weight",
    "worth": "reward_weights",
    "of_rewards": "policy_gradient_weight",
    "of_prospects": "counterfactual_weight",
    "of_teacher": "teacher_weight",
    "of_supervision": "supervision_weight",
    "adversary_rate": "discriminator_rate",
    "trust": "gae_lambda",
    "ratio": "clip_ratio",
}
REWARDS = {"adversary": "discriminator"}
# Figures of results: parts of the loss.
PARTS = {"strike": "chord onset", "untold": "melody only"}
# Parts of checkpoints.
CONTENT = {"judges": "reward models", "adversary": "discriminator", "schooling": "training"}
# Beginnings of the names of weights.
WEIGHTS = {
    "hearing.": "melody_layers.",
    "hearing_norm.": "melody_norm.",
    "heard.": "melody_output.",
    "told.": "hint_tables.",
    "verdict.": "output.",
}


def renamed(content: Mapping[str, Value], names: Mapping[str, str]) -> dict[str, Value]:
    """The content with its old names replaced by today's."""
    return {names.get(name, name): value for name, value in content.items()}


def current_fields(fields: Mapping[str, object]) -> dict[str, object]:
    """A recipe's or a course's fields under today's names."""
    fields = renamed(fields, FIELDS)
    if "reward_weights" in fields:
        fields["reward_weights"] = renamed(fields["reward_weights"], REWARDS)
    return fields


def current_weights(weights: Mapping[str, Value]) -> dict[str, Value]:
    """A network's weights under today's names."""

    def current(name: str) -> str:
        for old, new in WEIGHTS.items():
            if name.startswith(old):
                return new + name.removeprefix(old)
        return name

    return {current(name): value for name, value in weights.items()}


def current_checkpoint(content: Mapping[str, object]) -> dict[str, object]:
    """A checkpoint's content under today's names."""
    content = renamed(content, CONTENT)
    for name in ("recipe", "course"):
        if name in content:
            content[name] = current_fields(content[name])
    if "origins" in content:
        content["origins"] = renamed(content["origins"], CONTENT)
    if "earlier" in content:
        content["earlier"] = tuple(map(current_fields, content["earlier"]))
    if "model" in content:
        content["model"] = current_weights(content["model"])
    if "reward models" in content:
        models = content["reward models"].items()
        content["reward models"] = {name: current_weights(weights) for name, weights in models}
    if "discriminator" in content:
        discriminator = renamed(content["discriminator"], {"critic": "network"})
        discriminator["network"] = current_weights(discriminator["network"])
        content["discriminator"] = discriminator
    return content


def current_result(result: object) -> object:
    """A result that was written as JSON, with recipes, courses and parts of the loss under today's
    names."""
    if isinstance(result, list):
        return [current_result(part) for part in result]
    if not isinstance(result, dict):
        return result
    changes = {"recipe": current_fields, "course": current_fields,
               "nats": lambda nats: renamed(nats, PARTS)}  # fmt: skip
    return {
        name: changes[name](value) if name in changes else current_result(value)
        for name, value in result.items()
    }
