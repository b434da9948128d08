"""Excerpts, transposition, padding, sampling."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from made import TINY, drawn, lively, random_song, song

from jamline_training.data.batches import TARGETS, Batch, Sampler, collate, excerpt, transposed
from jamline_training.data.chord_vocabulary import NO_ROOT, ChordVocabulary
from jamline_training.data.frames import (
    BARS_PER_PHRASE,
    CHORD_START,
    KIND_START,
    NO_PITCH,
    ONSET,
    QUALITIES,
    REST,
    Frames,
    frames_of,
    is_beat,
    melody_kinds,
)
from jamline_training.data.inputs import INPUT_COLUMNS, inputs_of
from jamline_training.data.mixture import Mixture
from jamline_training.training.losses import losses

VOCABULARY = ChordVocabulary(QUALITIES)


def frames(seed: int, semitones: int = 0) -> Frames:
    return frames_of(random_song(seed, semitones=semitones), VOCABULARY)


def same(first: Batch, second: Batch) -> bool:
    names = [field.name for field in fields(Batch)]
    return all(torch.equal(getattr(first, name), getattr(second, name)) for name in names)


@pytest.mark.parametrize("semitones", range(-6, 6))
def test_a_song_moved_is_the_frames_moved(semitones: int) -> None:
    for seed in range(4):
        original, moved = frames(seed), frames(seed, semitones)
        events = transposed(original, semitones)
        for name in ("melody", "pitch", "root"):
            assert np.array_equal(events[name], getattr(moved, name)), (name, seed)
        for name in ("chord_onset", "quality", "bass", "place", "left", "bar"):
            assert np.array_equal(getattr(original, name), getattr(moved, name)), (name, seed)
        assert same(collate([(original, semitones)], 96), collate([(moved, 0)], 96))


@pytest.mark.parametrize(
    ("pitch", "semitones", "moved"), [(127, 5, 120), (123, 5, 116), (122, 5, 127), (2, -6, 8)]
)
def test_notes_stay_in_the_range_of_midi(pitch: int, semitones: int, moved: int) -> None:
    events = transposed(frames_of(song([(0, 0.5, pitch)]), VOCABULARY), semitones)
    assert events["pitch"].tolist() == [moved, moved]
    assert events["melody"][0] == ONSET + moved


def column(inputs: np.ndarray, name: str) -> list[int]:
    return inputs[..., INPUT_COLUMNS.index(name)].tolist()


def test_the_input_is_what_happened_in_the_frame_before() -> None:
    made = frames(5)
    inputs = inputs_of(made, transposed(made, 0))
    assert inputs.shape == (len(made), 10)
    begin = {"melody_kind": KIND_START, "pitch": NO_PITCH, "chord_kind": CHORD_START}
    begin |= {"root": NO_ROOT, "quality": 0, "bass": 0}
    events = {"melody_kind": melody_kinds(made.melody), "pitch": made.pitch}
    events |= {"chord_kind": made.chord_onset, "root": made.root}
    events |= {"quality": made.quality, "bass": made.bass}
    for name, values in events.items():
        assert column(inputs, name) == [begin[name], *values[:-1].tolist()], name


def test_the_input_says_where_its_own_frame_stands() -> None:
    made = frames(2)  # in 6/8
    inputs = inputs_of(made, transposed(made, 0))
    assert column(inputs, "place") == [frame % 12 for frame in range(len(made))]
    assert column(inputs, "left") == [11 - frame % 12 for frame in range(len(made))]
    bars = [frame // 12 % BARS_PER_PHRASE for frame in range(len(made))]
    assert column(inputs, "bar") == bars
    assert set(column(inputs, "compound")) == {1}


@pytest.mark.parametrize(
    ("melody", "chords", "expected", "onsets"),
    [
        # What sounds at the bar line begins there.
        ([(3, 2, 64)], [(0, 8, "C")], "E---............", [0]),
        ([(4, 2, 64)], [(4, 4, "C")], "E-------........", [0]),
        # What does not, is not.
        ([(3, 1, 64), (5, 1, 62)], [(0, 4, "C"), (6, 2, "F")], "....D---........", [8]),
    ],
)
def test_an_excerpt_begins_as_a_piece(
    melody: list[tuple[float, float, int]],
    chords: list[tuple[float, float, str]],
    expected: str,
    onsets: list[int],
) -> None:
    whole = frames_of(song(melody, [*chords, (8, 0.25, "N")]), VOCABULARY)
    before = whole.melody.tolist(), whole.chord_onset.tolist()
    part = excerpt(whole, 16, 16)
    assert drawn(part) == expected
    assert np.flatnonzero(part.chord_onset).tolist() == onsets
    assert part.place[0] == 0
    # The song itself stays as it was.
    assert (whole.melody.tolist(), whole.chord_onset.tolist()) == before


def test_padding_is_masked_and_of_no_effect() -> None:
    short, long = frames_of(random_song(1, beats=6), VOCABULARY), frames(2)
    batch = collate([(short, 0), (long, 3)], 64)
    assert batch.inputs.shape == (2, 64, 10)
    assert [getattr(batch, name).shape for name in TARGETS] == [(2, 64)] * 5
    assert batch.mask.sum(1).tolist() == [len(short), 64]
    assert batch.mask[0, : len(short)].all()
    model = lively(TINY)
    with torch.no_grad():
        together = losses(model, batch)
        alone = [losses(model, collate([part], 64)) for part in [(short, 0), (long, 3)]]
        tight = losses(model, collate([(short, 0)], len(short)))
    for name, value in together.items():
        assert value.item() == pytest.approx(sum(a[name].item() for a in alone), rel=1e-5)
        assert tight[name].item() == pytest.approx(alone[0][name].item(), rel=1e-5)


def sampler(seed: int = 1, exponent: float = 0.5, **weights: float) -> Sampler:
    songs = [random_song(number, beats=40) for number in range(4)]
    songs += [random_song(9, beats=10)]
    names = ["large"] * 4 + ["small"]
    songs = [
        type(made)(made.id, name, made.meter, made.tempo, made.melody, made.chords)
        for made, name in zip(songs, names, strict=True)
    ]
    return Sampler(songs, VOCABULARY, Mixture(exponent=exponent, weights=weights), seed)


def test_a_batch_depends_on_seed_and_step_alone() -> None:
    first, again, other = sampler(), sampler(), sampler(seed=2)
    batches = {step: first.batch(step, 3, 32) for step in (0, 1, 2)}
    for step in (2, 0, 1):
        assert same(again.batch(step, 3, 32), batches[step])
        assert not same(other.batch(step, 3, 32), batches[step])
    assert not same(batches[0], batches[1])


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_excerpts_begin_at_bar_lines_or_on_any_beat(share: float) -> None:
    drawing, random = sampler(), np.random.default_rng(1)
    drawing.off_bar = share
    drawn = [drawing.draw(random, 64)[0] for _ in range(400)]
    assert all(is_beat(int(part.place[0]), part.compound) for part in drawn)
    # Half begin where their song does, a fifth of these songs are short; of the others, at most a
    # quarter begin on a bar line all the same.
    assert sum(part.place[0] > 0 for part in drawn) == pytest.approx(130 * share, rel=0.2)


def test_changes_do_not_affect_which_excerpts_are_drawn() -> None:
    def silenced(frames: Frames, random: np.random.Generator) -> Frames:
        rests = random.random(len(frames)) < 0.5
        return replace(frames, melody=np.where(rests, REST, frames.melody))

    plain, changed, again = sampler(), sampler(), sampler()
    changed.changes = again.changes = [silenced]
    for step in (1, 0):
        made = changed.batch(step, 3, 32)
        assert same(again.batch(step, 3, 32), made)
        assert not torch.equal(made.melody, plain.batch(step, 3, 32).melody)
        assert torch.equal(made.root, plain.batch(step, 3, 32).root)


def test_shares_of_sets() -> None:
    made = sampler(exponent=0.5, small=0.25)
    sizes = [sum(map(len, made.sets[name])) for name in ("large", "small")]
    expected = np.array([sizes[0] ** 0.5, 0.25 * sizes[1] ** 0.5])
    assert made.shares == pytest.approx(expected / expected.sum())
    assert sampler(small=0).names == ["large"]


def test_excerpts_begin_at_bar_lines_and_half_of_them_with_their_song() -> None:
    made = sampler(small=0)
    random = np.random.default_rng(1)
    moves, openings = set(), 0
    for _ in range(400):
        part, semitones = made.draw(random, 32)
        assert part.place[0] == 0
        assert 16 <= len(part) <= 32
        openings += part.bar[0] == 0
        moves.add(semitones)
    assert moves == set(range(-6, 6))
    # Half, and of the others those that happen to begin with the first bar.
    assert 0.5 < openings / 400 < 0.75
