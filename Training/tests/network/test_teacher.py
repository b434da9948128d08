"""An accompanist that sees the whole melody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from made import TINY, lively, random_song, song, write_corpus

from jamline_training.data.batches import Batch, collate
from jamline_training.data.chord_vocabulary import ChordVocabulary
from jamline_training.data.frames import QUALITIES, frames_of
from jamline_training.data.inputs import CHORD
from jamline_training.data.takes import take_of
from jamline_training.network import checkpoint
from jamline_training.network.generate import accompany, generate
from jamline_training.network.teacher import Teacher, takes_by_teacher
from jamline_training.training.losses import losses
from jamline_training.training.recipe import Recipe
from jamline_training.training.run import train

VOCABULARY = ChordVocabulary(QUALITIES)


def lively_teacher() -> Teacher:
    """A teacher of random weights whose output depends on the melody a great deal."""
    torch.manual_seed(1)
    teacher = Teacher(TINY).eval()
    with torch.no_grad():
        for weights in teacher.parameters():
            weights.copy_(torch.randn_like(weights) * (0.5 if weights.ndim == 1 else 0.3))
    return teacher


def batch_of(*seeds: int, length: int = 96) -> Batch:
    return collate([(frames_of(random_song(seed), VOCABULARY), 0) for seed in seeds], length)


def moved(batch: Batch, row: int, frame: int) -> Batch:
    """Another note is read in a frame."""
    inputs = batch.inputs.clone()
    inputs[row, frame, 1] = (inputs[row, frame, 1] + 5) % 128
    return replace(batch, inputs=inputs)


@torch.no_grad()
def test_it_sees_the_melody_to_come_but_no_chords() -> None:
    teacher, batch = lively_teacher(), batch_of(1, 2)
    before = teacher.states_of(batch)
    later = teacher.states_of(moved(batch, 0, 60))
    assert (before[0] != later[0]).any(-1).all(), "all frames of the song know of it"
    assert torch.equal(before[1], later[1])
    chords = batch.inputs.clone()
    chords[0, 60, CHORD] = torch.tensor([1, 3, 2, 0])
    other = teacher.states_of(replace(batch, inputs=chords))
    assert torch.equal(before[0, :60], other[0, :60])
    assert (before[0, 60:] != other[0, 60:]).any()


@torch.no_grad()
def test_padding_is_not_read() -> None:
    teacher = lively_teacher()
    short, long = batch_of(1, length=64), batch_of(1, length=64)
    padded = Batch(*(torch.cat([part, torch.zeros_like(part)], 1) if part.ndim > 1 and
                     name != "hints" else part for name, part in vars(long).items()))  # fmt: skip
    assert torch.allclose(teacher.states_of(short), teacher.states_of(padded)[:, :64], atol=1e-5)


def test_a_melody_that_is_seen_is_not_learned() -> None:
    parts = losses(lively_teacher(), batch_of(1))
    assert parts["melody"] == 0 and parts["root"] > 0


@torch.no_grad()
def test_it_plays_as_it_reads() -> None:
    """What it plays frame by frame is what it finds likeliest where it reads all at once."""
    teacher, batch = lively_teacher(), batch_of(1, 2)
    chosen = generate(teacher, batch.inputs, batch.mask, np.arange(2), temperature=1e-6)
    inputs = batch.inputs.clone()
    inputs[:, 1:, CHORD] = chosen[:, :-1]
    h = teacher.states_of(replace(batch, inputs=inputs))
    begins = chosen[..., 0] == 1
    assert begins.any()
    assert torch.equal(teacher.root_logits(h).argmax(-1)[begins], chosen[..., 1][begins])
    songs = [frames_of(random_song(seed), VOCABULARY) for seed in (1, 2)]
    assert accompany(teacher, songs).shape == (2, max(map(len, songs)), 3)


@torch.no_grad()
def test_it_begins_as_the_accompanist(tmp_path: Path) -> None:
    model, batch = lively(), batch_of(1, 2)
    made = {"model": model.state_dict(), "network": {"kind": "Accompanist", **TINY.to_json()}}
    checkpoint.save(tmp_path / "checkpoint.pt", made)
    teacher = checkpoint.restored(tmp_path / "checkpoint.pt", Teacher, is_whole=False)
    assert torch.equal(teacher.states_of(batch), model.states_of(batch))


def test_it_learns_what_cannot_be_known_online(tmp_path: Path) -> None:
    """The chord of each bar is that of the note which the bar ends with."""
    songs = []
    for seed in range(12):
        random = np.random.default_rng(seed)
        roots = random.integers(0, 12, 8)
        melody = [
            (2 * bar + at, 1, 60 + int(root)) for bar, root in enumerate(roots) for at in (1,)
        ]
        names = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
        chords = [(2 * bar, 2, names[root]) for bar, root in enumerate(roots)]
        songs.append(song(melody, chords, (2, 4), f"made/{seed}"))
    corpus = write_corpus(tmp_path, songs, songs[:2])
    recipe = Recipe(steps=150, batch=8, length=64, self_generated=0.0, chord_dropout=1.0,
                    chord_dropout_weight=1.0, warm_up=10)  # fmt: skip
    small = replace(TINY, layers=1)
    teacher = train(corpus, tmp_path / "run", small, recipe, Teacher)
    batch = collate([(frames_of(made, VOCABULARY), 3) for made in songs[:4]], 64)
    masked = batch.inputs.clone()
    masked[..., CHORD] = torch.tensor([2, 12, 0, 0])
    with torch.no_grad():
        guessed = teacher.root_logits(teacher.states_of(replace(batch, inputs=masked))).argmax(-1)
    agree = (guessed == batch.root)[:, :60].float().mean()
    assert agree > 0.9, agree


def test_what_it_plays_to_songs(tmp_path: Path) -> None:
    teacher = lively_teacher()
    made = {"model": teacher.state_dict(), "network": TINY.to_json()}
    checkpoint.save(tmp_path / "checkpoint.pt", made)
    songs = [random_song(seed) for seed in (1, 2)]
    takes = [take_of(made, 8) for made in songs]
    played = takes_by_teacher(tmp_path / "checkpoint.pt", takes, songs)
    assert [len(take) for take in played] == [32, 32]
    assert [take.human for take in played] == [take.human for take in takes]
    again = takes_by_teacher(tmp_path / "checkpoint.pt", takes, songs)
    assert [take.chords for take in played] == [take.chords for take in again]
    assert played[0].chords != takes[0].chords


def test_distillation_learns_the_teachers_distribution() -> None:
    """Its cross entropy is that of the distributions of root, quality and bass."""
    torch.manual_seed(1)
    model, teacher, batch = lively(), lively_teacher(), batch_of(1, 2)
    alone = replace(batch, chords_masked=torch.tensor([True, False]))
    hard, soft, half = (
        losses(model, alone, teacher, share)["melody only"].item() for share in (0, 1, 0.5)
    )
    assert half == pytest.approx((hard + soft) / 2)
    with_chords = replace(batch, chords_masked=torch.tensor([False, False]))
    assert losses(model, with_chords, teacher, 1.0)["melody only"] == 0
    with torch.no_grad():
        known, h = teacher.states_of(alone)[0], model.states_of(alone)[0]
        here, root = alone.mask[0], alone.root[0]
        odds = teacher.root_logits(known).softmax(-1)
        expected = -(odds * model.root_logits(h).log_softmax(-1)).sum(-1)[here].sum()
        sounds = here & (root != 12)
        for own, other in (
            (model.quality_logits(h, root), teacher.quality_logits(known, root)),
            (
                model.bass_logits(h, root, alone.quality[0]),
                teacher.bass_logits(known, root, alone.quality[0]),
            ),
        ):
            expected -= (other.softmax(-1) * own.log_softmax(-1)).sum(-1)[sounds].sum()
    assert soft == pytest.approx(float(expected), rel=1e-4)
