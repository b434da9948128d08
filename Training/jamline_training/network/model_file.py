"""The model file: a network as one safetensors file, with all that the agent needs in its
metadata."""

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
from .quantise import TILE_ROWS, packed, quantised, round_as_the_agent, unpacked

FORMAT = "jamline-accompanist"
VERSION = 2
# The agent has one table of pitches, which the octaves' shared vectors are added to.
FOLDED = "pitch_class.weight"
# Weights that the agent does not have: tables of hints (conditioned.Conditioned).
HINT_TABLES = "hint_tables."
# Metadata: whether the network was trained with chord dropout, so that it can predict from the
# melody alone. Model files of before have the other key.
MELODY_ONLY_KEY, OLD_MELODY_ONLY_KEY = "melody_only", "hears_untold"


def matrices_of(model: Accompanist) -> dict[str, nn.Linear]:
    """The linear layers that the agent has, too, by name."""
    modules = model.named_modules()
    return {n: m for n, m in modules if isinstance(m, nn.Linear) and not n.startswith(HINT_TABLES)}


def tensors_of(model: Accompanist) -> dict[str, torch.Tensor]:
    """The model's weights by name. A linear layer has int8 weights in tiles (NAME.weight) and a
    scale for each row (NAME.scale). All other weights are float16."""
    tensors = {n: t.detach().cpu() for n, t in model.state_dict().items()}
    tensors["pitch.weight"] = model.pitches().detach().cpu()
    tensors = {n: t.half() for n, t in tensors.items() if not n.startswith((FOLDED, HINT_TABLES))}
    for name, module in matrices_of(model).items():
        weights, scales = quantised(module.weight.detach().cpu())
        tensors[f"{name}.weight"] = packed(weights)
        tensors[f"{name}.scale"] = nn.functional.pad(scales, (0, -len(scales) % TILE_ROWS))
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


def in_order(content: bytes) -> bytes:
    """The file's content with its metadata in alphabetical order, so that the same model gives the
    same bytes. The library's order changes from run to run."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # The tensors begin at a multiple of eight bytes.
    return len(text).to_bytes(8, "little") + text + content[end:]


def configuration_of(path: Path) -> Configuration:
    """The configuration in a file's metadata. Raises ModelError if the file is not a model of
    ours."""
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


def supports_melody_only(path: Path) -> bool:
    """Whether the file's network was trained with chord dropout: it can predict from the melody
    alone."""
    with safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
    return "true" in (metadata.get(MELODY_ONLY_KEY), metadata.get(OLD_MELODY_ONLY_KEY))


def load(path: Path, is_rounding: bool = True) -> Accompanist:
    """Loads an exported model. is_rounding: whether it rounds activations to 16 bits, as the agent
    does. A model that rounds cannot be trained: rounding has no gradient."""
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
            round_as_the_agent(model)
    except (KeyError, RuntimeError, IndexError) as error:
        raise ModelError(f"{path}: expected the tensors of its configuration: {error}") from error
    return model.eval()
