"""Evaluating which part of a file midi-in takes for the melody."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from jamline_training.errors import CorpusError
from jamline_training.evaluation import tune_choice
from jamline_training.evaluation.tune_choice import bare, nameless, number_at, read_labels

END = b"\0\xff\x2f\0"
# A name, a note-on, a note-off with running status, a program, a system exclusive message.
TRACK = b"\0\xff\3\4Bass" + b"\0\x90\x3c\x50\x81\0\x3c\0" + b"\0\xc0\7" + b"\0\xf0\2\3\xf7" + END


def chunk(data: bytes, kind: bytes = b"MTrk") -> bytes:
    return kind + len(data).to_bytes(4, "big") + data


def file(*tracks: bytes) -> bytes:
    head = (1).to_bytes(2, "big") + len(tracks).to_bytes(2, "big") + (480).to_bytes(2, "big")
    return chunk(head, b"MThd") + b"".join(map(chunk, tracks))


@pytest.mark.parametrize(("data", "value"), [(b"\x40", 64), (b"\x81\x00", 128)])
def test_numbers_of_variable_length(data: bytes, value: int) -> None:
    assert number_at(b"\0" + data, 1) == (value, 1 + len(data))


def test_only_the_letters_of_names_change() -> None:
    assert nameless(TRACK) == TRACK.replace(b"Bass", b"    ")


def test_a_bare_file_has_its_tracks_in_another_order() -> None:
    tracks = [b"\0\xc0" + bytes([number]) + END for number in range(8)]
    data, order = bare(b"junk" + file(*tracks), "a name")
    assert order[0] == 1 and sorted(order) == list(range(1, 9)) != order
    assert data == file(*(tracks[old - 1] for old in order))
    assert bare(file(*tracks), "a name") == (data, order)


def test_shares_by_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stand-in for midi-in takes the first track that has a name, or else track 1."""
    script = f"""#!{sys.executable}
import json, sys
tracks = open(sys.argv[2], "rb").read().split(b"MTrk")[1:]
taken = next((number for number, track in enumerate(tracks, 1) if b"Bass" in track), 1)
for number in range(1, len(tracks) + 1):
    print(json.dumps({{"track": number, "channel": 1, "melody": number == taken}}))
"""
    tool = tmp_path / "midi-in"
    tool.write_text(script)
    tool.chmod(0o755)
    (tmp_path / "a.mid").write_bytes(file(END, TRACK))
    (tmp_path / "b.mid").write_bytes(file(END, END))
    labels = [
        {"file": "a.mid", "kind": "pop", "melody": ["2:1"]},
        {"file": "b.mid", "melody": ["1:1", "2:1"]},
    ]
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(label) + "\n" for label in labels))
    command = ["", "--midi-in", str(tool), "--wrong", str(tmp_path), str(path)]
    monkeypatch.setattr(sys, "argv", command)
    tune_choice.main()
    assert capsys.readouterr().out.splitlines()[2:] == [
        "a.mid: without names", "| labels |  | 1 | 1.000 | 1.000 |",
        "| labels | all | 2 | 1.000 | 0.500 |", "| labels | pop | 1 | 1.000 | 0.000 |",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ['{"file":"a.mid"}', '{"melody":["1:1"]}', "[]", "{"])
def test_a_broken_label_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(f'{{"file":"a.mid","melody":[]}}\n{text}\n')
    with pytest.raises(CorpusError, match=r"labels.jsonl:2: expected file and melody"):
        read_labels(path)
