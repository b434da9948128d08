"""Writes a trained model as one safetensors file, all that the agent needs in its metadata."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import load_file, safe_open, save_file

from .model import Accompanist, Configuration

FORMAT = "jamline-accompanist"
VERSION = 1

# Read by the agent as tables: the octaves' shared part is added to each pitch for good.
FOLDED = "pitch_class.weight"


def tensors_of(model: Accompanist) -> dict[str, torch.Tensor]:
    """The model's weights by name, in float16."""
    tensors = {n: t.detach().cpu() for n, t in model.state_dict().items() if n != FOLDED}
    tensors["pitch.weight"] = model.pitches().detach().cpu()
    return {name: tensor.to(torch.float16).contiguous() for name, tensor in tensors.items()}


def export(model: Accompanist, recipe, path: Path) -> None:
    metadata = {
        "format": FORMAT,
        "version": str(VERSION),
        "configuration": json.dumps(model.c.to_json()),
        "recipe": json.dumps(asdict(recipe)) if recipe is not None else "{}",
    }
    beside = path.with_suffix(".part")
    save_file(tensors_of(model), beside, metadata)
    os.replace(beside, path)


def load(path: Path) -> Accompanist:
    """The exported model, in float32: what the agent computes with."""
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    if metadata.get("format") != FORMAT or metadata.get("version") != str(VERSION):
        raise ValueError(f"{path}: expected {FORMAT} version {VERSION}, found {metadata}")
    fields = json.loads(metadata["configuration"])
    fields["qualities"] = tuple(fields["qualities"])
    model = Accompanist(Configuration(**fields))
    tensors = {name: tensor.float() for name, tensor in load_file(path).items()}
    tensors[FOLDED] = torch.zeros_like(model.pitch_class.weight)
    model.load_state_dict(tensors)
    return model.eval()
