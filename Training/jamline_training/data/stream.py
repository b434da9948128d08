"""The records of jam-stream(5), as far as training and evaluation need them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from .corpus import Song
from .frames import FRAMES_PER_BEAT

MICROSECONDS_PER_MINUTE = 60_000_000


def compact(record: dict[str, object]) -> str:
    """The record as a line of JSON, without its newline."""
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False)


def stream_of(song: Song, frames: int, tempo: float = 120) -> Iterator[str]:
    """The lines that midi-in would write for the song's melody: `frames` ticks and a last one.

    tempo: beats per minute.
    """

    def time_of(beats: float) -> int:
        return round(beats * MICROSECONDS_PER_MINUTE / tempo)

    yield compact({
        "t": 0, "type": "header", "format": "jam", "version": 1, "tempo": tempo,
        "meter": f"{song.meter[0]}/{song.meter[1]}", "frames_per_beat": FRAMES_PER_BEAT,
        "producer": "jamline_training", "source": song.id,
    })  # fmt: skip
    ticks = [
        {"t": time_of(frame / FRAMES_PER_BEAT), "type": "tick", "frame": frame}
        for frame in range(frames + 1)
    ]
    notes = []
    melody = sorted(song.melody)
    onsets = [time_of(on) for on, _, _ in melody]
    for (on, length, pitch), begun, next_begun in zip(
        melody, onsets, [*onsets[1:], None], strict=True
    ):
        # A note that the next one replaces at once does not sound.
        if begun == next_begun:
            continue
        ended = max(time_of(on + length), begun + 1)
        if next_begun is not None:
            ended = min(ended, next_begun)
        note = {"ch": 1, "note": pitch}
        notes.append({"t": begun, "type": "note_on", **note, "vel": 80})
        notes.append({"t": ended, "type": "note_off", **note, "vel": 64})
    # Of records at one time, the tick comes first, then note offs, then note ons.
    order = {"tick": 0, "note_off": 1, "note_on": 2}
    for record in sorted(ticks + notes, key=lambda r: (r["t"], order[r["type"]])):
        if record["t"] <= ticks[-1]["t"]:
            yield compact(record)


def plans_of(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The plan records among a session's lines."""
    for line in lines:
        # Most lines are of other types, and need no parsing.
        if '"plan"' in line and (record := json.loads(line))["type"] == "plan":
            yield record


def committed_frames(plans: Iterable[dict[str, Any]]) -> int:
    """How many frames, from the first on, the plans committed."""
    return max((plan["commit"] for plan in plans), default=0)


def committed_chords(plans: Iterable[dict[str, Any]], frames: int) -> list[str]:
    """The committed chord of each of the first `frames` frames: `N` where nothing was committed."""
    chords = ["N"] * frames
    committed = 0
    for plan in plans:
        for chord in plan["chords"]:
            first = max(chord["from"], committed)
            for frame in range(first, min(chord["to"], plan["commit"], frames)):
                chords[frame] = chord["chord"]
        committed = max(committed, plan["commit"])
    return chords
