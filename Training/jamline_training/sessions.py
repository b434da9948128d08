"""What an agent played, kept in files: one for each setting, a line for each song, written as soon
as it was played. A run that was broken off goes on where it was; what another agent, model or
setting played, or to another melody, is never taken for this one's."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from .conditions import CONDITIONS
from .corpus import Song, read_file
from .playing import agent_chords, in_parallel, seed_of, words
from .settings import Setting
from .takes import Take, take_of

SEED = 1


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


@dataclass(frozen=True)
class Entry:
    """A song of the corpus: the number of its line in `file` (without .jsonl), from 0."""

    file: str
    number: int
    song: Song


def read_entries(corpus: Path) -> list[Entry]:
    """The songs to measure by: those of all test and ood files."""
    paths = sorted([*corpus.glob("*.test.jsonl"), *corpus.glob("*.ood.jsonl")])
    if not paths:
        raise FileNotFoundError(f"{corpus}: expected *.test.jsonl or *.ood.jsonl, found none")
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
    return sample(entries, None if setting.share is None else setting.share * few)


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


def melody_digest(song: Song, frames: int) -> str:
    return digest(json.dumps([song.meter, song.melody, frames]).encode())


def run_lengths(chords: list[str]) -> list[tuple[int, str]]:
    return [(len(list(group)), symbol) for symbol, group in groupby(chords)]


Key = tuple[str, int, str]  # file, number, digest of what was heard


def read_sessions(path: Path) -> dict[Key, list[str]]:
    """Chords, one a frame. A last line that was broken off is cut off the file."""
    if not path.exists():
        return {}
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        os.truncate(path, len(whole))
    played = {}
    for line in whole.splitlines():
        record = json.loads(line)
        chords = [symbol for length, symbol in record["chords"] for _ in range(length)]
        played[record["file"], record["number"], record["heard"]] = chords
    return played


def play(player: Player, setting: Setting, entries: list[Entry], folder: Path, jobs: int) -> Path:
    """Has the agent play to the songs to which it has not yet; gives the sessions' file."""
    path = session_file(folder, player.identity(), setting)
    played = read_sessions(path)
    command = player.command(setting)

    def session(entry: Entry) -> str:
        heard, take = heard_by(setting, entry.song)
        seeded = [*command, "--seed", seed_of(entry.number, SEED)]
        record = {
            "file": entry.file, "number": entry.number, "song": entry.song.id,
            "heard": melody_digest(heard, len(take)),
            "chords": run_lengths(agent_chords(seeded, heard, len(take))),
        }  # fmt: skip
        return json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n"

    left = [entry for entry in entries if key_of(setting, entry) not in played]
    if left:
        folder.mkdir(parents=True, exist_ok=True)
        with open(path, "a", encoding="utf-8") as sessions:
            for line in in_parallel(session, left, jobs, setting.name):
                sessions.write(line)
                sessions.flush()
    return path


def key_of(setting: Setting, entry: Entry) -> Key:
    heard, take = heard_by(setting, entry.song)
    return entry.file, entry.number, melody_digest(heard, len(take))


def takes_of(setting: Setting, entries: list[Entry], path: Path) -> Iterator[tuple[Entry, Take]]:
    """What was played to the songs, as far as it was."""
    played = read_sessions(path)
    for entry in entries:
        heard, take = heard_by(setting, entry.song)
        key = entry.file, entry.number, melody_digest(heard, len(take))
        if key in played:
            yield entry, take.played(played[key])
