"""What an agent played, kept in files: one for each setting, a line for each song, written as soon
as it was played. A run that was broken off goes on where it was; what another agent, model or
setting played, with another seed or to another stream, is never taken for this one's."""

from __future__ import annotations

import fcntl
import json
import os
import random
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TextIO

from ..data.conditions import CONDITIONS
from ..data.corpus import Song, read_file
from ..data.files import digest
from ..data.stream import stream_of
from ..data.takes import Take, take_of
from ..errors import CorpusError, SessionError
from .playing import agent_chords, in_parallel, seed_of, words
from .settings import Setting

SEED = 1
Key = tuple[str, int, str]  # file, number, digest of the agent's seed and the stream it was given


@dataclass(frozen=True)
class Entry:
    """A song of the corpus: the number of its line in `file` (without .jsonl), from 0."""

    file: str
    number: int
    song: Song


SPLITS = ("test", "ood")
"""Those that the reported figures are of."""


def read_entries(corpus: Path, splits: Sequence[str] = SPLITS) -> list[Entry]:
    """The songs to measure by: those of all files of these splits."""
    paths = sorted(path for split in splits for path in corpus.glob(f"*.{split}.jsonl"))
    if not paths:
        expected = " or ".join(f"*.{split}.jsonl" for split in splits)
        raise CorpusError(f"{corpus}: expected {expected} there, found none")
    return [
        Entry(path.name.removesuffix(".jsonl"), number, song)
        for path in paths
        for number, song in enumerate(read_file(path))
    ]


def sample(entries: list[Entry], songs: int | None) -> list[Entry]:
    """So many songs of each file (None: all), drawn at random but always alike: those of a smaller
    sample are in every larger one."""
    chosen = []
    for file, group in groupby(entries, lambda entry: entry.file):
        shuffled = list(group)
        random.Random(file).shuffle(shuffled)
        chosen += sorted(shuffled[:songs], key=lambda entry: entry.number)
    return chosen


def entries_for(setting: Setting, entries: list[Entry], few: int) -> list[Entry]:
    """Those that a setting is played on. few: how many of each file, where they are few."""
    return sample(entries, None if setting.times_few is None else setting.times_few * few)


@dataclass(frozen=True)
class Player:
    """The agent and the model as files."""

    agent: str
    model: Path

    def command(self, setting: Setting) -> list[str]:
        return [self.agent, "--model", str(self.model), *words(setting.options)]

    def identity(self) -> dict[str, str]:
        """What tells this agent and model from all others."""
        return {
            "agent": digest(Path(self.agent).read_bytes()),
            "model": digest(self.model.read_bytes()),
        }


def session_file(folder: Path, identity: dict[str, str], setting: Setting) -> Path:
    key = digest(json.dumps([identity, setting.options], sort_keys=True).encode())
    name = re.sub(r"\W+", "-", setting.name)
    return folder / f"{name}.{key}.jsonl"


def heard_by(setting: Setting, song: Song) -> tuple[Song, Take]:
    """The song as the agent hears it, and its frames to be measured, with the human's chords.

    A wrong note is none of the melody's: chords are measured with what was meant. A melody that
    moves is measured as it is played.
    """
    heard = CONDITIONS[setting.condition](song)
    return heard, take_of(song if setting.condition == "wrong notes" else heard, setting.beats)


def key_of(setting: Setting, entry: Entry) -> Key:
    heard, take = heard_by(setting, entry.song)
    told = "\n".join([seed_of(entry.file, entry.number, SEED), *stream_of(heard, len(take))])
    return entry.file, entry.number, digest(told.encode())


def run_lengths(chords: list[str]) -> list[tuple[int, str]]:
    return [(len(list(group)), symbol) for symbol, group in groupby(chords)]


def whole_lines(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]


@contextmanager
def adding_to(path: Path) -> Iterator[TextIO]:
    """The sessions' file, for this run alone to add to; a line that was broken off is cut off it.
    Raises SessionError where another run is at it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as sessions:
        try:
            fcntl.flock(sessions, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SessionError(f"{path}: another run is adding to it") from error
        os.truncate(path, len(whole_lines(path.read_bytes())))
        yield sessions


def read_sessions(path: Path) -> dict[Key, list[str]]:
    """Chords, one a frame. A last line that is broken off, or is just being written, is none."""
    if not path.exists():
        return {}
    played = {}
    for line in whole_lines(path.read_bytes()).splitlines():
        record = json.loads(line)
        chords = [symbol for length, symbol in record["chords"] for _ in range(length)]
        played[record["file"], record["number"], record["heard"]] = chords
    return played


def play(player: Player, setting: Setting, entries: list[Entry], folder: Path, jobs: int) -> Path:
    """Has the agent play to the songs to which it has not yet; gives the sessions' file."""
    path = session_file(folder, player.identity(), setting)
    command = player.command(setting)

    def session(entry: Entry) -> str:
        heard, take = heard_by(setting, entry.song)
        seeded = [*command, "--seed", seed_of(entry.file, entry.number, SEED)]
        record = {
            "file": entry.file, "number": entry.number, "song": entry.song.id,
            "heard": key_of(setting, entry)[2],
            "chords": run_lengths(agent_chords(seeded, heard, len(take))),
        }  # fmt: skip
        return json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n"

    with adding_to(path) as sessions:
        left = not_played(setting, entries, path)
        for line in in_parallel(session, left, jobs, setting.name) if left else ():
            sessions.write(line)
            sessions.flush()
    return path


def not_played(setting: Setting, entries: list[Entry], path: Path) -> list[Entry]:
    """Those of the songs to which nothing was played yet."""
    played = read_sessions(path)
    return [entry for entry in entries if key_of(setting, entry) not in played]


def takes_of(setting: Setting, entries: list[Entry], path: Path) -> Iterator[tuple[Entry, Take]]:
    """What was played to the songs, as far as it was."""
    played = read_sessions(path)
    for entry in entries:
        key = key_of(setting, entry)
        if key in played:
            yield entry, heard_by(setting, entry.song)[1].played(played[key])
