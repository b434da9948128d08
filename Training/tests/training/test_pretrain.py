"""Training: the loss, the schedule, checkpoints, and a run in small."""

from __future__ import annotations

import argparse
import json
import math
import sys
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from made import TINY, Interrupted, lively, random_song, song, stopped_at, write_corpus

from jamline_training.data.batches import Batch, Sampler, collate
from jamline_training.data.chord_vocabulary import ChordVocabulary
from jamline_training.data.corpus import Song, digest_of_split, read_split
from jamline_training.data.frames import QUALITIES, frames_of
from jamline_training.errors import CheckpointError, RecipeError
from jamline_training.network import checkpoint
from jamline_training.network.configuration import Configuration
from jamline_training.network.model import Accompanist
from jamline_training.network.model_file import load
from jamline_training.network.variants import Opaque
from jamline_training.training import losses as parts
from jamline_training.training import pretrain, processes, run
from jamline_training.training.losses import losses
from jamline_training.training.optimiser import Optimiser
from jamline_training.training.recipe import AS_WRITTEN, Recipe
from jamline_training.training.run import Training, train

SMALL = replace(TINY, layers=1)
RECIPE = Recipe(
    steps=30, batch=4, length=32, learning_rate=1e-2, final_rate=0.1, warm_up=5,
    **AS_WRITTEN,
)  # fmt: skip


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    songs = [random_song(seed, beats=32) for seed in range(4)]
    return write_corpus(folder, songs, songs[:2])


def batch_of(chords: list[tuple[float, float, str]], beats: int, length: int) -> Batch:
    made = frames_of(song([(0, beats, 60)], chords), ChordVocabulary(QUALITIES))
    return collate([(made, 0)], length)


def test_a_network_that_knows_nothing_has_the_entropy_of_its_choices() -> None:
    model = Accompanist(SMALL)
    with torch.no_grad():
        for weights in model.parameters():
            weights.zero_()
    # Eight frames, padded to twelve: a chord, none, another; three roots and two qualities.
    batch = batch_of([(0, 1, "C"), (1, 0.5, "N"), (1.5, 0.5, "G7/B")], beats=2, length=12)
    nats = {name: value.item() for name, value in losses(model, batch).items()}
    assert nats == pytest.approx(
        {
            "chord onset": 8 * math.log(2),
            "root": 3 * math.log(13),
            "quality": 2 * math.log(len(QUALITIES)),
            "bass": 2 * math.log(12),
            "melody": 8 * math.log(130),
            "melody only": 0,
        }
    )


def test_a_batch_without_chords_has_a_loss() -> None:
    nats = losses(Accompanist(SMALL), batch_of([], beats=2, length=8))
    assert nats["root"] == nats["quality"] == nats["bass"] == 0
    assert nats["chord onset"] > 0
    sum(nats.values()).backward()


@pytest.mark.parametrize(
    ("step", "rate"),
    [
        (0, 0.1),  # of ten steps of warm-up the first
        (9, 1.0),
        (10, 1.0),
        (60, 0.55),  # halfway from 1 to 0.1
        (110, 0.1),
        (500, 0.1),
    ],
)
def test_the_rate_warms_up_and_follows_a_cosine(step: int, rate: float) -> None:
    assert Recipe(steps=110, warm_up=10, final_rate=0.1).rate_at(step) == pytest.approx(rate)


def test_each_step_is_taken_at_its_rate() -> None:
    recipe = Recipe(steps=6, warm_up=3, matrix_rate=0.01, learning_rate=0.003)
    model = Accompanist(SMALL)
    training = Training(model, Optimiser(model, recipe), recipe, nullcontext)
    batch = batch_of([(0, 1, "C")], beats=2, length=8)
    rates = []
    for _ in range(6):
        training.take_step(batch)
        rates.append({group["lr"] for group in training.updates.groups()})
    assert training.step == 6
    shares = [recipe.rate_at(step) for step in range(6)]
    assert rates == [{share * 0.01, share * 0.003} for share in shares]


def test_every_fourth_step_takes_half_as_many_excerpts_of_twice_the_length() -> None:
    shapes = [Recipe().shape_of(step) for step in range(8)]
    assert shapes == [(16, 256), (16, 256), (16, 256), (8, 512)] * 2
    assert Recipe(batch=1).shape_of(3) == (1, 512)


@pytest.mark.parametrize("name", ["muon", "adamw"])
def test_matrices_learn_by_muon_and_decay_as_tables_do(name: str) -> None:
    model = Accompanist(SMALL)
    updates = Optimiser(model, Recipe(optimiser=name))
    decays = {
        id(weights): group["weight_decay"]
        for group in updates.groups()
        for weights in group["params"]
    }
    assert decays == {id(w): 0.1 if w.ndim == 2 else 0.0 for w in model.parameters()}
    moved = [w for part in updates.parts.values() for g in part.param_groups for w in g["params"]]
    assert len(moved) == len(decays), "each weight is moved once"
    linear = {id(m.weight) for m in model.modules() if isinstance(m, torch.nn.Linear)}
    assert set(updates.parts) == {name, "adamw"}
    by_name = {id(w) for group in updates.parts[name].param_groups for w in group["params"]}
    assert by_name == (linear if name == "muon" else set(decays))


