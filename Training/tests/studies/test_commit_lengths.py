"""Commit lengths: the table and the plot."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from made import line, random_song
from stand_in import made_agent

from jamline_training.studies import commit_lengths


def test_it_measures_and_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    songs = tmp_path / "made.valid.jsonl"
    songs.write_text("".join(line(random_song(seed, beats=8)) + "\n" for seed in range(3)))
    options = ["--agent", made_agent(tmp_path), "--songs", "2", "--jobs", "1"]
    plot = tmp_path / "commit-lengths"
    monkeypatch.setattr(sys, "argv", ["commit_lengths", *options, "--plot", str(plot), str(songs)])
    commit_lengths.main()
    heading, _, *rows = capsys.readouterr().out.splitlines()
    assert heading.startswith("| commit | beats committed | note in chord | ")
    assert len(rows) == len(commit_lengths.COMMITS)
    # The stand-in commits one frame at a time, whatever its options.
    assert all(row.split("|")[2].strip() == "0.250" for row in rows)
    assert plot.with_suffix(".svg").exists() and plot.with_suffix(".png").exists()
    played = (tmp_path / "options").read_text().splitlines()
    assert len(played) == 2 * len(rows)
    assert "--commit 1 --max-commit 4 --min-confidence 0.3 --silence 0 --seed" in played[-1]
    assert "--max-commit" not in played[0]
