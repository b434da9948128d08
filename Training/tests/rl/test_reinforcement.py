"""Reinforcement learning: what is computed from a rollout, and that a policy learns from it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from made import TINY, lively, random_song, song, write_corpus

from jamline_training.data.batches import collate
from jamline_training.data.chord_vocabulary import NO_ROOT, ChordVocabulary
from jamline_training.data.frames import QUALITIES, frames_of
from jamline_training.data.inputs import CHORD
from jamline_training.errors import CheckpointError, RecipeError
from jamline_training.network import checkpoint
from jamline_training.network.model import Accompanist
from jamline_training.network.teacher import Teacher
from jamline_training.rl import reinforcement
from jamline_training.rl.course import Course
from jamline_training.rl.policy_rollouts import (
    Choices,
    PolicyRollout,
    advantages,
    divergence,
    policy_rollout,
)
from jamline_training.rl.reinforcement import Choice, Origins, harmony, train

VOCABULARY = ChordVocabulary(QUALITIES)


def test_advantages() -> None:
    reward = torch.tensor([[1.0, 0.0, 2.0, 0.0], [1.0, 1.0, 0.0, 0.0]])
    value = torch.tensor([[0.5, 1.0, 1.5, 2.0], [1.0, 0.5, 9.0, 9.0]])
    mask = torch.tensor([[True] * 4, [True, True, False, False]])
    gains, returns = advantages(reward, value, mask, discount=0.5, gae_lambda=1.0)
    # λ = 1: discounted sums of the rewards, and of the last value at the end.
    first = [1 + 0 + 0.25 * 2 + 0.0625 * 2, 0 + 1 + 0.125 * 2 * 1, 2 + 0.25 * 2, 0 + 0.5 * 2]
    assert returns[0].tolist() == pytest.approx(first)
    assert returns[1, :2].tolist() == pytest.approx([1.5, 1.0])
    assert gains[1, 2:].tolist() == [0, 0]
    gains, _ = advantages(reward, value, mask, discount=0.5, gae_lambda=0.0)
    assert gains[0].tolist() == pytest.approx([1.0, -0.25, 1.5, -1.0])


def rollout_of(model: Accompanist, is_masked: bool = False) -> PolicyRollout:
    songs = [frames_of(random_song(seed), VOCABULARY) for seed in range(3)]
    batch = collate([(made, 0) for made in songs], 64)
    gaps = torch.zeros_like(batch.mask)
    gaps[:, 20:30] = is_masked
    return policy_rollout(model, batch, gaps, np.arange(3))


def test_what_policy_and_teacher_read() -> None:
    out = rollout_of(lively(), is_masked=True)
    assert torch.equal(out.inputs[:, 1:, CHORD], out.chosen[:, :-1])
    assert torch.equal(out.full_inputs[..., CHORD], out.inputs[..., CHORD])
    assert torch.equal(out.full_inputs[..., :2], out.batch.inputs[..., :2])
    assert (out.inputs[:, 20:30, :2] == torch.tensor([3, 128])).all()
    assert torch.equal(out.inputs[:, :20, :2], out.batch.inputs[:, :20, :2])


@torch.no_grad()
def test_probabilities_of_all_choices_sum_to_1() -> None:
    """All chord events that can be chosen in a frame, holding included."""
    model = lively()
    out = rollout_of(model)
    h = model.states(out.inputs)[:1, 30:31]
    before = out.chosen[0, 29, 1:]
    total = 0.0
    for root in range(13):
        for quality in range(len(QUALITIES) if root != NO_ROOT else 1):
            for bass in range(12 if root != NO_ROOT else 1):
                chord = torch.tensor([root, quality, bass])
                kind = int((chord != before).any())
                chosen = torch.cat([torch.tensor([kind]), chord])[None, None]
                total += float(Choices.of(model, h, chosen).of_chosen(chosen).exp())
    assert total == pytest.approx(1, abs=1e-4)


@torch.no_grad()
def test_divergence() -> None:
    model, other = lively(), lively()
    out = rollout_of(model)
    own = Choices.of(model, model.states(out.inputs), out.chosen)
    assert divergence(own, own, out.chosen).abs().max() == 0
    # A policy that is certain of C diverges by the teacher's log probability of C, at an onset.
    certain = Choices(own.onset, torch.full_like(own.root, -50.0), own.quality, own.bass)
    certain.root[..., 0] = 0.0
    expected = own.onset[..., 1].exp() * -own.root[..., 0]
    assert torch.allclose(divergence(certain, own, out.chosen), expected, atol=1e-4)
    apart = divergence(own, Choices.of(other, other.states(out.inputs), out.chosen), out.chosen)
    assert (apart > 0).all()


def save(path: Path, model: Accompanist) -> None:
    checkpoint.save(path, {"model": model.state_dict(), "network": TINY.to_json()})


def files(folder: Path, songs: int = 6) -> tuple[Path, Origins]:
    """A corpus of tunes that stay on one note, whose chord is that note's; a policy and a teacher
    that know nothing."""
    names = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
    tunes = [song([(beat, 1, 60 + n) for beat in range(8)], [(0, 8, names[n])], (2, 4), f"made/{n}")
             for n in range(songs)]  # fmt: skip
    folder.mkdir(exist_ok=True)
    corpus = write_corpus(folder, tunes, tunes[:2])
    torch.manual_seed(1)
    begin, teacher = folder / "begin.pt", folder / "teacher.pt"
    save(begin, Accompanist(TINY))
    save(teacher, Teacher(TINY))
    return corpus, Origins(begin, teacher)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reinforcement, "STEPS_PER_EVALUATION", 1000)


def certain_teacher() -> Teacher:
    """A teacher that is certain of one chord, whatever the melody."""
    teacher = Teacher(TINY)
    with torch.no_grad():
        teacher.root_head.bias[3] += 5
        teacher.strike_head.bias[1] += 1
    return teacher


COURSE = Course(
    steps=15, batch=16, length=32, learning_rate=1e-2, warm_up=5, teacher_weight=0.0,
    supervision_weight=0.0, performance_augmentation=0.0, modulation=0.0, melody_masking=0.0,
    price_rate=0.0,
    reward_weights={"silence": 1.0},
)  # fmt: skip


def logged(run: Path, name: str = "log") -> list[dict[str, float]]:
    return [json.loads(line) for line in (run / f"{name}.jsonl").read_text().splitlines()]


def course_of(run: Path, name: str) -> tuple[float, float]:
    """A figure at the first step, and its mean in the last five."""
    steps = [step[name] for step in logged(run)]
    return steps[0], sum(steps[-5:]) / 5


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"batch": 0}, "expected batch from 1 on, found 0"),
        ({"reward_weights": {"note": 1.0, "notes": 1.0}}, 'found "notes"'),
    ],
)
def test_courses_that_make_no_sense(wrong: dict, error: str) -> None:
    with pytest.raises(RecipeError, match=error):
        Course(**wrong)


def test_a_policy_learns_what_is_rewarded(tmp_path: Path, tiny: None) -> None:
    corpus, origins = files(tmp_path)
    train(corpus, tmp_path / "run", origins, COURSE)
    first, last = course_of(tmp_path / "run", "silence")
    assert first < -0.3 and last > -0.05, (first, last)
    assert [line["step"] for line in logged(tmp_path / "run", "evaluation")] == [0, 15]


def test_a_policy_learns_from_its_teacher(tmp_path: Path, tiny: None) -> None:
    corpus, origins = files(tmp_path)
    torch.manual_seed(2)
    save(origins.teacher, certain_teacher())
    course = replace(COURSE, policy_gradient_weight=0.0, teacher_weight=1.0)
    train(corpus, tmp_path / "run", origins, course)
    first, last = course_of(tmp_path / "run", "kl")
    assert last < first / 2, (first, last)


def test_a_run_goes_on_as_if_it_had_never_stopped(tmp_path: Path, tiny: None) -> None:
    corpus, origins = files(tmp_path)
    course = Course(steps=4, batch=4, length=32, warm_up=1)
    train(corpus, tmp_path / "whole", origins, course)
    train(corpus, tmp_path / "parts", origins, course, steps=2)
    # Broken off in a step after the last checkpoint.
    reinforcement.log(tmp_path / "parts" / "log.jsonl", {"step": 3, "reward": -9.0})
    train(corpus, tmp_path / "parts", origins, course)
    assert [line["step"] for line in logged(tmp_path / "parts")] == [1, 2, 3, 4]
    whole, parts = (
        checkpoint.restored(tmp_path / run / "checkpoint.pt", Accompanist)
        for run in ("whole", "parts")
    )
    for one, same in zip(whole.parameters(), parts.parameters(), strict=True):
        assert torch.equal(one, same)
    with pytest.raises(CheckpointError, match="expected a course of seed 2, found seed 1"):
        train(corpus, tmp_path / "parts", origins, Course(**{**vars(course), "seed": 2}))
    save(origins.teacher, certain_teacher())
    with pytest.raises(CheckpointError, match="expected a origins of teacher"):
        train(corpus, tmp_path / "parts", origins, course)


def test_prices_rise_until_habits_are_the_persons(tmp_path: Path, tiny: None) -> None:
    corpus, origins = files(tmp_path)
    course = Course(
        steps=3,
        batch=4,
        length=32,
        policy_gradient_weight=0.0,
        teacher_weight=0.0,
        supervision_weight=0.0,
    )
    train(corpus, tmp_path / "run", origins, course)
    for step, before in zip(logged(tmp_path / "run")[1:], logged(tmp_path / "run"), strict=False):
        for name in ("changes", "bar lines", "crowd"):
            is_too_often = step[name] > step[f"{name}, person"]
            assert (step[f"{name}, price"] < before[f"{name}, price"]) == is_too_often


def test_the_best_that_is_not_dull_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    songs = [frames_of(random_song(seed), VOCABULARY) for seed in range(3)]
    person = {"chord-name entropy": 4.0, "distinct bigrams": 1.0}
    played = [(0.4, 0.2, 3.9), (0.5, 0.3, 3.8), (0.9, 0.9, 3.5), (0.5, 0.2, 4.0)]
    names = ("note in chord", "root agreement", "chord-name entropy")
    figures = [dict(zip(names, one, strict=True)) | {"distinct bigrams": 0.95} for one in played]
    assert [harmony(one, person) for one in figures] == pytest.approx([0.6, 0.8, 0, 0.7])
    models = [lively() for _ in figures]
    found = iter([person, *figures])
    monkeypatch.setattr(reinforcement, "figures_of", lambda takes: next(found))
    choice = Choice(tmp_path, songs, TINY)
    for step, model in enumerate(models):
        choice.evaluate(model, step)
    kept = checkpoint.restored(tmp_path / "chosen.pt", Accompanist)
    assert torch.equal(kept.norm.weight, models[1].norm.weight)
    found = iter([person])
    assert Choice(tmp_path, songs, TINY).best == pytest.approx(0.8), "a run goes on with it"
