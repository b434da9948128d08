"""Writes a trained model with how it was trained."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from safetensors.torch import save

from ..data.files import written_whole
from ..network.model import Accompanist
from ..network.model_file import FORMAT, VERSION, in_order, tensors_of
from .recipe import Recipe


def export(
    model: Accompanist, recipe: Recipe | None, path: Path, course: dict[str, object] | None = None
) -> None:
    """Writes the model, and how it was trained, beside `path` and then there. course: of
    reinforcement, if it went through one; the recipe is then what it was kept to meanwhile."""
    metadata = {
        "format": FORMAT,
        "version": str(VERSION),
        "configuration": json.dumps(model.c.to_json()),
        "recipe": json.dumps(asdict(recipe)) if recipe is not None else "{}",
        "earlier": json.dumps(model.earlier),
        **({"course": json.dumps(course)} if course is not None else {}),
        "hears_untold": json.dumps(recipe is not None and recipe.untold > 0),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as beside:
        # Not save_file, whose files only their owner may read.
        beside.write_bytes(in_order(save(tensors_of(model), metadata)))
