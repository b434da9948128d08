"""What ends a command: its errors, and the one line that says what it could not do, and why."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


class ChordSymbolError(ValueError):
    """The text is no chord symbol."""

    def __init__(self, text: str, expected: str = "a chord symbol such as Am7 or Bb/D") -> None:
        found = "".join(c if c.isprintable() else "\ufffd" for c in text[:32])
        super().__init__(f'expected {expected}, found "{found}{"…" if text[32:] else ""}"')


class CorpusError(ValueError):
    """A corpus file that cannot be read, with its line."""


class RecipeError(ValueError):
    """A recipe that nothing can be trained by."""


class CheckpointError(ValueError):
    """A checkpoint, or a result, of another recipe or network than is asked for."""


class ModelError(ValueError):
    """A file that holds no model of this format."""


class AgentError(RuntimeError):
    """An agent that fails, with the song that it was playing to."""


class SessionError(RuntimeError):
    """Sessions that cannot be added to, or that are not complete."""


EXPECTED = (AgentError, CheckpointError, CorpusError, ModelError, RecipeError,
            SessionError, subprocess.CalledProcessError)  # fmt: skip


@contextmanager
def reported(tool: str, operation: str) -> Iterator[None]:
    """Ends the command with `tool: cannot operation: reason` where a file, a model or an agent is
    not what it should be; other errors are ours, and keep their traceback."""
    try:
        yield
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}" if error.strerror else str(error)
        raise SystemExit(f"{tool}: cannot {operation}: {reason}") from error
    except EXPECTED as error:
        raise SystemExit(f"{tool}: cannot {operation}: {error}") from error
