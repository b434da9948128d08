"""Frames of songs with chords."""

from __future__ import annotations

import numpy as np
import pytest
from made import song

from jamline_training.data.frames import NO_PITCH
from jamline_training.data.takes import NO_PITCH_CLASS, harmony_of, human_chords, parsed, take_of


@pytest.mark.parametrize(
    ("symbol", "name", "root", "bass", "tones"),
    [
        ("N", "N", NO_PITCH_CLASS, NO_PITCH_CLASS, set()),
        ("C", "0:/0", 0, 0, {0, 4, 7}),
        ("Am7", "9:m7/0", 9, 9, {9, 0, 4, 7}),
        ("Bb/D", "10:/4", 10, 2, {10, 2, 5}),
        ("A#/D", "10:/4", 10, 2, {10, 2, 5}),
        ("C/D", "0:/2", 0, 2, {0, 2, 4, 7}),  # the bass is a tone of its own
    ],
)
def test_spelling(symbol: str, name: str, root: int, bass: int, tones: set[int]) -> None:
    assert parsed(symbol) == (name, root, bass, tones)


@pytest.mark.parametrize(
    ("chords", "expected"),
    [
        ([], "N N N N"),
        ([(0, 0.5, "C"), (0.5, 0.5, "G7")], "C C G7 G7"),
        ([(0.5, 4, "Am")], "N N Am Am"),
        ([(0, 0.1, "C")], "N N N N"),
    ],
)
def test_human_chords(chords: list[tuple[float, float, str]], expected: str) -> None:
    assert human_chords(song([], chords), 4) == expected.split()


@pytest.mark.parametrize(
    ("symbols", "begins", "changes"),
    [
        ("C C Am Am", "x.x.", "..x."),
        # Another bass is another chord; another spelling is not.
        ("C C/E C# Db", "xxx.", ".xx."),
        # The end of a chord is no change, nor is what follows silence.
        ("C N C N", "x.x.", "...."),
        ("N N N G", "...x", "...."),
    ],
)
def test_where_chords_begin_and_change(symbols: str, begins: str, changes: str) -> None:
    harmony = harmony_of(symbols.split())
    assert "".join(".x"[int(mark)] for mark in harmony.begins) == begins
    assert "".join(".x"[int(mark)] for mark in harmony.changes) == changes


def test_harmony_of_nothing() -> None:
    harmony = harmony_of([])
    assert not len(harmony.begins) and not len(harmony.changes)


def test_a_take_of_a_song() -> None:
    take = take_of(song([(0, 0.5, 60), (0.75, 0.5, 62)], [(0, 2, "C")], meter=(3, 4)), beats=1)
    assert take.pitch.tolist() == [60, 60, NO_PITCH, 62]
    assert take.onset.tolist() == [True, False, False, True]
    assert (take.bar, take.chords, take.human) == (12, ["C"] * 4, ["C"] * 4)
    assert len(take_of(song([(0, 0.5, 60)], [(0, 2, "C")]))) == 8


def test_what_comes_later_keeps_its_places() -> None:
    take = take_of(song([(0, 3, 60), (3, 2, 62)], [(0, 5, "C")], meter=(3, 4)))
    later = take.played(["G"] * 20).since(10).since(11)
    assert (later.first, len(later), later.chords) == (11, 9, ["G"] * 9)
    assert later.place.tolist() == [11, 0, 1, 2, 3, 4, 5, 6, 7]
    assert later.pitch.tolist() == [60, *[62] * 8]
    assert np.flatnonzero(later.onset).tolist() == [1]


def test_what_is_held_at_a_cut_does_not_begin_there() -> None:
    whole = take_of(song([(0, 3, 60), (3, 2, 62)], [(0, 3, "C"), (3, 2, "F")]))
    whole = whole.played(["G"] * 6 + ["Am"] * 14)
    for cut in range(20):
        for take in (whole.since(cut), whole.since(cut // 2).since(cut)):
            for part in ("begins", "changes"):
                expected = getattr(whole.harmony, part)[cut:].tolist()
                assert getattr(take.harmony, part).tolist() == expected, (cut, part)
                expected = getattr(whole.reference, part)[cut:].tolist()
                assert getattr(take.by_human().harmony, part).tolist() == expected, (cut, part)
            assert take.since_onset.tolist() == whole.since_onset[cut:].tolist()
    assert whole.since_onset.tolist() == [*range(12), *range(8)]
    # Other chords come from nowhere.
    assert whole.since(3).played(["C"] * 17).harmony.begins.tolist() == [True] + [False] * 16
    assert len(whole.since(30)) == 0


def test_chords_for_other_frames_are_refused() -> None:
    with pytest.raises(ValueError, match=r"made: expected parts of one length, found \[1, 4\]"):
        take_of(song([(0, 1, 60)])).played(["C"])
