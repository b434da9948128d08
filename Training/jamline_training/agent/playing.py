"""Plays songs to the real jam-agent, as streams."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

from ..data.corpus import Song, read_file
from ..data.stream import committed_chords, committed_frames, plans_of, stream_of
from ..data.takes import Take, take_of
from ..errors import AgentError

Item = TypeVar("Item")
Result = TypeVar("Result")


def agent_plans(command: list[str], song: Song, frames: int) -> list[dict[str, Any]]:
    """The agent's plans for the song's frames. Raises AgentError if it fails."""
    stream = "\n".join(stream_of(song, frames)) + "\n"
    output = subprocess.run(command, input=stream, capture_output=True, text=True)
    if output.returncode != 0:
        raise AgentError(f"{song.id}: {' '.join(command)}: {output.stderr.strip()}")
    return list(plans_of(output.stdout.splitlines()))


def agent_chords(command: list[str], song: Song, frames: int) -> list[str]:
    """The chord that the agent committed to each of the song's frames. Raises AgentError if it did
    not commit all of them."""
    plans = agent_plans(command, song, frames)
    committed = committed_frames(plans)
    # An agent that is stopped in the middle ends with status 0, too.
    if committed < frames:
        raise AgentError(
            f"{song.id}: {' '.join(command)}: expected {frames} committed frames, found {committed}"
        )
    return committed_chords(plans, frames)


def words(options: dict[str, str]) -> list[str]:
    """Options as the arguments of a command."""
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def seed_of(file: str, number: int, seed: int) -> str:
    """The agent's seed for the song of this number in a file. With a seed of its own, each session
    has its own random numbers. Below 2^48, since the agent also reads seeds as JSON numbers."""
    content = json.dumps([file, number, seed]).encode()
    return str(int.from_bytes(hashlib.sha256(content).digest()[:6], "big"))


def seeded_songs(files: list[Path], count: int) -> list[tuple[str, Song]]:
    """At most `count` songs of each file, the first ones, each with the agent's seed for it."""
    return [
        (seed_of(path.stem, number, 1), song)
        for path in files
        for number, song in enumerate(list(read_file(path))[:count])
    ]


def in_parallel(
    work: Callable[[Item], Result], items: list[Item], jobs: int, label: str = ""
) -> Iterator[Result]:
    """Yields the results in order. If the caller stops early, work that has not begun is
    cancelled."""
    pool = ThreadPoolExecutor(jobs)
    try:
        yield from tqdm(pool.map(work, items), label, total=len(items), unit="song")
    finally:
        pool.shutdown(cancel_futures=True)


def takes_with(
    command: list[str], file: str, songs: list[Song], beats: int, seed: int, jobs: int
) -> list[Take]:
    """The takes of the first beats of a file's songs with the agent's chords."""

    def play(numbered: tuple[int, Song]) -> Take:
        number, song = numbered
        take = take_of(song, beats)
        seeded = [*command, "--seed", seed_of(file, number, seed)]
        return take.played(agent_chords(seeded, song, len(take)))

    return list(in_parallel(play, list(enumerate(songs)), jobs))
