"""The errors that a command reports in one line, and how it reports them.

This module imports no other module of the package, so that every module can raise its errors.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


class ChordSymbolError(ValueError):
    """A text that is not a chord symbol."""

    def __init__(self, text: str, expected: str = "a chord symbol such as Am7 or Bb/D") -> None:
        found = "".join(c if c.isprintable() else "\ufffd" for c in text[:32])
        super().__init__(f'expected {expected}, found "{found}{"…" if text[32:] else ""}"')


class CorpusError(ValueError):
    """A corpus file that cannot be read. The message names the file and the line."""


class RecipeError(ValueError):
    """A recipe, or a course of reinforcement, that nothing can be trained by."""


class CheckpointError(ValueError):
    """A checkpoint or a result that was made by another recipe or network than the one asked
    for."""


class ModelError(ValueError):
    """A file that does not hold a model in the format of this version."""


class AgentError(RuntimeError):
    """An agent that failed. The message names the song that it was playing to."""


class SessionError(RuntimeError):
    """Recorded sessions that cannot be added to, or that are incomplete."""


EXPECTED = (AgentError, CheckpointError, CorpusError, ModelError, RecipeError,
            SessionError, subprocess.CalledProcessError)  # fmt: skip


@contextmanager
def reported(tool: str, operation: str) -> Iterator[None]:
    """Ends the command with the line `tool: cannot operation: reason` if a file, a model or an
    agent fails. Other errors are bugs of this package: they keep their traceback."""
    try:
        yield
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}" if error.strerror else str(error)
        raise SystemExit(f"{tool}: cannot {operation}: {reason}") from error
    except EXPECTED as error:
        raise SystemExit(f"{tool}: cannot {operation}: {error}") from error
