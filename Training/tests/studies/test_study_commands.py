"""What is asked of trained models by commands of their own: what they say where they cannot."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from made import lively, random_song, write_corpus

from jamline_training.studies import conditioning_gain, rare_chords, robustness
from jamline_training.training.export import export


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model=nowhere.safetensors"], "nowhere.safetensors"),
        (["--model=made.valid.jsonl"], "made.valid.jsonl: expected a safetensors file"),
        (["--rows=base-1", "--out=."], "base-1.json: expected the result of a row that is done"),
        (["--corpus=nowhere", "--model=made.safetensors"], r"nowhere: expected \*.\w+.jsonl"),
    ],
)
@pytest.mark.parametrize("tool", [rare_chords, robustness, conditioning_gain])
def test_what_is_not_there_is_said_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tool: ModuleType, options: list[str], message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    songs = [random_song(1, beats=4)]
    write_corpus(tmp_path, songs, songs)
    export(lively(), None, tmp_path / "made.safetensors")
    name = tool.__name__.split(".")[-1]
    monkeypatch.setattr(sys, "argv", [name, "--corpus=.", *options])
    with pytest.raises(SystemExit, match=f"^{name}: cannot .*{message}"):
        tool.main()
    assert not capsys.readouterr().out
