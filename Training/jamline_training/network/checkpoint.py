"""Checkpoints: written whole or not at all, and gone on from only as they were begun."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import torch

from ..data.files import written_whole
from ..errors import CheckpointError
from .configuration import Configuration
from .model import Accompanist


def save(path: Path, content: dict) -> None:
    with written_whole(path) as beside:
        torch.save(content, beside)


Description = dict[str, dict]


def load(path: Path, device: str, asked: Description) -> dict:
    """The checkpoint's content. asked: what its parts `recipe` and so on must say; raises
    CheckpointError at the first field that differs.
    """
    content = torch.load(path, map_location=device, weights_only=True)
    require_same(path, content, asked)
    return content


Network = TypeVar("Network", bound=Accompanist)


def restored(path: Path, kind: type[Network], is_whole: bool = True) -> Network:
    """The network of a checkpoint, of the sizes and with the past that it says. is_whole: it has
    all the weights of this kind of network, and no others."""
    content = torch.load(path, map_location="cpu", weights_only=True)
    fields = {name: value for name, value in content["network"].items() if name != "kind"}
    network = kind(Configuration(**{**fields, "qualities": tuple(fields["qualities"])}))
    network.load_state_dict(content["model"], strict=is_whole)
    last = [content["recipe"]] if "recipe" in content else []
    network.earlier = (*content.get("earlier", ()), *last)
    return network


def difference(content: dict, asked: Description) -> str | None:
    """What the first field is that content has otherwise than asked, in words."""
    for part, expected in asked.items():
        found = content.get(part, {})
        for name in expected | found:
            if expected.get(name) != found.get(name):
                wanted, there = expected.get(name), found.get(name)
                return f"expected a {part} of {name} {wanted}, found {name} {there}"
    return None


def require_same(path: Path, content: dict, asked: Description) -> None:
    """Raises CheckpointError at the first field that `path`'s content has otherwise than asked."""
    if found := difference(content, asked):
        raise CheckpointError(f"{path}: {found}: go on with that, or begin anew in another folder")