def log_of(run: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def test_a_run_in_small_lowers_the_loss(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "STEPS_PER_VALIDATION", 10)
    train(corpus, tmp_path / "run", SMALL, RECIPE)
    log = log_of(tmp_path / "run")
    assert [figures["step"] for figures in log] == [10, 20, 30]
    for figures in log:
        parts = [figures[name] for name in ("chord onset", "root", "quality", "bass", "melody")]
        assert figures["total"] == pytest.approx(sum(parts))
    untrained = math.log(2) + math.log(130)
    assert log[-1]["total"] < log[0]["total"] < untrained
    assert log[-1]["melody"] < 0.9 * log[0]["melody"]


@pytest.mark.parametrize("dropout", [0.0, 0.25])
def test_melody_only_is_validated_where_it_is_learned(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dropout: float
) -> None:
    asked = []

    def counted(model: Accompanist, batch: Batch, *more: object) -> dict[str, torch.Tensor]:
        asked.append(batch)
        return losses(model, batch)

    for module in (run, parts):
        monkeypatch.setattr(module, "losses", counted)
    train(corpus, tmp_path / "run", SMALL, replace(RECIPE, steps=1, chord_dropout=dropout))
    assert (log_of(tmp_path / "run")[-1]["melody only"] > 0) == (dropout > 0)
    assert len(asked) == 1 + (2 if dropout else 1)  # a step; a batch of held-out songs


def test_stopped_and_resumed_is_as_never_stopped(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = replace(
        RECIPE, steps=24, self_generated=0.5, self_generated_from=0.5, chord_dropout=0.25
    )
    whole = train(corpus, tmp_path / "whole", SMALL, recipe)
    with stopped_at(20, monkeypatch):
        train(corpus, tmp_path / "parts", SMALL, recipe)
    checkpoint = tmp_path / "parts" / "checkpoint.pt"
    assert torch.load(checkpoint, weights_only=True)["step"] == 16
    resumed = train(corpus, tmp_path / "parts", SMALL, recipe)
    for (name, expected), found in zip(
        whole.state_dict().items(), resumed.state_dict().values(), strict=True
    ):
        assert torch.equal(expected, found), name
    assert log_of(tmp_path / "parts") == log_of(tmp_path / "whole")


def test_with_an_expert_it_learns_and_resumes_and_knows_whose_chords_they_were(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "expert").mkdir()
    expert = write_corpus(tmp_path / "expert", [random_song(9, beats=32)], [])
    recipe = replace(
        RECIPE, steps=18, self_generated=0.5, self_generated_from=0.5, chord_dropout=0.25
    )
    alone = train(corpus, tmp_path / "alone", SMALL, recipe).state_dict()
    with pytest.raises(RecipeError, match="expected the expert's corpus of the recipe"):
        train(corpus, tmp_path / "whole", SMALL, recipe, expert=expert)
    recipe = replace(recipe, expert=digest_of_split(expert, "train"))
    whole = train(corpus, tmp_path / "whole", SMALL, recipe, expert=expert).state_dict()
    assert any(not torch.equal(alone[name], whole[name]) for name in alone)
    with stopped_at(17, monkeypatch):
        train(corpus, tmp_path / "parts", SMALL, recipe, expert=expert)
    resumed = train(corpus, tmp_path / "parts", SMALL, recipe, expert=expert).state_dict()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    with pytest.raises(RecipeError, match="found None"):
        train(corpus, tmp_path / "parts", SMALL, recipe)


def test_a_step_in_parts_is_the_step(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for at_once in (2, 16):
        monkeypatch.setitem(processes.ROWS_AT_ONCE, "cpu", at_once)
        torch.manual_seed(1)
        model = lively()
        training = Training(model, Optimiser(model, RECIPE), RECIPE, nullcontext)
        vocabulary = ChordVocabulary(model.c.qualities)
        sampler = Sampler(read_split(corpus, "train"), vocabulary, RECIPE.sets(), 1)
        loss = training.take_step(sampler.batch(0, 6, 64))
        found.append((loss, torch.cat([p.detach().flatten() for p in model.parameters()])))
    (loss, weights), (other_loss, others) = found
    torch.testing.assert_close(loss, other_loss)
    torch.testing.assert_close(weights, others, rtol=1e-3, atol=1e-4)


def test_a_checkpoint_is_written_beside_and_then_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "checkpoint.pt"
    checkpoint.save(path, {"step": 1})

    def write_half(content: dict, beside: Path) -> None:
        assert beside != path
        Path(beside).write_bytes(b"half of")
        raise Interrupted

    with monkeypatch.context() as patch, pytest.raises(Interrupted):
        patch.setattr(torch, "save", write_half)
        checkpoint.save(path, {"step": 2})
    assert torch.load(path, weights_only=True) == {"step": 1}
    checkpoint.save(path, {"step": 3})
    assert torch.load(path, weights_only=True) == {"step": 3}
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.pt"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recipe": replace(RECIPE, seed=2)}, "a recipe of seed 2, found seed 1"),
        ({"recipe": replace(RECIPE, weights={})}, "a recipe of weights {}, found weights"),
        ({"configuration": replace(SMALL, layers=2)}, "a network of layers 2, found layers 1"),
        ({"build": Opaque}, "a network of kind Opaque, found kind Accompanist"),
    ],
)
def test_a_run_goes_on_only_as_it_was_begun(
    corpus: Path, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    run = {"run": tmp_path / "run", "configuration": SMALL, "recipe": replace(RECIPE, steps=1)}
    train(corpus, **run)
    if "recipe" in change:
        change = {"recipe": replace(change["recipe"], steps=1)}
    with pytest.raises(CheckpointError, match=f"checkpoint.pt: expected {message}"):
        train(corpus, **{**run, **change})


def test_a_checkpoint_that_does_not_say_how_it_was_made_is_none_to_go_on_from(
    tmp_path: Path,
) -> None:
    path = tmp_path / "checkpoint.pt"
    asked = {"recipe": asdict(Recipe())}
    checkpoint.save(path, asked)
    assert checkpoint.load(path, "cpu", asked) == asked
    del asked["recipe"]["hints"]
    checkpoint.save(path, asked)
    with pytest.raises(CheckpointError, match="hints 0.0, found hints None"):
        checkpoint.load(path, "cpu", {"recipe": asdict(Recipe())})


def test_songs_that_do_not_agree_are_not_learned_from(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    songs = [song([(0, 8, 60)], [(0, 8, "C")], name="right")]
    songs += [song([(0, 8, 61)], [(0, 8, "C")], name="wrong")]
    write_corpus(corpus, songs, songs)
    learned = []

    def sampler(songs: list[Song], *arguments: object) -> Sampler:
        learned.extend(made.id for made in songs)
        return Sampler(songs, *arguments)

    monkeypatch.setattr(run, "Sampler", sampler)
    train(corpus, tmp_path / "run", SMALL, replace(RECIPE, steps=1, least_agreement=0.5))
    assert learned == ["right"]
    with pytest.raises(RecipeError, match="expected a set that is drawn, found none"):
        write_corpus(corpus, songs[1:], songs)
        train(corpus, tmp_path / "none", SMALL, replace(RECIPE, steps=1, least_agreement=0.5))


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--batch=0", "expected batch from 1 on, found 0"),
        ("--steps=0", "expected steps from 1 on, found 0"),
        ("--long-every=0", "expected long_every from 1 on, found 0"),
        ("--hints=1.5", "expected hints from 0 to 1, found 1.5"),
        ("--self-generated=-0.1", "expected self_generated from 0 to 1, found -0.1"),
        (
            "--performance-augmentation=nan",
            "expected performance_augmentation from 0 to 1, found nan",
        ),
        (
            "--self-generated=0.8",
            "expected self_generated and chord_dropout to sum to 1 or less, found 0.8 and 0.25",
        ),
        ("--learning-rate=inf", "expected learning_rate from 0 on, found inf"),
        ("--optimiser=none", 'expected an optimiser of muon or adamw, found "none"'),
        ("--arithmetic=none", 'expected an arithmetic of float32 or bfloat16, found "none"'),
        ("--mixture=none", 'expected a mixture of temperature or unimax, found "none"'),
        ("--corpus=nowhere", r"nowhere: expected \*.train.jsonl there"),
        ("--out=/dev/null/run", "/dev/null/run: Not a directory"),
    ],
)
def test_what_cannot_be_trained_is_said_in_a_line(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, message: str
) -> None:
    words = ["--corpus", str(corpus), "--out", str(tmp_path / "run")]
    words += ["--steps=1", "--batch=2", "--length=16", option]
    monkeypatch.setattr(sys, "argv", ["pretrain", *words])
    with pytest.raises(SystemExit, match=f"^pretrain: cannot train: {message}"):
        pretrain.main()


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("", {}),
        ("a=0", {"a": 0}),
        ("improvisor=0.3,lieder_auto=1", {"improvisor": 0.3, "lieder_auto": 1}),
    ],
)
def test_weights_as_an_option(text: str, weights: dict[str, float]) -> None:
    assert pretrain.weights_option(text) == weights


@pytest.mark.parametrize("text", ["a", "a=", "=1", "a=-1", "a=nan", "a=inf", "a=1,b"])
def test_weights_that_are_none(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="expected SET=WEIGHT"):
        pretrain.weights_option(text)


def test_the_command_trains_and_exports(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = tmp_path / "models" / "made.safetensors"
    options = {"corpus": corpus, "out": tmp_path / "run", "export": exported}
    options |= {"steps": 2, "batch": 2, "length": 16, "width": 16, "layers": 1, "heads": 2}
    options |= {"key-value-heads": 1, "feed-forward": 16, "threads": 1}
    words = [f"--{name}={value}" for name, value in options.items()]
    monkeypatch.setattr(sys, "argv", ["pretrain", *words])
    pretrain.main()
    sizes = {"width": 16, "layers": 1, "heads": 2, "key_value_heads": 1, "feed_forward": 16}
    assert load(exported).c == Configuration(**sizes)
