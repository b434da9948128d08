"""Hypothesis counts: the table and the plot, and plans that last."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from made import line, random_song
from stand_in import made_agent

from jamline_training.studies import hypothesis_counts


def test_it_measures_and_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    songs = tmp_path / "made.valid.jsonl"
    songs.write_text("".join(line(random_song(seed, beats=8)) + "\n" for seed in range(3)))
    options = ["--agent", made_agent(tmp_path), "--hypotheses", "1", "4", "--songs", "2"]
    plot = tmp_path / "counts"
    monkeypatch.setattr(
        sys, "argv", ["hypothesis_counts", *options, "--plot", str(plot), str(songs)]
    )
    hypothesis_counts.main()
    heading, _, *rows = capsys.readouterr().out.splitlines()
    assert heading.split("|")[1:4] == [" hypotheses ", " note in chord ", " root agreement "]
    assert [row.split("|")[1].strip() for row in rows] == ["1", "4"]
    assert (tmp_path / "counts.svg").exists() and (tmp_path / "counts.png").exists()
    played = (tmp_path / "options").read_text().splitlines()
    assert len(played) == 4 and "--hypotheses 4" in played[-1]


def test_plans_that_last() -> None:
    plans = [
        {"frame": 0, "chords": [
            {"from": 0, "to": 8, "chord": "C"}, {"from": 8, "to": 16, "chord": "G"},
        ]},
        {"frame": 1, "chords": [{"from": 0, "to": 16, "chord": "C"}]},
        {"frame": 2, "chords": [{"from": 0, "to": 4, "chord": "C"}]},
    ]  # fmt: skip
    assert [hypothesis_counts.planned_at(plan, plan["frame"] + 8) for plan in plans] == [
        "G",
        "C",
        None,
    ]
