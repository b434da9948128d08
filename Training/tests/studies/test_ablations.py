"""The ablation runner, in small."""

from __future__ import annotations

import fcntl
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from made import TINY, line, random_song, stopped_at, write_corpus

from jamline_training.data.batches import Batch, Sampler
from jamline_training.data.mixture import DOMAINS
from jamline_training.errors import CheckpointError
from jamline_training.evaluation.comparison import FIGURES
from jamline_training.studies import ablations
from jamline_training.studies.ablation_table import CHORD_PARTS, differences, margin, table
from jamline_training.studies.ablations import ROWS, report, row_named, run, trained
from jamline_training.training.recipe import AS_WRITTEN, Recipe

SMALL = replace(TINY, layers=1)
RECIPE = Recipe(steps=2, batch=2, length=16, warm_up=1, **AS_WRITTEN)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    songs = [random_song(seed, beats=8) for seed in range(3)]
    write_corpus(folder, songs, songs[:1])
    for name in ("rs200.train", "rs200.valid", "openewld.ood"):
        (folder / f"{name}.jsonl").write_text(line(songs[2]) + "\n")
    return folder


def result(out: Path, name: str) -> dict:
    return json.loads((out / f"{name}.json").read_text())


def test_a_row_is_measured_on_all_sets_also_those_left_out(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(["base-1", "no-rock", "opaque"], RECIPE, SMALL, corpus, out)
    done = result(out, "no-rock")
    assert done["recipe"]["weights"] == {"improvisor": 0.3, "rs200": 0.0}
    assert set(done["valid"]) == {"made", "rs200", "all"}
    for part in (*done["valid"].values(), done["ood"]):
        assert set(CHORD_PARTS) < set(part["nats"])
        assert 0 <= part["played"]["note in chord"] <= 1
    assert (done["steps"], done["seed"], done["frames"]) == (2, 1, 64)
    # The same excerpts would have been drawn but for the set that is left out.
    assert done["valid"]["all"]["nats"] != result(out, "base-1")["valid"]["all"]["nats"]
    assert type(trained("opaque", SMALL, out)).__name__ == "Opaque"


def test_what_is_done_is_not_done_again(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    run(["base-1"], RECIPE, SMALL, corpus, out)
    monkeypatch.setattr(ablations, "train", None)
    run(["base-1"], RECIPE, SMALL, corpus, out)
    (out / "base-2").mkdir()
    with open(out / "base-2" / "claim", "w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        run(["base-2"], RECIPE, SMALL, corpus, out)
    assert not (out / "base-2.json").exists()
    with pytest.raises(TypeError):  # now it would be
        run(["base-2"], RECIPE, SMALL, corpus, out)


def test_every_rows_recipe_can_be_trained_by() -> None:
    sizes = dict.fromkeys(DOMAINS, 1000)
    for row in ROWS.values():
        recipe = replace(Recipe(), **row.recipe)
        assert sum(recipe.sets().shares(sizes).values()) == pytest.approx(1)
    domains = {domain: f"no-{domain.replace(' ', '-')}" for domain in DOMAINS.values()}
    for domain, name in domains.items():
        drawn = set(replace(Recipe(), **ROWS[name].recipe).sets().shares(sizes))
        assert drawn == {s for s, d in DOMAINS.items() if d != domain}


def test_only_the_model_that_was_measured_is_taken_for_a_rows(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(["base-1", "opaque"], RECIPE, SMALL, corpus, out)
    assert type(trained("opaque", SMALL, out)).__name__ == "Opaque"
    with pytest.raises(CheckpointError, match="opaque.json: expected a network of width 64"):
        trained("opaque", replace(SMALL, width=64), out)
    (out / "hints.json").write_text((out / "base-1.json").read_text())
    (out / "base-1").rename(out / "hints")
    with pytest.raises(CheckpointError, match="hints.json: expected a network of kind Conditioned"):
        trained("hints", SMALL, out)
    (out / "hints").rename(out / "base-1")
    written = result(out, "base-1")
    written["recipe"]["steps"] = 600
    (out / "base-1.json").write_text(json.dumps(written))
    message = "checkpoint.pt: expected a recipe of steps 600, found steps 2"
    with pytest.raises(CheckpointError, match=message):
        trained("base-1", SMALL, out)
    (out / "opaque.json").unlink()  # As where it is still being trained.
    with pytest.raises(CheckpointError, match="opaque.json: expected the result of a row that is"):
        trained("opaque", SMALL, out)


def test_a_row_of_another_seed() -> None:
    row = row_named("no-rock@7")
    assert row.name == "no-rock@7"
    assert row.recipe == {**ROWS["no-rock"].recipe, "seed": 7}
    for name in ("no-such-row", "base-1@x"):
        with pytest.raises((KeyError, ValueError)):
            row_named(name)


def described_result(name: str, **changes: object) -> dict:
    """A row's result as it is when made by RECIPE at SMALL's sizes, but for some of its fields."""
    row = row_named(name)
    recipe = replace(RECIPE, **row.recipe)
    made = ablations.made_by(row, recipe, SMALL)
    parts = {part: {**fields, **{n: v for n, v in changes.items() if n in fields}}
             for part, fields in made.items()}  # fmt: skip
    return {**made_result(name, 1.0), "seed": recipe.seed, **parts}


ROW_NAMES = ("base-1", "base-2", "no-rock@2", "opaque", "hints", "performance-0.25@3")


def test_rows_that_differ_in_their_change_and_seed_alone_are_compared() -> None:
    assert "| performance-0.25@3 |" in report([described_result(name) for name in ROW_NAMES])
    # Without a base there is nothing to compare with.
    assert "No base row is done" in report([described_result("opaque", steps=3)])


@pytest.mark.parametrize("name", ROW_NAMES)
@pytest.mark.parametrize("change", [{"steps": 3}, {"batch": 3}, {"length": 17}, {"width": 64}])
def test_rows_of_other_budgets_are_not_compared(name: str, change: dict[str, int]) -> None:
    results = [described_result(n, **(change if n == name else {})) for n in ROW_NAMES]
    (field,) = change
    with pytest.raises(CheckpointError, match=f": expected a .* of {field} .*made as base-1 was"):
        report(results)


def made_result(row: str, chords: float, others: float = 1.0) -> dict:
    nats = dict.fromkeys((*CHORD_PARTS, "melody", "total"), others) | {"root": chords}
    part = {"nats": nats, "played": dict.fromkeys(FIGURES, others)}
    made = {"row": row, "change": "some", "seed": 7, "steps": 600, "frames": 2_457_600}
    return {**made, "parameters": 900_001, "valid": {"made": part, "all": part}, "ood": part}


def test_differences_are_from_the_bases_mean_and_beside_their_noise() -> None:
    bases = [made_result(f"base-{seed}", chords) for seed, chords in ((1, 1.0), (2, 1.2), (3, 1.1))]
    rows = [made_result("near", 1.55), made_result("far", 0.5)]
    lines = table([*bases, *rows]).splitlines()
    assert lines[0] == "Each row: 600 steps, 2,457,600 frames, 900,001 parameters."
    cells = {line.split(" | ")[0].strip("| "): line.split(" | ")[2:4] for line in lines[4:8]}
    assert cells == {
        "base": ["7, 7, 7", "4.100"], "": ["", "0.100"],
        "near": ["7", "+0.450"], "far": ["7", "**-0.600**"],
    }  # fmt: skip
    assert len(lines) == 2 + 2 + 4 + 3 + 2 + 4
    columns = lines[2].strip("| ").split(" | ")
    for first in (5, 12):
        assert columns[first : first + 3] == ["note in chord", "silence over melody",
                                              "pitch classes"]  # fmt: skip
    larger = {**made_result("opaque", 1.0), "parameters": 1_000_002}
    assert "900,001 parameters (opaque 1,000,002)." in table([*bases, larger])
    assert "nothing to compare with" in differences(rows, [], 3)
    assert table([]) == "No row is done."


def test_bold_is_seldom_chance() -> None:
    """Rows that are drawn as the bases are lie beyond the margin in one of twenty cases."""
    random = np.random.default_rng(1)
    for bases in (2, 3, 5):
        drawn = random.normal(size=(20_000, bases + 1))
        noise = drawn[:, :-1].std(axis=1, ddof=1)
        beyond = np.abs(drawn[:, -1] - drawn[:, :-1].mean(axis=1)) > noise * margin(bases)
        assert beyond.mean() == pytest.approx(0.05, abs=0.006), bases
    assert margin(1) == np.inf


def test_the_command(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    sizes = {name: getattr(SMALL, name) for name in ablations.SIZES}
    monkeypatch.setattr(ablations, "SIZES", sizes)
    words = ["--corpus", str(corpus), "--out", str(tmp_path / "out"), "--steps", "1"]
    words += ["--rows", "base-1,base-2@2", "--report"]
    monkeypatch.setattr(sys, "argv", ["ablations", *words])
    ablations.main()
    assert "| base | mean of 2 |" in capsys.readouterr().out
    path = tmp_path / "out" / "base-2@2.json"
    path.write_text(path.read_text().replace('"steps": 1,', '"steps": 2,'))
    monkeypatch.setattr(sys, "argv", ["ablations", *words[2:]])
    with pytest.raises(SystemExit, match="^ablations: cannot compare the rows: base-2@2: expected"):
        ablations.main()
    monkeypatch.setattr(sys, "argv", ["ablations", *words[:-2], "no-such-row"])
    with pytest.raises(SystemExit):
        ablations.main()
    assert 'found "no-such-row"' in capsys.readouterr().err


def test_an_interrupted_row_goes_on_from_its_checkpoint(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, recipe = tmp_path / "out", replace(RECIPE, steps=24)
    with stopped_at(20, monkeypatch):
        run(["base-1"], recipe, SMALL, corpus, out)
    assert not (out / "base-1.json").exists()
    draw, drawn = Sampler.batch, []

    def drawn_too(sampler: Sampler, step: int, size: int, length: int) -> Batch:
        drawn.append(step)
        return draw(sampler, step, size, length)

    monkeypatch.setattr(Sampler, "batch", drawn_too)
    run(["base-1"], recipe, SMALL, corpus, out)
    assert drawn == [*range(16, 24)], "the round in which it was stopped is begun anew"
    assert result(out, "base-1")["steps"] == 24
    run(["base-1"], recipe, SMALL, corpus, tmp_path / "whole")
    whole = trained("base-1", SMALL, tmp_path / "whole").state_dict()
    resumed = trained("base-1", SMALL, out).state_dict()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_a_row_that_was_made_otherwise_is_not_taken_for_done(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    out = tmp_path / "out"
    run(["base-1"], RECIPE, SMALL, corpus, out)
    with pytest.raises(CheckpointError, match="base-1.json: expected a recipe of steps 3, found"):
        run(["base-2", "base-1"], replace(RECIPE, steps=3), SMALL, corpus, out)
    assert not (out / "base-2").exists(), "said before anything is trained"
    with pytest.raises(CheckpointError, match="expected a network of width 64, found width 32"):
        run(["base-1"], RECIPE, replace(SMALL, width=64), corpus, out)
    monkeypatch.setattr(ablations, "train", None)
    with pytest.raises(
        CheckpointError, match="expected a recipe of self_generated 0.5, found self_generated 0.0"
    ):
        run(["base-1"], replace(RECIPE, self_generated=0.5), SMALL, corpus, out)
    words = ["--corpus", str(corpus), "--out", str(out), "--rows", "base-1", "--steps", "5"]
    monkeypatch.setattr(sys, "argv", ["ablations", *words])
    with pytest.raises(SystemExit, match="^ablations: cannot train the rows: .*base-1.json"):
        ablations.main()
