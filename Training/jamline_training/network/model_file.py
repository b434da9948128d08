"""Writes a trained model as one safetensors file, all that the agent needs in its metadata."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, safe_open
from torch import nn

from ..errors import ModelError
from .configuration import Configuration
from .model import Accompanist
from .quantise import TILE_ROWS, as_the_agent, packed, quantised, unpacked

FORMAT = "jamline-accompanist"
VERSION = 2
# Read by the agent as tables: the octaves' shared part is added to each pitch for good.
FOLDED = "pitch_class.weight"
# What a network is told of a piece (conditioned.Conditioned); the agent tells nothing.
TOLD = "told."


def matrices_of(model: Accompanist) -> dict[str, nn.Linear]:
    """The linear layers that the agent has, by name."""
    modules = model.named_modules()
    return {n: m for n, m in modules if isinstance(m, nn.Linear) and not n.startswith(TOLD)}


def tensors_of(model: Accompanist) -> dict[str, torch.Tensor]:
    """The model's weights by name: of linear layers 8 bits in tiles (NAME.weight) and each row's
    scale (NAME.scale), the rest in float16."""
    tensors = {n: t.detach().cpu() for n, t in model.state_dict().items()}
    tensors["pitch.weight"] = model.pitches().detach().cpu()
    tensors = {n: t.half() for n, t in tensors.items() if not n.startswith((FOLDED, TOLD))}
    for name, module in matrices_of(model).items():
        weights, scales = quantised(module.weight.detach().cpu())
        tensors[f"{name}.weight"] = packed(weights)
        tensors[f"{name}.scale"] = nn.functional.pad(scales, (0, -len(scales) % TILE_ROWS))
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


def in_order(content: bytes) -> bytes:
    """The file with its metadata in alphabetical order, so that the same model is the same bytes:
    the library writes it in an order that changes from run to run."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # The tensors begin at a multiple of eight bytes.
    return len(text).to_bytes(8, "little") + text + content[end:]


def configuration_of(path: Path) -> Configuration:
    """What the file's metadata says of the network; raises ModelError where it is none of ours."""
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
    except SafetensorError as error:
        raise ModelError(f"{path}: expected a safetensors file, found {error}") from error
    found = metadata.get("format"), metadata.get("version")
    if found != (FORMAT, str(VERSION)):
        raise ModelError(
            f"{path}: expected {FORMAT} version {VERSION}, found {found[0]} version {found[1]}"
        )
    try:
        fields = json.loads(metadata["configuration"])
        return Configuration(**{**fields, "qualities": tuple(fields["qualities"])})
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path}: expected a configuration, found {error!r}") from error


def hears_untold(path: Path) -> bool:
    """Whether the file's network learned to hear chords where it is told of none."""
    with safe_open(path, "pt") as file:
        return (file.metadata() or {}).get("hears_untold") == "true"


def load(path: Path, is_rounding: bool = True) -> Accompanist:
    """The exported model, calculating as the agent does; or else without rounding anything to 16
    bits. (Not to be trained: what is rounded has no gradient.)"""
    model = Accompanist(configuration_of(path))
    tensors = {name: tensor.float() for name, tensor in load_file(path).items()}
    tensors[FOLDED] = torch.zeros_like(model.pitch_class.weight)
    try:
        for name, module in matrices_of(model).items():
            rows, columns = module.weight.shape
            weights = unpacked(tensors[f"{name}.weight"], rows, columns)
            tensors[f"{name}.weight"] = weights * tensors.pop(f"{name}.scale")[:rows, None]
        model.load_state_dict(tensors)
        if is_rounding:
            as_the_agent(model)
    except (KeyError, RuntimeError, IndexError) as error:
        raise ModelError(f"{path}: expected the tensors of its configuration: {error}") from error
    return model.eval()
