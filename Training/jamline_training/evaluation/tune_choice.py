"""How often midi-in takes the right part of a MIDI file for the melody: on files as they are, and
again with no names and with their tracks in another order, where only the notes can tell.

Labels are JSON lines. `melody` has the part with the melody as TRACK:CHANNEL, both from 1, or
several if others double it:

  {"file":"waltz.mid","kind":"piano","melody":["3:1"]}
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from ..errors import CorpusError, reported
from .table import heading, line

HEADER_LENGTH = 14
SEED = 1
# Meta events with the name of a track or of its instrument.
NAMES = (3, 4)


def read_labels(path: Path) -> list[dict[str, Any]]:
    """The labels of a file, checked."""
    labels = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            label = json.loads(text)
            labels.append({"kind": "", **label, "melody": set(label["melody"])})
            label["file"]
        except (ValueError, KeyError, TypeError) as error:
            raise CorpusError(
                f"{path}:{number}: expected file and melody, found {error}"
            ) from error
    return labels


def number_at(data: bytes, place: int) -> tuple[int, int]:
    """A number of variable length, and the place behind it."""
    value = 0
    while True:
        value = value << 7 | data[place] & 0x7F
        place += 1
        if data[place - 1] < 0x80:
            return value, place


def nameless(track: bytes) -> bytes:
    """The events of a track, with spaces for the letters of its names."""
    result, place, status = bytearray(track), 0, 0
    while place < len(track):
        _, place = number_at(track, place)
        if track[place] >= 0x80:
            status = track[place]
            place += 1
        if status == 0xFF:
            length, text = number_at(track, place + 1)
            if track[place] in NAMES:
                result[text : text + length] = b" " * length
            place = text + length
        elif status >= 0xF0:
            length, place = number_at(track, place)
            place += length
        else:
            place += 1 if status >> 4 in (0xC, 0xD) else 2
    return bytes(result)


def bare(data: bytes, seed: str) -> tuple[bytes, list[int]]:
    """A file without names, whose tracks after the first are in another order. Also the old numbers
    of its tracks, from 1, in the new order."""
    place, tracks = data.index(b"MThd"), []
    header = data[place : place + HEADER_LENGTH]
    place += HEADER_LENGTH
    while data[place : place + 4] == b"MTrk":
        length = int.from_bytes(data[place + 4 : place + 8], "big")
        tracks.append(nameless(data[place + 8 : place + 8 + length]))
        place += 8 + length
    order = list(range(1, len(tracks)))
    random.Random(f"{SEED} {seed}").shuffle(order)
    order = [0, *order]
    chunks = (b"MTrk" + len(tracks[old]).to_bytes(4, "big") + tracks[old] for old in order)
    return header + b"".join(chunks), [old + 1 for old in order]


def chosen(midi_in: str, path: Path) -> tuple[int, int] | None:
    """The track and the channel of the part that midi-in plays; None if it plays none."""
    command = [midi_in, "--list-tracks", str(path), "--json"]
    output = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    parts = map(json.loads, output.splitlines())
    return next(((part["track"], part["channel"]) for part in parts if part["melody"]), None)


def is_right(midi_in: str, path: Path, label: dict[str, Any]) -> tuple[bool, bool]:
    """Whether midi-in takes the melody of the file as it is, and of the bare file."""
    data, order = bare(path.read_bytes(), label["file"])
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "bare.mid")
        copy.write_bytes(data)
        (whole, of_bare) = chosen(midi_in, path), chosen(midi_in, copy)
    if of_bare:
        of_bare = order[of_bare[0] - 1], of_bare[1]
    return tuple(  # type: ignore[return-value]
        part is not None and "{}:{}".format(*part) in label["melody"] for part in (whole, of_bare)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--midi-in", default=".build/release/midi-in", help="the midi-in to run")
    parser.add_argument("--wrong", action="store_true", help="name the files that it gets wrong")
    parser.add_argument("folder", type=Path, help="of the MIDI files")
    parser.add_argument("labels", type=Path, nargs="+", help="labels (.jsonl)")
    options = parser.parse_args()
    print(heading(["labels", "kind", "files", "right", "without names"]))
    for path in options.labels:
        rows = defaultdict(list)
        with reported("tune_choice", f"evaluate {path}"):
            for label in read_labels(path):
                right = is_right(options.midi_in, options.folder / label["file"], label)
                rows[label["kind"]].append(right)
                rows["all"].append(right)
                if options.wrong and not all(right):
                    print(f"{label['file']}: {'without names' if right[0] else 'wrong'}")
        for kind, results in sorted(rows.items()):
            shares = (f"{sum(column) / len(results):.3f}" for column in zip(*results, strict=True))
            print(line([path.stem, kind, str(len(results)), *shares]))


if __name__ == "__main__":
    main()
