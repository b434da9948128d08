"""Recorded sessions: what an agent played, in one file for each setting, with one line for each
song. A line is written as soon as its song was played, so an interrupted run can resume. A session
of another agent, model, setting, seed or stream is never taken for this one's."""

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
    """A song of the corpus. file: its file without .jsonl. number: that of its line, from 0."""

    file: str
    number: int
    song: Song


SPLITS = ("test", "ood")
"""The splits that the reported figures are measured on."""


def read_entries(corpus: Path, splits: Sequence[str] = SPLITS) -> list[Entry]:
    """The songs of all files of these splits."""
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
    """A random sample of so many songs of each file, or all for None. It is always the same, and
    part of every larger one."""
    chosen = []
    for file, group in groupby(entries, lambda entry: entry.file):
        shuffled = list(group)
        random.Random(file).shuffle(shuffled)
        chosen += sorted(shuffled[:songs], key=lambda entry: entry.number)
    return chosen


def entries_for(setting: Setting, entries: list[Entry], few: int) -> list[Entry]:
    """The songs that a setting is measured on. few: how many of each file are few."""
    return sample(entries, None if setting.times_few is None else setting.times_few * few)


@dataclass(frozen=True)
class AgentFiles:
    """The files of the agent and of its model."""

    agent: str
    model: Path

    def command(self, setting: Setting) -> list[str]:
        """The command that runs the agent with a setting."""
        return [self.agent, "--model", str(self.model), *words(setting.options)]

    def identity(self) -> dict[str, str]:
        """The digests of agent and model."""
        return {
            "agent": digest(Path(self.agent).read_bytes()),
            "model": digest(self.model.read_bytes()),
        }


def session_file(folder: Path, identity: dict[str, str], setting: Setting) -> Path:
    """The file of a setting's sessions."""
    key = digest(json.dumps([identity, setting.options], sort_keys=True).encode())
    name = re.sub(r"\W+", "-", setting.name)
    return folder / f"{name}.{key}.jsonl"


def played_under(setting: Setting, song: Song) -> tuple[Song, Take]:
    """The song as it is played to the agent under the setting's condition, and the take to measure,
    with the human's chords.

    Chords are measured with the melody that was meant, without its wrong notes. A melody that moves
    is measured as it is played.
    """
    given = CONDITIONS[setting.condition](song)
    return given, take_of(song if setting.condition == "wrong notes" else given, setting.beats)


def key_of(setting: Setting, entry: Entry) -> Key:
    """The key of an entry's session."""
    given, take = played_under(setting, entry.song)
    text = "\n".join([seed_of(entry.file, entry.number, SEED), *stream_of(given, len(take))])
    return entry.file, entry.number, digest(text.encode())


def run_lengths(chords: list[str]) -> list[tuple[int, str]]:
    """The chords as runs: how many consecutive frames have each symbol."""
    return [(len(list(group)), symbol) for symbol, group in groupby(chords)]


def whole_lines(content: bytes) -> bytes:
    """The content up to its last newline."""
    return content[: content.rfind(b"\n") + 1]


@contextmanager
def adding_to(path: Path) -> Iterator[TextIO]:
    """Opens the sessions' file for this run alone to add to, and drops an incomplete last line.
    Raises SessionError if another run is adding to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as sessions:
        try:
            fcntl.flock(sessions, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SessionError(f"{path}: another run is adding to it") from error
        os.truncate(path, len(whole_lines(path.read_bytes())))
        yield sessions


def read_sessions(path: Path) -> dict[Key, list[str]]:
    """The recorded sessions: a chord for each frame. An incomplete last line is ignored."""
    if not path.exists():
        return {}
    played = {}
    for line in whole_lines(path.read_bytes()).splitlines():
        record = json.loads(line)
        chords = [symbol for length, symbol in record["chords"] for _ in range(length)]
        played[record["file"], record["number"], record["stream"]] = chords
    return played


def play(
    files: AgentFiles, setting: Setting, entries: list[Entry], folder: Path, jobs: int
) -> Path:
    """Lets the agent play to the songs that it has not played to yet. Returns the sessions'
    file."""
    path = session_file(folder, files.identity(), setting)
    command = files.command(setting)

    def session(entry: Entry) -> str:
        given, take = played_under(setting, entry.song)
        seeded = [*command, "--seed", seed_of(entry.file, entry.number, SEED)]
        record = {
            "file": entry.file, "number": entry.number, "song": entry.song.id,
            "stream": key_of(setting, entry)[2],
            "chords": run_lengths(agent_chords(seeded, given, len(take))),
        }  # fmt: skip
        return json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n"

    with adding_to(path) as sessions:
        left = not_played(setting, entries, path)
        for line in in_parallel(session, left, jobs, setting.name) if left else ():
            sessions.write(line)
            sessions.flush()
    return path


def not_played(setting: Setting, entries: list[Entry], path: Path) -> list[Entry]:
    """The songs without a recorded session."""
    played = read_sessions(path)
    return [entry for entry in entries if key_of(setting, entry) not in played]


def takes_of(setting: Setting, entries: list[Entry], path: Path) -> Iterator[tuple[Entry, Take]]:
    """The takes of the songs that have a recorded session."""
    played = read_sessions(path)
    for entry in entries:
        key = key_of(setting, entry)
        if key in played:
            yield entry, played_under(setting, entry.song)[1].played(played[key])
