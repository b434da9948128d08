"""The key finder: what it hears, which keys it trusts, and what it learns."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from made import NOTES, REPOSITORY

from jamline_training.data.chord_symbols import parse
from jamline_training.data.corpus import Song, read_song
from jamline_training.data.frames import frames_of
from jamline_training.studies import key_finder
from jamline_training.studies.key_finder import FEATURES, VOCABULARY, evidence_of, trusted_key


def tune(tonic: int, *, minor: bool, bars: int = 8) -> dict[str, object]:
    """A made tune in a key, as a line of a corpus has it."""
    scale = (0, 2, 3, 5, 7, 8, 11) if minor else (0, 2, 4, 5, 7, 9, 11)
    melody = [[beat, 1, 60 + tonic + scale[beat * 3 % 7]] for beat in range(4 * bars)]
    degrees = [0, 5, 7, 0] * (bars // 4)
    kinds = {0: "m", 5: "m", 7: "7"} if minor else {0: "", 5: "", 7: "7"}
    chords = [
        [4 * bar, 4, NOTES[(tonic + degree) % 12] + kinds[degree]]
        for bar, degree in enumerate(degrees)
    ]
    key = NOTES[tonic] + ("m" if minor else "")
    return {
        "id": key, "meter": "4/4", "tempo": None, "key": key, "melody": melody, "chords": chords,
    }  # fmt: skip


def read(fields: dict[str, object]) -> Song:
    return read_song(json.dumps(fields), "made", "made:1")


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [("C", 0), ("Caug", 0), ("C6", 1), ("Cmaj9", 1), ("C13", 2), ("C7#9", 2), ("Cm", 3), ("Cm6", 3),
     ("CmMaj7", 3), ("Cm9", 4), ("Cm7b5", 5), ("Cdim", 6), ("Cdim7", 6), ("C7sus4", 7), ("C5", 7)],
)  # fmt: skip
def test_kinds_of_chords(symbol: str, kind: int) -> None:
    assert key_finder.kind_of(parse(symbol).intervals) == kind


def test_evidence_is_notes_chords_and_their_places() -> None:
    fields = {**tune(0, minor=False), "melody": [[0, 1, 60], [1.5, 3, 67]], "chords": [[4, 4, "G7"]]}
    evidence = evidence_of(frames_of(read(fields), VOCABULARY), 0)
    heard = {
        (FEATURES[feature], int(note)): int(evidence.frames[
            (evidence.feature == feature) & (evidence.note == note)].sum())
        for feature, note in zip(evidence.feature, evidence.note, strict=True)
    }  # fmt: skip
    assert heard == {
        ("note", 0): 4, ("note", 7): 12, ("noteOnBarLine", 0): 4, ("firstNote", 0): 4,
        ("step 7", 7): 4, ("longNote", 7): 4, ("chord 2", 7): 16, ("firstChord 1", 7): 4,
    }  # fmt: skip
    late = evidence_of(frames_of(read({**fields, "chords": [[7, 4, "G7"]]}), VOCABULARY), 0)
    assert FEATURES.index("lateFirstChord 1") in late.feature


def test_a_key_is_trusted_if_the_whole_song_bears_it_out() -> None:
    def trusted(**changes: object) -> int | None:
        return trusted_key(frames_of(read({**tune(9, minor=True), **changes}), VOCABULARY))

    assert trusted() == 12 + 9
    assert trusted(key="A") is None
    assert trusted(key="C") is None
    assert trusted(key=None) is None
    assert trusted(chords=[[0, 4, "Am"], [4, 4, "E7"]]) is None
    # A piece in minor may end in major.
    assert trusted(chords=[[0, 28, "Am"], [28, 4, "A"]]) == 12 + 9


def test_it_learns_keys_and_writes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tunes = [tune(tonic, minor=minor) for tonic in range(0, 12, 3) for minor in (False, True)]
    others = [tune(tonic, minor=minor) for tonic in range(1, 12, 3) for minor in (False, True)]
    for split, songs in (("train", tunes), ("valid", others), ("test", others)):
        lines = "".join(json.dumps(fields) + "\n" for fields in songs)
        (tmp_path / f"made.{split}.jsonl").write_text(lines)
    source = tmp_path / "KeyWeights.swift"
    source.write_text("enum KeyWeights {\n  static let rows: [Int16] = [\n  ]\n}\n")
    options = ["--corpus", str(tmp_path), "--write", str(source), "--epochs", "30"]
    monkeypatch.setattr(sys, "argv", ["key_finder", *options])
    key_finder.main()
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 4 and all("8 songs, key 1.000" in line for line in printed)
    first = source.read_text()
    assert first.startswith("enum KeyWeights {") and first.endswith("  ]\n}\n")
    key_finder.main()
    assert source.read_text() == first


def test_the_shipped_weights_have_a_row_for_each_feature_and_mode() -> None:
    source = (REPOSITORY / "Sources/Shared/Keys/KeyWeights.swift").read_text()
    rows = re.findall(r"^    (-?\d.*),$", source, re.MULTILINE)
    weights = np.array([[int(value) for value in row.split(", ")] for row in rows])
    assert weights.shape == (2 * len(FEATURES), 12)
