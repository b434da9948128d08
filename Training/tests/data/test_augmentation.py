"""Melodies as people play them, drawn as text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made import drawn, random_song, song

from jamline_training.data import augmentation
from jamline_training.data.augmentation import (
    PLAYINGS,
    Note,
    early_and_late,
    modulated,
    modulation,
    moved_from,
    notes_of,
    octave_jumps,
    ornaments,
    pauses,
    performed,
    with_notes,
    wrong_notes,
)
from jamline_training.data.batches import hints_of
from jamline_training.data.chord_vocabulary import ChordVocabulary
from jamline_training.data.frames import HOLD, NO_PITCH, ONSET, QUALITIES, REST, Frames, frames_of

VOCABULARY = ChordVocabulary(QUALITIES)
CHORDS = ("root", "quality", "bass", "chord_onset")
TUNE = [Note(0, 4, 60), Note(4, 6, 62), Note(6, 7, 64), Note(8, 12, 65)]


def tune(notes: list[Note] = TUNE, beats: int = 4) -> Frames:
    empty = frames_of(song([], [(0, beats, "C")]), VOCABULARY)
    return with_notes(empty, notes)


class Always:
    """A generator that always chooses, and picks the value it is given."""

    def __init__(self, value: int) -> None:
        self.value = value

    def random(self, size: int | None = None) -> object:
        return 0.0 if size is None else np.zeros(size)

    def choice(self, values: object, size: int | None = None) -> object:
        return self.value if size is None else np.full(size, self.value)

    def integers(self, low: int, high: int) -> int:
        return self.value if low <= self.value < high else low


@pytest.mark.parametrize("seed", range(6))
def test_notes_and_back(seed: int) -> None:
    made = frames_of(random_song(seed), VOCABULARY)
    again = with_notes(made, notes_of(made))
    assert np.array_equal(again.melody, made.melody)
    assert np.array_equal(again.pitch, made.pitch)


def test_notes_as_drawn() -> None:
    assert drawn(tune()) == "C---D-E.F---...."
    assert notes_of(tune()) == TUNE
    # A note ends where the next one begins, and is not taken up again.
    assert drawn(tune([Note(0, 10, 60), Note(4, 6, 62)])) == "C---D-.........."


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        (wrong_notes(TUNE, 1, Always(1)), "c---d-F.f---...."),
        (wrong_notes(TUNE, 1, Always(-2)), "a---C-D.d---...."),
        # On the beat where the tune begins, before it elsewhere.
        (ornaments(TUNE, 1, Always(2)), "DC-EDfEGF---...."),
        # A note of one frame, and one that would meet the next, stay where they are.
        (early_and_late(TUNE, 1, Always(1)), ".C--.DE..F--...."),
        (early_and_late(TUNE, 1, Always(-1)), "C--D-E-F----...."),
        (octave_jumps(TUNE, 1, Always(12)), "C---D-E.F---...."),
        (pauses(TUNE, 1, Always(2)), "................"),
    ],
)
def test_ways_of_playing(notes: list[Note], expected: str) -> None:
    assert drawn(tune(notes)) == expected


def test_an_ornament_where_there_is_no_room_for_one() -> None:
    notes = [Note(0, 1, 60), Note(1, 2, 62), Note(2, 4, 64)]
    assert drawn(tune(ornaments(notes, 1, Always(1)))) == "CDFE............"


def test_octaves() -> None:
    jumped = octave_jumps([*TUNE, Note(12, 14, 120)], 1, Always(12))
    assert [note.pitch for note in jumped] == [72, 74, 76, 77, 120]


@pytest.mark.parametrize("name", PLAYINGS)
def test_a_share_of_the_notes_is_played_another_way(name: str) -> None:
    play, share = PLAYINGS[name]
    notes = [Note(8 * index, 8 * index + 8, 60) for index in range(20_000)]
    played = play(notes, share, np.random.default_rng(1))
    changed = len(set(notes) - set(played))
    graces = len(set(played) - set(notes)) - changed if name == "ornaments" else 0
    assert max(changed, graces) / len(notes) == pytest.approx(share, rel=0.06)
    assert play(notes, 0, np.random.default_rng(1)) == notes


def same_chords(first: Frames, second: Frames) -> bool:
    return all(np.array_equal(getattr(first, n), getattr(second, n)) for n in CHORDS)


@pytest.mark.parametrize("seed", range(8))
def test_a_performance_is_a_melody_to_the_same_chords(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = frames_of(random_song(seed), VOCABULARY)
    before = made.melody.copy(), made.pitch.copy()
    with monkeypatch.context() as patch:
        patch.setattr(augmentation, "modulated", lambda frames, random: frames)
        played = performed(made, np.random.default_rng(seed))
    assert same_chords(made, played)
    assert np.array_equal(made.melody, before[0])
    assert np.array_equal(made.pitch, before[1])
    # Whole: what sounds was begun, what rests does not sound.
    assert len(played) == len(made)
    sounding = played.pitch != NO_PITCH
    assert np.array_equal(sounding, played.melody != REST)
    onsets = played.melody >= ONSET
    assert np.array_equal(played.pitch[onsets] + ONSET, played.melody[onsets])
    for frame in np.flatnonzero(played.melody == HOLD):
        assert played.pitch[frame] == played.pitch[frame - 1]


def test_most_excerpts_of_a_performance_are_not_the_song() -> None:
    made = frames_of(random_song(1, beats=32), VOCABULARY)
    random = np.random.default_rng(1)
    played = [performed(made, random) for _ in range(40)]
    assert sum(np.array_equal(one.melody, made.melody) for one in played) < 6
    assert 4 < sum(not same_chords(made, one) for one in played) < 18  # in another key


def test_another_key_from_a_frame_on() -> None:
    made = frames_of(
        song(
            [(0, 3, 60), (3, 2, 64), (5, 1, 127), (7, 1, 62)],
            [(0, 3, "C"), (3, 3, "Am7/E"), (6, 1, "N"), (7, 1, "G")],
        ),
        VOCABULARY,
    )
    moved = moved_from(made, 16, 3)
    # The note that is held into it ends as it began; one beyond MIDI's range goes an octave down.
    assert notes_of(moved) == [
        Note(0, 12, 60), Note(12, 20, 64), Note(20, 24, 118), Note(28, 32, 65),
    ]  # fmt: skip
    assert set(moved.pitch[12:20]) == {64}
    assert moved.root.tolist() == [0] * 12 + [9] * 4 + [0] * 8 + [12] * 4 + [10] * 4
    assert np.flatnonzero(moved.chord_onset).tolist() == [0, 12, 16, 24, 28]
    for name in ("quality", "bass", "place"):
        assert np.array_equal(getattr(moved, name), getattr(made, name)), name
    assert np.flatnonzero(made.chord_onset).tolist() == [0, 12, 24, 28]


def test_a_song_that_changes_key_has_no_key_as_a_hint() -> None:
    made = replace(frames_of(random_song(1), VOCABULARY), key=1, hints=frozenset({"key"}))
    assert hints_of(made, 2)[1] == 3
    assert hints_of(modulated(made, np.random.default_rng(1)), 2)[1] == 0


def test_keys_change_at_bar_lines() -> None:
    made = frames_of(song([(0, 1, 60)], [(beat, 1, "C") for beat in range(16)]), VOCABULARY)
    random = np.random.default_rng(1)
    for _ in range(20):
        moved = modulated(made, random)
        changes = np.flatnonzero(np.diff(moved.root)) + 1
        assert len(changes) == 1
        assert made.place[changes[0]] == 0
    short = frames_of(song([(0, 1, 60)]), VOCABULARY)
    assert modulated(short, random) is short


@pytest.mark.parametrize(("share", "least", "most"), [(0.0, 0, 0), (0.5, 20, 80), (1.0, 95, 100)])
def test_the_share_that_goes_to_another_key(share: float, least: int, most: int) -> None:
    frames = frames_of(random_song(1, beats=32), VOCABULARY)
    random = np.random.default_rng(1)
    change = modulation(share)
    moved = sum(not np.array_equal(change(frames, random).root, frames.root) for _ in range(100))
    assert least <= moved <= most
