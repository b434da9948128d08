"""What conditioning on hints gains."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from made import TINY, line, lively, random_song

from jamline_training.network.conditioned import Conditioned
from jamline_training.studies import conditioning_gain
from jamline_training.studies.conditioning_gain import HINTS_GIVEN


def test_each_choice_of_hints_is_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    song = random_song(1, beats=8)
    (tmp_path / "rs200.valid.jsonl").write_text(line(song) + "\n")
    model = Conditioned(TINY)
    with torch.no_grad():
        for table in model.hint_tables.values():
            table.weight[1:] += 1
    names = ("hints", "melody-first@2", "hints-melody-first")
    models = {**dict.fromkeys(names, model), "plain": lively()}
    monkeypatch.setattr(conditioning_gain, "models_of", lambda options: models)
    monkeypatch.setattr(sys, "argv", ["conditioning_gain", "--corpus", str(tmp_path)])
    conditioning_gain.main()
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines()[2:]]
    nats = {(row[0].strip("| "), row[1]): row[4] for row in rows}
    # Only hints that a row has learned.
    printed = {row: [given for name, given in nats if name == row] for row in models}
    assert printed == {
        "hints": ["nothing", "style", "key", "style and key"],
        "melody-first@2": ["nothing", "melody first"],
        "hints-melody-first": list(HINTS_GIVEN),
        "plain": ["nothing"],
    }
    # The song has a style but no key.
    assert nats["hints", "style"] != nats["hints", "nothing"] == nats["hints", "key"]
