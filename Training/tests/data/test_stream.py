"""Songs as streams, and the chords that plans commit."""

from __future__ import annotations

import json
import subprocess

import pytest
from made import random_song, shipped_model, song, tool

from jamline_training.data.corpus import Song
from jamline_training.data.stream import committed_chords, committed_frames, plans_of, stream_of
from jamline_training.reference.fixtures import SONGS


def records(made: Song, frames: int, tempo: float = 120) -> list[dict]:
    return [json.loads(line) for line in stream_of(made, frames, tempo)]


def test_a_songs_stream_is_as_midi_in_writes_it() -> None:
    written = records(song([(0, 0.25, 60), (0.25, 0.5, 62)], meter=(3, 4)), 4, tempo=60)
    assert written[0] == {
        "t": 0, "type": "header", "format": "jam", "version": 1, "tempo": 60, "meter": "3/4",
        "frames_per_beat": 4, "producer": "jamline_training", "source": "made",
    }  # fmt: skip
    marks = {"tick": "frame", "note_on": "note", "note_off": "note"}
    assert [(r["t"], r["type"], r[marks[r["type"]]]) for r in written[1:]] == [
        (0, "tick", 0),
        (0, "note_on", 60),
        (250_000, "tick", 1),
        (250_000, "note_off", 60),
        (250_000, "note_on", 62),
        (500_000, "tick", 2),
        (750_000, "tick", 3),
        (750_000, "note_off", 62),
        (1_000_000, "tick", 4),
    ]


@pytest.mark.parametrize("made", [*SONGS, *map(random_song, range(6))], ids=lambda made: made.id)
@pytest.mark.parametrize("tempo", [57.3, 120, 200])
def test_time_goes_on_and_notes_end_once_after_they_begin(made: Song, tempo: float) -> None:
    written = records(made, 200, tempo)
    times = [record["t"] for record in written]
    assert times == sorted(times)
    assert [r["frame"] for r in written if r["type"] == "tick"] == list(range(201))
    sounding: int | None = None
    begun = 0
    for record in written:
        if record["type"] == "note_on":
            assert sounding is None
            sounding, begun = record["note"], begun + 1
        elif record["type"] == "note_off":
            assert sounding == record["note"]
            sounding = None
    assert (sounding, begun) == (None, len(made.melody))


def test_of_notes_at_once_one_is_written_and_none_is_left_sounding() -> None:
    written = records(song([(0, 1, 60), (0, 1, 64), (1, 0, 67)]), 8)
    notes = [(r["type"], r["note"]) for r in written if "note" in r]
    assert notes == [("note_on", 64), ("note_off", 64), ("note_on", 67), ("note_off", 67)]


def test_what_comes_after_the_last_tick_is_left_out() -> None:
    written = records(song([(0, 1, 60), (1, 1, 62), (2, 1, 64)]), 4)
    assert [(r["type"], r["t"]) for r in written][-1] == ("note_on", 500_000)


def plan(frame: int, commit: int, chords: str) -> str:
    """A plan of one-letter chords, a letter a frame, from `frame` on."""
    runs: list[dict] = []
    for place, letter in enumerate(chords, frame):
        if runs and runs[-1]["chord"] == letter:
            runs[-1]["to"] = place + 1
        else:
            runs.append({"from": place, "to": place + 1, "chord": letter})
    until = frame + len(chords)
    fields = {"type": "plan", "frame": frame, "commit": commit, "until": until, "chords": runs}
    return json.dumps({"t": 0, **fields})


@pytest.mark.parametrize(
    ("plans", "expected"),
    [
        ([], "NNNN"),
        # Only what is committed counts.
        ([plan(0, 0, "CCCC")], "NNNN"),
        ([plan(0, 2, "CCFF")], "CCNN"),
        # Each frame has the chord that was committed first, whatever later plans say.
        ([plan(0, 2, "CCFF"), plan(1, 3, "DGGG")], "CCGN"),
        ([plan(0, 3, "CCCC"), plan(1, 2, "DDDD"), plan(2, 4, "EE")], "CCCE"),
        # A plan may go beyond what is asked for.
        ([plan(2, 8, "CCCCCC")], "NNCC"),
        # Other records may speak of plans.
        (['{"t":0,"type":"marker","text":"plan","chords":"\\"plan\\""}'], "NNNN"),
        (['{"t":0,"type":"header"}', plan(0, 4, "CFFC")], "CFFC"),
    ],
)
def test_committed_chords(plans: list[str], expected: str) -> None:
    assert "".join(committed_chords(plans_of(plans), 4)) == expected


@pytest.mark.parametrize(
    ("plans", "frames"), [([], 0), ([plan(0, 3, "CCCC"), plan(1, 2, "DDDD"), "{}"], 3)]
)
def test_committed_frames(plans: list[str], frames: int) -> None:
    assert committed_frames(plans_of(plans)) == frames


def run(command: list[str], given: str) -> str:
    ran = subprocess.run(command, input=given, capture_output=True, text=True, timeout=50)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_midi_in_takes_it() -> None:
    given = "".join(f"{line}\n" for line in stream_of(SONGS[1], 48))
    command = [tool("midi-in"), "--input", "-", "--pace", "fast"]
    written = [json.loads(line) for line in run(command, given).splitlines()]
    played = [json.loads(line) for line in given.splitlines()]
    kinds = ("note_on", "note_off")
    assert [r for r in written if r["type"] in kinds] == [r for r in played if r["type"] in kinds]


def test_jam_agent_takes_it_and_plans_at_every_tick() -> None:
    given = "".join(f"{line}\n" for line in stream_of(SONGS[1], 24))
    command = [tool("jam-agent"), "--model", str(shipped_model()), "--lookahead", "0.25"]
    written = run([*command, "--commit", "0"], given).splitlines()
    own = [line for line in written if json.loads(line)["type"] in ("plan", "settings")]
    assert [line for line in written if line not in own] == given.splitlines()
    settings, *plans = map(json.loads, own)
    assert (settings["type"], settings["lookahead"], settings["commit"]) == ("settings", 0.25, 0)
    assert [made["frame"] for made in plans] == list(range(25))
