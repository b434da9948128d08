"""Checkpoints and results that have the names of before."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from made import TINY, lively, shipped_model

from jamline_training.errors import RecipeError
from jamline_training.network import checkpoint
from jamline_training.network.conditioned import Conditioned
from jamline_training.network.model import Accompanist
from jamline_training.network.model_file import supports_melody_only
from jamline_training.network.old_names import (
    FIELDS,
    WEIGHTS,
    current_fields,
    current_result,
    current_weights,
)
from jamline_training.network.teacher import Teacher
from jamline_training.rl.course import REWARD_WEIGHTS, Course
from jamline_training.rl.discriminator import Discriminator
from jamline_training.rl.reward_models import KINDS, RewardModels, network
from jamline_training.training.export import export
from jamline_training.training.recipe import Recipe
from jamline_training.training.run import described

OLD_RECIPE = {
    "own": 0.3, "own_from": 0.1, "untold": 0.2, "untold_weight": 0.4, "unheard": 0.5,
    "performed": 0.6, "modulated": 0.7, "taught": 0.8,
}  # fmt: skip
RECIPE = Recipe(
    self_generated=0.3, self_generated_from=0.1, chord_dropout=0.2, chord_dropout_weight=0.4,
    melody_masking=0.5, performance_augmentation=0.6, modulation=0.7, distillation_weight=0.8,
)  # fmt: skip


def old_recipe() -> dict[str, object]:
    """RECIPE's fields, as they were named before."""
    names = {new: old for old, new in FIELDS.items()}
    return {names.get(name, name): value for name, value in asdict(RECIPE).items()}


def old_weights(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """A model's weights, as they were named before."""
    found = {}
    for name, weights in model.state_dict().items():
        for old, new in WEIGHTS.items():
            if name.startswith(new):
                name = old + name.removeprefix(new)
                break
        found[name] = weights
    return found


def test_a_recipe_of_before_is_read() -> None:
    assert OLD_RECIPE.items() <= old_recipe().items()
    assert Recipe(**current_fields(old_recipe())) == RECIPE
    assert current_fields(asdict(RECIPE)) == asdict(RECIPE)
    with pytest.raises(TypeError):
        Recipe(**old_recipe())
    with pytest.raises(RecipeError):
        Recipe(self_generated=1.1)


def test_a_course_of_before_is_read() -> None:
    old = {"worth": {"adversary": 0.6, "note": 1.0}, "of_teacher": 2.0, "trust": 0.8, "ratio": 0.1,
           "of_rewards": 3.0, "of_prospects": 4.0, "of_supervision": 5.0, "unheard": 0.3,
           "adversary_rate": 6.0}  # fmt: skip
    course = Course(**current_fields(old))
    assert course == Course(
        reward_weights={"discriminator": 0.6, "note": 1.0}, teacher_weight=2.0, gae_lambda=0.8,
        clip_ratio=0.1, policy_gradient_weight=3.0, counterfactual_weight=4.0,
        supervision_weight=5.0, melody_masking=0.3, discriminator_rate=6.0,
    )  # fmt: skip
    assert "discriminator" in REWARD_WEIGHTS


@pytest.mark.parametrize("kind", [Accompanist, Conditioned, Teacher])
def test_a_checkpoint_of_before_is_resumed(kind: type[Accompanist], tmp_path: Path) -> None:
    model = kind(TINY)
    made = described(TINY, kind, RECIPE)
    old = {**made, "recipe": old_recipe(), "earlier": (old_recipe(),), "step": 3}
    checkpoint.save(tmp_path / "checkpoint.pt", {**old, "model": old_weights(model)})
    found = checkpoint.load(tmp_path / "checkpoint.pt", "cpu", made)
    assert found["model"].keys() == model.state_dict().keys() and found["step"] == 3
    restored = checkpoint.restored(tmp_path / "checkpoint.pt", kind)
    assert restored.earlier == (asdict(RECIPE), asdict(RECIPE))
    for name, weights in model.state_dict().items():
        assert torch.equal(restored.state_dict()[name], weights), name


def test_reward_models_and_discriminators_of_before_are_read(tmp_path: Path) -> None:
    models = {f"{kind} 1": network(kind) for kind in KINDS}
    old = {"judges": {name: old_weights(model) for name, model in models.items()}, "schooling": {}}
    assert "verdict.weight" in old["judges"]["discriminative 1"]
    checkpoint.save(tmp_path / "rewards.pt", old)
    found = RewardModels.load(tmp_path / "rewards.pt")
    for name, model in models.items():
        for part, weights in model.state_dict().items():
            assert torch.equal(found.models[name].state_dict()[part], weights)
    discriminator = Discriminator("cpu", 1e-3)
    states = discriminator.state_dict()
    states = {"critic": old_weights(discriminator.network), **states}
    del states["network"]
    origins = {"policy": "1", "judges": "2"}
    checkpoint.save(tmp_path / "checkpoint.pt", {"adversary": states, "origins": origins})
    content = checkpoint.read(tmp_path / "checkpoint.pt")
    Discriminator("cpu", 1e-3).load_state_dict(content["discriminator"])
    assert content["origins"] == {"policy": "1", "reward models": "2"}


def test_a_result_of_before_is_read() -> None:
    old = {"recipe": {"own": 0.3}, "valid": {"all": {"nats": {"strike": 1.0, "untold": 2.0}}}}
    assert current_result(old) == {
        "recipe": {"self_generated": 0.3},
        "valid": {"all": {"nats": {"chord onset": 1.0, "melody only": 2.0}}},
    }


def test_weights_of_today_stay_as_they_are() -> None:
    names = dict.fromkeys(Teacher(TINY).state_dict())
    assert current_weights(names) == names


def test_model_files_say_whether_they_support_melody_only_predictors(tmp_path: Path) -> None:
    assert supports_melody_only(shipped_model()), "which has the key of before"
    for dropout in (0.0, 0.25):
        export(lively(), Recipe(chord_dropout=dropout), tmp_path / "made.safetensors")
        assert supports_melody_only(tmp_path / "made.safetensors") == (dropout > 0)
