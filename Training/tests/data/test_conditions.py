"""Songs made harder."""

from __future__ import annotations

from made import random_song, song

from jamline_training.data.conditions import moved, with_wrong_notes


def test_the_melody_moves_after_sixteen_beats() -> None:
    made = song([(0, 16, 60), (15.5, 4, 61), (16, 1, 62), (20, 1, 125)], [(0, 24, "C")])
    changed = moved(made)
    assert [pitch for _, _, pitch in changed.melody] == [60, 61, 68, 119]
    assert changed.chords == made.chords


def test_a_tenth_of_the_notes_are_a_semitone_off_and_always_the_same_ones() -> None:
    made = random_song(1, beats=2000)
    changed = with_wrong_notes(made)
    steps = [b[2] - a[2] for a, b in zip(made.melody, changed.melody, strict=True)]
    assert 0.07 < sum(step != 0 for step in steps) / len(steps) < 0.13
    assert set(steps) == {-1, 0, 1}
    assert changed == with_wrong_notes(made)
    assert [note[:2] for note in changed.melody] == [note[:2] for note in made.melody]
    assert with_wrong_notes(random_song(1, 2000, name="other")).melody != changed.melody
