"""The two-sample test, on random songs with chords that differ or do not."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made import random_song

from jamline_training.data.takes import Take, take_of
from jamline_training.evaluation.two_sample_test import (
    Examples,
    TwoSampleResult,
    features_of,
    two_sample_test,
)

HUMAN = [take_of(random_song(seed, beats=8)) for seed in range(24)]


def area(human: list[Take], imitation: list[Take], with_melody: bool) -> float:
    found = two_sample_test(human, imitation, with_melody, epochs=12)
    return float(found.area(np.ones((1, len(human))))[0])


def late(take: Take) -> Take:
    """The same chords, half a beat late: what nobody who sees the bar lines takes for the same."""
    return take.played(["N", "N", *take.human[:-2]])


def plain(take: Take) -> Take:
    """Where a chord sounds, the triad on the melody's note: chords like any, if not for it."""
    notes = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]
    chords = [
        notes[(int(pitch)) % 12] if sounds else "N"
        for pitch, sounds in zip(take.pitch, take.harmony.sounds, strict=True)
    ]
    return take.played(chords)


def test_chords_that_differ_are_separated_and_equal_ones_are_not() -> None:
    assert area(HUMAN, [late(take) for take in HUMAN], with_melody=False) > 0.95
    assert 0.2 < area(HUMAN[:12], HUMAN[12:], with_melody=False) < 0.8
    assert area(HUMAN, HUMAN, with_melody=True) == 0.5


def test_each_half_is_tested_by_the_classifier_of_the_other() -> None:
    same = two_sample_test(HUMAN[:9], HUMAN[9:18], False, epochs=1).same
    assert sorted(same.sum(axis=0)) == [4, 4, 4, 4, 5, 5, 5, 5, 5]
    assert (same == same.T).all() and same.diagonal().all()


def test_the_melody_is_seen_only_when_it_may_be() -> None:
    take = HUMAN[0]
    other = Take(
        take.song, take.set, take.bar, take.first, (take.pitch + 3) % 128, ~take.onset,
        take.chords, take.human,
    )  # fmt: skip
    for with_melody in (False, True):
        pairs = zip(features_of(take, with_melody), features_of(other, with_melody), strict=True)
        assert all((mine == its).all() for mine, its in pairs) != with_melody


def test_the_result_is_reproducible() -> None:
    songs = HUMAN[:12]
    imitation = [plain(take) for take in songs]
    wins = [two_sample_test(songs, imitation, True, epochs=2).wins for _ in range(2)]
    assert (wins[0] == wins[1]).all()


def test_examples_are_moved_to_another_key_whole() -> None:
    made = [random_song(3, beats=8), random_song(3, beats=8, semitones=5)]
    examples = Examples.of([take_of(song) for song in made], True, frames=64)
    assert not torch.equal(examples.groups[0], examples.groups[1])
    moved = examples.transposed(torch.tensor([5, 0]))
    assert torch.equal(moved.groups[0], moved.groups[1])
    assert torch.equal(moved.flags, examples.flags)


def test_the_area_under_the_curve() -> None:
    wins = np.array([[1, 0.5, 0], [1, 1, 0], [0, 0, 1.0]])
    same = np.array([[True, True, False], [True, True, False], [False, False, True]])
    found = TwoSampleResult(wins, same)
    weights = np.array([[1.0, 1, 1], [2, 0, 0], [0, 1, 1]])
    # Pairs of songs that one classifier was asked about: 1 ½ 1 1 of the first two, 1 of the third.
    assert found.area(weights) == pytest.approx([4.5 / 5, 1, 1])
    assert found.among(np.array([0, 1])).area(np.ones((1, 2))) == pytest.approx([3.5 / 4])
    assert np.isnan(found.area(np.zeros((1, 3))))[0]
