"""The corpus: lead sheets in files named SET.SPLIT.jsonl, one song as JSON on each line."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import CorpusError
from . import chord_symbols
from .files import digest


@dataclass(frozen=True)
class Song:
    """A melody with chords. Onsets and durations are in beats, which are quarter notes."""

    id: str
    set: str
    meter: tuple[int, int]
    tempo: float | None  # beats per minute
    melody: list[tuple[float, float, int]]  # onset, duration, MIDI pitch
    chords: list[tuple[float, float, str]]  # onset, duration, symbol
    key: str | None = None  # as the corpus writes it: Bb, F#m, A dorian


def require(condition: bool, expected: str, found: object) -> None:
    if not condition:
        raise ValueError(f"expected {expected}, found {found!r}")


def read_meter(text: object) -> tuple[int, int]:
    numerator, _, denominator = str(text).partition("/")
    whole = numerator.isdecimal() and denominator.isdecimal()
    require(whole and int(numerator) > 0 and int(denominator) > 0, "a meter such as 4/4", text)
    return int(numerator), int(denominator)


def read_beats(value: object) -> float:
    """Reads a time or a duration in beats."""
    is_number = isinstance(value, int | float) and math.isfinite(value)
    require(is_number and value >= 0, "beats from 0 on", value)
    return float(value)


def read_pitch(value: object) -> int:
    require(isinstance(value, int) and 0 <= value <= 127, "a pitch 0 to 127", value)
    return value


def read_symbol(value: object) -> str:
    require(isinstance(value, str), "a chord symbol", value)
    chord_symbols.parse(value)
    return value


def read_song(text: str, set_name: str, place: str) -> Song:
    """Parses one line. place: how an error message names the line."""
    try:
        fields = json.loads(text)
        require(isinstance(fields, dict), "a song", fields)
        return Song(
            id=str(fields["id"]),
            set=set_name,
            meter=read_meter(fields["meter"]),
            tempo=fields["tempo"],
            melody=[
                (read_beats(onset), read_beats(duration), read_pitch(pitch))
                for onset, duration, pitch in fields["melody"]
            ],
            chords=[
                (read_beats(onset), read_beats(duration), read_symbol(symbol))
                for onset, duration, symbol in fields["chords"]
            ],
            key=fields.get("key"),
        )
    except KeyError as error:
        raise CorpusError(
            f'{place}: expected a song, found none of its "{error.args[0]}"'
        ) from error
    except (TypeError, ValueError) as error:
        raise CorpusError(f"{place}: {error}") from error


def read_file(path: Path) -> Iterator[Song]:
    """The songs of one file, in order."""
    set_name = path.name.split(".")[0]
    # Bytes, so that text that is not UTF-8 is an error of its line, too.
    with open(path, "rb") as lines:
        for number, line in enumerate(lines, 1):
            place = f"{path}:{number}"
            try:
                text = line.decode()
            except UnicodeDecodeError as error:
                raise CorpusError(f"{place}: expected UTF-8, found {error.reason}") from error
            yield read_song(text, set_name, place)


def evenly(songs: list[Song], count: int | None) -> list[Song]:
    """At most `count` songs, or all for None, evenly spaced in the list: always the same ones."""
    count = len(songs) if count is None else min(count, len(songs))
    return [songs[index * len(songs) // count] for index in range(count)]


def paths_of(folder: Path, split: str) -> list[Path]:
    """The files of a split (train, valid, test or ood), in alphabetical order of their sets."""
    paths = sorted(folder.glob(f"*.{split}.jsonl"))
    if not paths:
        raise CorpusError(f"{folder}: expected *.{split}.jsonl there, found none")
    return paths


def read_split(folder: Path, split: str) -> list[Song]:
    """All songs of a split, in alphabetical order of their sets."""
    return [song for path in paths_of(folder, split) for song in read_file(path)]


def digest_of_split(folder: Path, split: str) -> str:
    """A digest of a split's songs and of the names of its sets."""
    parts = [path.name.encode() + path.read_bytes() for path in paths_of(folder, split)]
    return digest(b"".join(parts))
