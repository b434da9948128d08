"""The stream's records (man 5 jam-stream), as far as training and evaluation need them."""

from __future__ import annotations

import json
from typing import Iterable, Iterator

from .corpus import Song
from .frames import FRAMES_PER_BEAT, NO_ROOT, frame_of

MICROSECONDS_PER_MINUTE = 60_000_000


def compact(record: dict) -> str:
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False)


def stream_of(song: Song, frames: int, tempo: float = 120) -> Iterator[str]:
    """The song's melody as midi-in would tell it: a line a record, `frames` ticks and one to end."""

    def time_of(frame: int) -> int:
        return round(frame * MICROSECONDS_PER_MINUTE / tempo / FRAMES_PER_BEAT)

    yield compact({
        "t": 0, "type": "header", "format": "jam", "version": 1, "tempo": tempo,
        "meter": f"{song.meter[0]}/{song.meter[1]}", "frames_per_beat": FRAMES_PER_BEAT,
        "producer": "jamline_training", "source": song.id,
    })  # fmt: skip
    ended: dict[int, list[int]] = {}
    begun: dict[int, int] = {}
    for on, length, pitch in sorted(song.melody):
        first = frame_of(on)
        begun[first] = pitch
        ended.setdefault(max(frame_of(on + length), first + 1), []).append(pitch)
    sounding: int | None = None
    for frame in range(frames + 1):
        t = time_of(frame)
        yield compact({"t": t, "type": "tick", "frame": frame})
        if sounding is not None and (frame in begun or sounding in ended.get(frame, [])):
            yield compact({"t": t, "type": "note_off", "ch": 1, "note": sounding, "vel": 64})
            sounding = None
        if frame in begun and frame < frames:
            sounding = begun[frame]
            yield compact({"t": t, "type": "note_on", "ch": 1, "note": sounding, "vel": 80})


def committed_chords(lines: Iterable[str], frames: int) -> list[str]:
    """What the plans of a session promised for frames 0 … frames − 1: `N` where nothing was."""
    chords = ["N"] * frames
    promised = 0
    for line in lines:
        if '"plan"' not in line:
            continue
        plan = json.loads(line)
        if plan["type"] != "plan":
            continue
        for chord in plan["chords"]:
            first = max(chord["from"], promised)
            for frame in range(first, min(chord["to"], plan["commit"], frames)):
                chords[frame] = chord["chord"]
        promised = max(promised, plan["commit"])
    return chords
