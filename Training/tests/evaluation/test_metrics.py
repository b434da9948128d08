"""The figures, worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from jamline_training.data.frames import NO_PITCH
from jamline_training.data.takes import Take
from jamline_training.evaluation.metrics import (
    FIGURES,
    Measured,
    bigrams_of,
    chord_lengths,
    closes_of,
    counts_of,
    echoes_of,
    entropy,
    onset_intervals,
    rarefied,
    transport,
)


def take(
    pitch: list[int], chords: list[str], human: list[str] | None = None,
    onset: list[bool] | None = None, bar: int = 4, first: int = 0,
) -> Take:  # fmt: skip
    pitches = np.array(pitch, int)
    onsets = np.ones(len(pitch), bool) if onset is None else np.array(onset, bool)
    return Take("made", "made", bar, first, pitches, onsets, chords, human or chords)


def figures(*takes: Take) -> dict[str, float]:
    found = Measured(takes).figures(np.ones((1, len(takes))))
    return {name: float(values[0]) for name, values in found.items()}


REST = NO_PITCH
A_BAR = take(
    #    C   C   D   E               A   A
    [60, 72, 62, 64, REST, REST, 57, 69],
    ["C", "C", "C", "N", "N", "G7/B", "G7/B", "Am"],
    ["C", "C", "F", "F", "N", "G", "Am", "Am"],
)


def test_every_ratio_of_a_bar() -> None:
    found = figures(A_BAR)
    assert tuple(found) == FIGURES
    assert found["note in chord"] == 3 / 5  # C, C, A over Am; not D over C, A over G7
    assert found["root agreement"] == 4 / 6  # C, C, G, A; not C for F, G for A
    assert found["silence over melody"] == pytest.approx(1 / 6)  # E
    assert found["pitch classes"] == (3 + 4 + 3) / 3
    assert found["onsets per 4 beats"] == 3 * 16 / 8
    assert found["changes per 4 beats"] == 1 * 16 / 6
    assert found["changes on bar lines"] == 0


def test_changes_on_bar_lines_are_those_of_the_song() -> None:
    chords = ["C", "C", "G", "G", "C", "C", "F", "F"]
    assert figures(take([60] * 8, chords))["changes on bar lines"] == 1 / 3
    assert figures(take([60] * 8, chords, first=2))["changes on bar lines"] == 2 / 3
    assert math.isnan(figures(take([60] * 8, ["C"] * 8))["changes on bar lines"])


def test_changes_on_beat_2_are_counted_in_bars_of_four_beats() -> None:
    chords = ["C"] * 4 + ["G"] * 4 + ["C"] * 8 + ["F"] * 16
    assert figures(take([60] * 32, chords, bar=16))["changes on beat 2"] == 1 / 3
    assert math.isnan(figures(take([60] * 32, chords, bar=12))["changes on beat 2"])


def test_bars_with_the_same_melody() -> None:
    bar = [60, 62, 64, 65]
    chords = ["C"] * 4 + ["C", "C", "F", "F"] + ["G"] * 4
    assert echoes_of(take(bar * 3, chords)) == (2 + 0 + 0, 12)
    # Another melody, or the same pitches with onsets elsewhere, is another bar.
    assert echoes_of(take([*bar, 60, 62, 64, 67], chords[:8])) == (0, 0)
    onset = [True] * 7 + [False]
    assert echoes_of(take([60, 62, 64, 64] * 2, chords[:8], onset=onset)) == (0, 0)
    # A long note or two say too little.
    onset = [True, True, False, False] * 2
    assert echoes_of(take([60, 62, 62, 62] * 2, chords[:8], onset=onset)) == (0, 0)
    # Bars are the song's, and whole.
    assert echoes_of(take([9, 9, *bar, *bar, *bar[:3]], ["C"] * 13, first=2)) == (4, 4)


def phrase(last_bars: list[str], following: str = "", first: int = 0) -> Take:
    """Eight bars of two frames, six of them C, the last two given, and a bar that follows."""
    chords = ["C"] * 12 + last_bars + [following] * (2 if following else 0)
    return take([60] * len(chords), chords, bar=2, first=first)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (phrase(["Dm", "Dm", "G", "C"]), (1, 1)),  # V–I
        (phrase(["Dm", "Dm", "F", "C"]), (1, 1)),  # IV–I
        (phrase(["Am", "Am", "Dm", "Em"]), (0, 1)),
        (phrase(["C", "C", "C", "C"]), (0, 1)),
        # Only the last change counts, and that to the next phrase.
        (phrase(["G", "C", "Dm", "Dm"]), (0, 1)),
        (phrase(["C", "C", "F", "F"], "C"), (1, 1)),
        # A fifth down, or a fourth, to another root than the one that sounds longest.
        (phrase(["C", "C", "C", "F"]), (0, 1)),
        (phrase(["Am", "Am", "Dm", "Dm"], "G"), (0, 1)),
        (phrase(["G", "C", "C", "C"], "Am"), (1, 1)),
        # A phrase of seven bars is none, nor is one whose beginning was not measured.
        (take([60] * 14, ["C"] * 12 + ["G", "C"], bar=2), (0, 0)),
        (phrase(["Dm", "Dm", "G", "C"], first=2), (0, 0)),
    ],
)
def test_phrases_that_close(made: Take, expected: tuple[int, int]) -> None:
    assert closes_of(made) == expected


def test_the_melody_before_a_chord() -> None:
    onset = [False, False, True, False, False, True]
    made = take([60] * 6, ["C", "D", "E", "E", "F", "G"], onset=onset)
    expected = np.zeros(19)
    expected[[0, 2]] = 2, 1  # E and G with an onset, F two frames after one
    expected[18] = 2  # C and D: no melody before
    assert onset_intervals(made, made.harmony).tolist() == expected.tolist()
    late = take([60] * 30, ["N"] * 29 + ["C"], onset=[True] + [False] * 29)
    assert onset_intervals(late, late.harmony)[18] == 1


def test_what_was_held_at_a_cut_is_counted_as_what_it_is() -> None:
    made = take([60] * 8, ["C", "C", "C", "F", "F", "G", "G", "G"], onset=[True] + [False] * 7)
    held, changed = made.since(2), made.since(3)
    assert counts_of(held)["onsets"] == counts_of(changed)["onsets"] == 2
    assert bigrams_of(changed.harmony) == bigrams_of(made.harmony)
    assert np.flatnonzero(onset_intervals(changed, changed.harmony)).tolist() == [3, 5]


def test_how_long_chords_sound() -> None:
    made = take([60] * 44, ["C"] + ["N"] * 2 + ["Db", "C#"] + ["N"] + ["G"] * 38)
    lengths = chord_lengths(made.harmony)
    assert {length: int(n) for length, n in enumerate(lengths) if n} == {1: 1, 2: 1, 34: 1}
    assert chord_lengths(take([], []).harmony).sum() == 0


def test_entropy_in_nats() -> None:
    assert entropy(np.array([[2, 2, 0], [5, 0, 0], [0, 0, 0]])).tolist() == [math.log(2), 0, 0]


def test_the_earth_is_moved_bin_by_bin() -> None:
    first = np.array([[2.0, 0, 0], [1, 1, 0]])
    second = np.array([[0.0, 0, 5], [0, 3, 3]])
    assert transport(first, second).tolist() == [2, 1]


def test_rarefaction() -> None:
    # Of a a b: two drawn are a b (of four of six orders) or a a: 2 · 2/3 + 1 · 1/3.
    assert rarefied(np.array([[2, 1], [3, 0]]), 2) == pytest.approx([5 / 3 / 2, 1 / 2])
    assert np.isnan(rarefied(np.array([[1, 0]]), 2))[0]
    # However many there are of each kind, the share stays about the same.
    kinds = np.ones((1, 50))
    few, many = rarefied(kinds * 4, 100), rarefied(kinds * 40, 100)
    assert few == pytest.approx(many, abs=0.05)


def test_sums_over_songs_not_means_of_songs() -> None:
    other = take([62, REST], ["C", "D"], ["D", "D"])
    found = figures(A_BAR, other)
    assert found["note in chord"] == 3 / 6
    assert found["root agreement"] == 5 / 8
    twice = Measured([A_BAR, other]).figures(np.array([[2.0, 0.0], [0.0, 1.0]]))
    assert twice["note in chord"].tolist() == [3 / 5, 0]


def test_of_nothing_there_are_no_figures() -> None:
    found = figures(take([], []))
    assert math.isnan(found["note in chord"]) and math.isnan(found["onsets per 4 beats"])
    assert counts_of(take([], []))["frames"] == 0
