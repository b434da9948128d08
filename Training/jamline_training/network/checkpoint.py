"""Checkpoints: they are written atomically, and a run resumes only from one that was made alike."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import torch

from ..data.files import written_whole
from ..errors import CheckpointError
from .configuration import Configuration
from .model import Accompanist
from .old_names import current_checkpoint

# What a checkpoint says of how it was made: fields by part, such as recipe and network.
Description = dict[str, dict]


def save(path: Path, content: dict) -> None:
    """Writes a checkpoint atomically."""
    with written_whole(path) as beside:
        torch.save(content, beside)


def read(path: Path, device: str = "cpu") -> dict:
    """A checkpoint's content, under today's names."""
    return current_checkpoint(torch.load(path, map_location=device, weights_only=True))


def load(path: Path, device: str, asked: Description) -> dict:
    """The content of a checkpoint that must have been made as `asked` says. Raises CheckpointError
    at the first field that differs."""
    content = read(path, device)
    require_same(path, content, asked)
    return content


Network = TypeVar("Network", bound=Accompanist)


def restored(path: Path, kind: type[Network], is_whole: bool = True) -> Network:
    """The network of a checkpoint, with its sizes, its weights and the recipes that it went
    through.

    is_whole: whether the checkpoint must have exactly the weights of this kind of network.
    """
    content = read(path)
    fields = {name: value for name, value in content["network"].items() if name != "kind"}
    network = kind(Configuration(**{**fields, "qualities": tuple(fields["qualities"])}))
    network.load_state_dict(content["model"], strict=is_whole)
    last = [content["recipe"]] if "recipe" in content else []
    network.earlier = (*content.get("earlier", ()), *last)
    return network


def difference(content: dict, asked: Description) -> str | None:
    """The first field in which the content differs from what is asked, in words; None if none
    does."""
    for part, expected in asked.items():
        found = content.get(part, {})
        for name in expected | found:
            if expected.get(name) != found.get(name):
                wanted, there = expected.get(name), found.get(name)
                return f"expected a {part} of {name} {wanted}, found {name} {there}"
    return None


def require_same(path: Path, content: dict, asked: Description) -> None:
    """Raises CheckpointError at the first field in which `path`'s content differs from `asked`."""
    if found := difference(content, asked):
        raise CheckpointError(f"{path}: {found}: resume with that, or start in another folder")
