"""Atomic files, and folders that only one command at a time works in."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yields a temporary path beside `path`, and renames it to `path` at the end. So a file that
    exists is complete. If the block raises, the temporary file is removed."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        yield beside
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def claimed(folder: Path) -> Iterator[bool]:
    """Yields whether this process may work in the folder: whether it got the folder's lock. The
    lock ends with the block, or with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "claim", "w") as claim:
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def digest(content: bytes) -> str:
    """Sixteen hexadecimal digits of the content's SHA-256."""
    return hashlib.sha256(content).hexdigest()[:16]


def write_text(path: Path, text: str) -> None:
    """Writes the file atomically."""
    with written_whole(path) as beside:
        beside.write_text(text, encoding="utf-8")


def write_json(path: Path, content: object) -> None:
    """Writes the content as indented JSON, atomically."""
    write_text(path, json.dumps(content, indent=1) + "\n")
