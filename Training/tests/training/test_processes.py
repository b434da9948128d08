"""Several processes that train together."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import torch
from made import random_song, stopped_at, write_corpus

from jamline_training.data.batches import Sampler
from jamline_training.data.chord_vocabulary import ChordVocabulary
from jamline_training.errors import RecipeError
from jamline_training.training import pretrain
from jamline_training.training.processes import Processes, joined
from jamline_training.training.recipe import Recipe

SIZES = {"width": 16, "layers": 1, "heads": 2, "key-value-heads": 1, "feed-forward": 16}
# A round of excerpts is 16 steps, and a run may stop where one ends.
OPTIONS = {"steps": 24, "batch": 5, "length": 32, "warm-up": 1, "learning-rate": 0.003, **SIZES}
TRAINING = Path(__file__).parents[2]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    songs = [random_song(seed, beats=32) for seed in range(4)]
    return write_corpus(folder, songs, songs[:2])


def words(corpus: Path, out: Path, **more: float) -> list[str]:
    options = {**OPTIONS, **more, "corpus": corpus, "out": out, "export": f"{out}.safetensors"}
    return [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]


def run_alone(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["pretrain", *arguments])
    pretrain.main()


# Runs of the command, one after the other (torch is slow to start), which tell each step they take.
# The processes join once: to join again they would have to wait for each other's leaving.
RUNS = """
import json, sys
from contextlib import nullcontext
from jamline_training.training import pretrain, run
take_step = run.Training.take_step

def noted(training, batch):
    sys.stdout.write(f"step {training.step}\\n")  # one write a line: both write to one pipe
    return take_step(training, batch)

run.Training.take_step = noted
with pretrain.joined() as processes:
    pretrain.joined = lambda: nullcontext(processes)
    for words in json.loads(sys.argv[1]):
        sys.argv[1:] = words
        pretrain.main()
"""


def run_two(runs: list[list[str]], script: Path) -> Counter[int]:
    """How often each step was taken, by either process."""
    script.write_text(RUNS)
    torchrun = ["torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [sys.executable, "-m", *torchrun, str(script), json.dumps(runs)]
    environment = {**os.environ, "PYTHONPATH": str(TRAINING), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return Counter(int(line.split()[1]) for line in done.stdout.splitlines() if "step" in line)


def figures(out: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


def test_two_processes_train_as_one_does_and_go_on_where_one_stopped(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, stopped, two = (tmp_path / name for name in ("alone", "stopped", "two"))
    mixed_alone, mixed_two = tmp_path / "mixed-alone", tmp_path / "mixed-two"
    mixed = {"self_generated": 0.5, "self_generated_from": 0.1, "chord_dropout": 0.25}
    run_alone(words(corpus, alone), monkeypatch)
    run_alone(words(corpus, mixed_alone, **mixed), monkeypatch)
    with stopped_at(20, monkeypatch):
        run_alone(words(corpus, stopped), monkeypatch)
    assert torch.load(stopped / "checkpoint.pt", weights_only=True)["step"] == 16
    runs = [words(corpus, stopped), words(corpus, two), words(corpus, mixed_two, **mixed)]
    taken = run_two(runs, tmp_path / "runs.py")
    assert [taken[step] for step in (0, 15, 16, 23)] == [4, 4, 6, 6], "the first went on at 16"
    for out in (stopped, two):
        assert (tmp_path / f"{out}.safetensors").exists()
        (expected,), (found,) = figures(alone), figures(out)
        # In bfloat16, rounding is coarse.
        assert found == pytest.approx(expected, rel=5e-3), out.name
        first, second = (
            torch.load(run / "checkpoint.pt", weights_only=True)["model"] for run in (alone, out)
        )
        for name, weights in first.items():
            # An update of Adam's may be of either sign where a gradient is nothing but rounding.
            assert (weights - second[name]).abs().mean() < 2e-3, name
    # Self-generated chords depend on rounding, so the figures are only close.
    (expected,), (found,) = figures(mixed_alone), figures(mixed_two)
    assert all(map(math.isfinite, found.values()))
    assert found == pytest.approx(expected, rel=0.05)
    assert found["melody only"] > 0
    assert found["melody"] != figures(two)[0]["melody"], "what it reads has its effect"


def test_each_excerpt_is_some_ones(corpus: Path) -> None:
    songs = [random_song(seed, beats=8) for seed in range(2)]
    sampler = Sampler(songs, ChordVocabulary(("", "m")), Recipe().sets(), 1)
    batch = sampler.batch(0, 5, 16)
    parts = [Processes(rank, 2).part(batch) for rank in range(2)]
    assert [len(part.mask) for part in parts] == [3, 2]
    assert torch.equal(parts[1].inputs, batch.inputs[1::2])
    assert torch.equal(parts[1].hints, batch.hints[1::2])


def test_more_processes_than_excerpts() -> None:
    Recipe(batch=8).require_parts_for(4)
    with pytest.raises(RecipeError, match="5 excerpts a step or more, found 4"):
        Recipe(batch=8).require_parts_for(5)


def test_alone_without_torchrun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TORCHELASTIC_RUN_ID", raising=False)
    with joined() as processes:
        assert (processes.rank, processes.count, processes.is_first) == (0, 1, True)
