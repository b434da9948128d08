"""Songs played to the real agent, as streams."""

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
    """The agent's plans for the song's frames; raises AgentError where it fails."""
    stream = "\n".join(stream_of(song, frames)) + "\n"
    output = subprocess.run(command, input=stream, capture_output=True, text=True)
    if output.returncode != 0:
        raise AgentError(f"{song.id}: {' '.join(command)}: {output.stderr.strip()}")
    return list(plans_of(output.stdout.splitlines()))


def agent_chords(command: list[str], song: Song, frames: int) -> list[str]:
    """What the agent promised for the song's frames; raises AgentError where it did not promise all
    of them."""
    plans = agent_plans(command, song, frames)
    promised = committed_frames(plans)
    # An agent that is told to stop in the middle ends as it should, too.
    if promised < frames:
        raise AgentError(
            f"{song.id}: {' '.join(command)}: expected promises for {frames} frames, "
            f"found them for {promised}"
        )
    return committed_chords(plans, frames)


def words(options: dict[str, str]) -> list[str]:
    """Options as the words of a command."""
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def seed_of(file: str, number: int, seed: int) -> str:
    """Of the song with this number in a file: with one seed for all, each session would meet the
    same chance. Below 2^48: the agent reads seeds as JSON numbers, too."""
    content = json.dumps([file, number, seed]).encode()
    return str(int.from_bytes(hashlib.sha256(content).digest()[:6], "big"))


def seeded_songs(files: list[Path], count: int) -> list[tuple[str, Song]]:
    """The first songs of each file, so many at most, each with the seed to play to it with."""
    return [
        (seed_of(path.stem, number, 1), song)
        for path in files
        for number, song in enumerate(list(read_file(path))[:count])
    ]


def in_parallel(
    work: Callable[[Item], Result], items: list[Item], jobs: int, label: str = ""
) -> Iterator[Result]:
    """Results in order. What has not begun when it is broken off is not begun."""
    pool = ThreadPoolExecutor(jobs)
    try:
        yield from tqdm(pool.map(work, items), label, total=len(items), unit="song")
    finally:
        pool.shutdown(cancel_futures=True)


def takes_with(
    command: list[str], file: str, songs: list[Song], beats: int, seed: int, jobs: int
) -> list[Take]:
    """The agent's takes of the first beats of a file's songs."""

    def play(numbered: tuple[int, Song]) -> Take:
        number, song = numbered
        take = take_of(song, beats)
        seeded = [*command, "--seed", seed_of(file, number, seed)]
        return take.played(agent_chords(seeded, song, len(take)))

    return list(in_parallel(play, list(enumerate(songs)), jobs))
