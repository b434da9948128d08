"""The corpus: lead sheets as JSON lines, one song a line, in files named SET.SPLIT.jsonl."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator


@dataclass(frozen=True)
class Song:
    """A melody with chords. Onsets and durations are in beats (quarter notes)."""

    id: str
    set: str
    meter: tuple[int, int]
    tempo: float | None
    melody: list[tuple[float, float, int]]  # onset, duration, MIDI pitch
    chords: list[tuple[float, float, str]]  # onset, duration, symbol


class CorpusError(ValueError):
    """A corpus file that cannot be read, with its line."""


def read_song(text: str, set_name: str, place: str) -> Song:
    try:
        fields = json.loads(text)
        numerator, denominator = fields["meter"].split("/")
        return Song(
            id=fields["id"],
            set=set_name,
            meter=(int(numerator), int(denominator)),
            tempo=fields["tempo"],
            melody=[(float(on), float(length), int(pitch)) for on, length, pitch in fields["melody"]],
            chords=[(float(on), float(length), str(name)) for on, length, name in fields["chords"]],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CorpusError(f"{place}: expected a song, found {error!r}") from error


def read_file(path: Path) -> Iterator[Song]:
    """The songs of one file, in order."""
    set_name = path.name.split(".")[0]
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            yield read_song(line, set_name, f"{path}:{number}")


def read_split(folder: Path, split: str) -> list[Song]:
    """All songs of a split (train, valid, test, ood), set by set in alphabetical order."""
    paths = sorted(folder.glob(f"*.{split}.jsonl"))
    if not paths:
        raise CorpusError(f"{folder}: no *.{split}.jsonl there")
    return [song for path in paths for song in read_file(path)]
