"""What ends a command: one line that says what it could not do, and why."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from .checkpoint import CheckpointError
from .corpus import CorpusError
from .export import ModelError
from .mixture import RecipeError
from .playing import AgentError
from .sessions import SessionError

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
