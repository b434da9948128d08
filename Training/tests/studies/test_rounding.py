"""What rounding costs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from made import TINY, line, lively, random_song

from jamline_training.data.chord_vocabulary import ChordVocabulary
from jamline_training.evaluation.comparison import openings_of
from jamline_training.network import checkpoint
from jamline_training.studies import rounding
from jamline_training.studies.rounding import differences, trained
from jamline_training.training.recipe import Recipe
from jamline_training.training.run import described


def test_the_network_of_a_checkpoint_is_compared_with_its_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    model, path = lively(), tmp_path / "checkpoint.pt"
    made = described(TINY, type(model), Recipe())
    checkpoint.save(path, {"model": model.state_dict(), **made})
    (tmp_path / "rs200.valid.jsonl").write_text(line(random_song(1, beats=8)) + "\n")
    argv = ["rounding", "--checkpoint", str(path), "--corpus", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", argv)
    rounding.main()
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("1 songs, 3")
    cells = [[cell.strip() for cell in row.split("|")[1:-1]] for row in said[3:]]
    rows = {head: values for head, *values in cells}
    assert list(rows) == ["chord onset", "root", "quality", "bass", "melody", "total"]
    for head in ("chord onset", "root", "quality", "bass", "melody"):
        nats, after, mean, most = map(float, rows[head])
        assert abs(after - nats) < 0.05 and 0 < mean < most < 0.2


def test_a_logit_that_moves_is_found(tmp_path: Path) -> None:
    model = lively()
    path = tmp_path / "checkpoint.pt"
    checkpoint.save(path, {"model": model.state_dict(), **described(TINY, type(model), Recipe())})
    songs = openings_of([random_song(1, beats=8)], ChordVocabulary(TINY.qualities))
    other = trained(path)
    assert set(differences(model, other, songs).values()) == {(0.0, 0.0)}
    with torch.no_grad():
        other.root_head.bias[3] += 0.5
    found = differences(model, other, songs)
    assert found["root"][1] == pytest.approx(0.5, abs=1e-5)
    assert found["root"][0] == pytest.approx(0.5 / len(model.root_head.bias), abs=1e-5)
    assert all(each == (0.0, 0.0) for head, each in found.items() if head != "root")
