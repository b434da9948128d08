"""How runs of reinforcement learning went."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from jamline_training.rl import progress


def run(folder: Path, steps: int = 24) -> Path:
    folder.mkdir()
    logged = [
        {"step": n, "reward": n, "note": n / steps, "kl": 0.5, "critic": 1.0}
        for n in range(1, steps + 1)
    ]
    found = [{"step": n, "note in chord": n / steps, "pitch classes": 3.0} for n in (0, steps)]
    for name, lines in (("log", logged), ("evaluation", found)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    return folder


def test_table_and_plot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [str(run(tmp_path / name)) for name in ("one", "other")]
    monkeypatch.setattr(sys, "argv", ["progress", *runs, "--plot", str(tmp_path / "curves")])
    progress.main()
    rows = capsys.readouterr().out.splitlines()
    assert [row.split(" | ")[:5] for row in rows[2:]] == [
        ["| one", "24", "12.500", "0.500", "1.000"], ["| other", "24", "12.500", "0.500", "1.000"]
    ]  # fmt: skip
    svg = (tmp_path / "curves.svg").read_text()
    assert "rewards a frame" in svg and "note in chord" in svg
    assert (tmp_path / "curves.png").stat().st_size > 10_000


def test_points_are_means() -> None:
    assert progress.smoothed([0.0] * 8 + [1.0, 3.0] * 4 + [9.0]).tolist() == [0, 2]


def test_a_single_run_has_a_row_for_each_step(tmp_path: Path) -> None:
    rows = progress.table([run(tmp_path / "one")]).splitlines()
    assert [row.split(" | ")[1:4] for row in rows[2:]] == [
        ["0", "–", "–"], ["24", "12.500", "0.500"]
    ]  # fmt: skip
