"""The figures, worked out by hand."""

import numpy as np
import pytest

from jamline_training.frames import NO_PITCH
from jamline_training.metrics import Tally, tally, tones


@pytest.mark.parametrize(
    ("symbol", "root", "pitch_classes"),
    [
        ("N", None, set()),
        ("C", 0, {0, 4, 7}),
        ("Am7", 9, {9, 0, 4, 7}),
        ("Bb/D", 10, {10, 2, 5}),
        ("C/D", 0, {0, 2, 4, 7}),  # the bass is a tone of its own
        ("B7", 11, {11, 3, 6, 9}),
    ],
)
def test_tones(symbol: str, root: int | None, pitch_classes: set[int]) -> None:
    assert tones(symbol) == (root, pitch_classes)


def test_every_figure_of_a_bar() -> None:
    #                C   C   D   E   rest rest A   A
    pitch = np.array([60, 72, 62, 64, NO_PITCH, NO_PITCH, 57, 69])
    chords = ["C", "C", "C", "N", "N", "G7/B", "G7/B", "Am"]
    human = ["C", "C", "F", "F", "N", "G", "Am", "Am"]
    t = tally(pitch, chords, human)
    assert (t.frames, t.melody_frames, t.both_frames) == (8, 6, 5)
    assert t.note_in_chord == 3 / 5  # C, C, A over Am; not D over C, A over G7
    assert t.silence_over_melody == pytest.approx(1 / 6)  # E
    assert t.pitch_classes_per_chord == (3 + 4 + 3) / 3
    assert t.changes_per_four_beats == 3 * 16 / 8
    assert t.root_agreement == 4 / 6  # C, C, G, A; not C for F, G for A


def test_another_symbol_is_another_chord_but_the_end_of_one_is_none() -> None:
    pitch = np.full(7, NO_PITCH)
    chords = ["C", "C/E", "C/E", "N", "C/E", "N", "N"]
    assert tally(pitch, chords, chords).chords == 3


def test_of_nothing_every_figure_is_something() -> None:
    t = tally(np.array([], int), [], [])
    assert (t.note_in_chord, t.pitch_classes_per_chord, t.changes_per_four_beats) == (0, 0, 0)
    assert (t.silence_over_melody, t.root_agreement) == (1, 0)


def test_tallies_add_up() -> None:
    first = tally(np.array([60, 60]), ["C", "N"], ["C", "C"])
    second = tally(np.array([62, NO_PITCH]), ["C", "D"], ["D", "D"])
    both = first + second
    assert both == Tally(
        melody_frames=3,
        both_frames=2,
        in_chord_frames=1,
        chords=3,
        pitch_classes=9,
        frames=4,
        compared_frames=3,
        root_agreements=2,
    )
    assert both.note_in_chord == 1 / 2


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="zip"):
        tally(np.array([60]), ["C", "C"], ["C", "C"])
