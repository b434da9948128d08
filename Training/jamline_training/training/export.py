"""Export of a trained model, with the recipes that it went through."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from safetensors.torch import save

from ..data.files import written_whole
from ..network.model import Accompanist
from ..network.model_file import FORMAT, MELODY_ONLY_KEY, VERSION, in_order, tensors_of
from .recipe import Recipe


def export(
    model: Accompanist, recipe: Recipe | None, path: Path, course: dict[str, object] | None = None
) -> None:
    """Writes the model file atomically. course: the fields of the course of reinforcement that the
    model went through, if there was one. The recipe is then that of the supervised batches."""
    metadata = {
        "format": FORMAT,
        "version": str(VERSION),
        "configuration": json.dumps(model.c.to_json()),
        "recipe": json.dumps(asdict(recipe)) if recipe is not None else "{}",
        "earlier": json.dumps(model.earlier),
        **({"course": json.dumps(course)} if course is not None else {}),
        MELODY_ONLY_KEY: json.dumps(recipe is not None and recipe.chord_dropout > 0),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as beside:
        # Not save_file, whose files only their owner may read.
        beside.write_bytes(in_order(save(tensors_of(model), metadata)))
