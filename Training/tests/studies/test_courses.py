"""Ablations of reinforcement: what their rows are, how they are measured and compared."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import torch
from made import TINY, random_song, write_corpus

from jamline_training.network import checkpoint
from jamline_training.network.model import Accompanist
from jamline_training.network.teacher import Teacher
from jamline_training.rl.course import Course
from jamline_training.studies import courses
from jamline_training.studies.courses import AFTER, BEFORE, ROWS, when_moved


def test_each_row_is_a_course_of_its_own() -> None:
    made = [Course(**{**courses.BUDGET, **row.course}) for row in ROWS]
    assert made[0] == Course(**courses.BUDGET)
    assert all(one not in made[:number] for number, one in enumerate(made))


def test_when_the_melody_moves() -> None:
    torch.manual_seed(1)
    policy = Accompanist(TINY).eval()
    figures = when_moved(policy, [random_song(seed, beats=32) for seed in range(3)])
    assert set(figures) == {BEFORE, AFTER}
    assert all(0 < share < 1 for share in figures.values())


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    songs = [random_song(seed, beats=32, name=f"made/{seed}") for seed in range(5)]
    corpus, out = write_corpus(tmp_path, songs[:3], songs[3:]), tmp_path / "rows"
    torch.manual_seed(1)
    for name, network in (("policy", Accompanist(TINY)), ("teacher", Teacher(TINY))):
        states = {"model": network.state_dict(), "network": TINY.to_json()}
        checkpoint.save(tmp_path / f"{name}.pt", states)
    monkeypatch.setattr(courses, "BUDGET", {"steps": 2, "batch": 2, "length": 32, "warm_up": 1})
    origins = ["--begin", f"{tmp_path}/policy.pt", "--teacher", f"{tmp_path}/teacher.pt"]
    monkeypatch.setattr(courses, "NEEDED", ("corpus", "begin", "teacher"))
    # Songs this small have no bar twice, no phrase of eight.
    names = ("note in chord", "pitch classes", AFTER)
    monkeypatch.setattr(courses, "COLUMNS", [courses.column(name) for name in names])
    rows = ["--rows", "base-1,base-2,no-teacher", "--steps", "2", "--threads", "1"]
    words = ["courses", "--corpus", str(corpus), *origins, "--out", str(out), *rows]
    monkeypatch.setattr(sys, "argv", [*words, "--report"])
    courses.main()
    table = capsys.readouterr().out.splitlines()
    assert table[2].startswith("| base | mean of 2 | 1, 2 | 0.")
    assert table[4].startswith("| no-teacher | no divergence from the teacher | 1 | ")
    assert json.loads((out / "base-2.json").read_text())["course"]["seed"] == 2
    # What is done is not done again, and not taken for something else.
    before = (out / "base-1.json").stat().st_mtime_ns
    courses.main()
    assert (out / "base-1.json").stat().st_mtime_ns == before
    monkeypatch.setattr(sys, "argv", [*words[:-3], "3", "--threads", "1"])
    with pytest.raises(SystemExit, match="steps"):
        courses.main()
