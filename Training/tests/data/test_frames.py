"""Songs as frames: rounding, notes, chords, bars."""

import pytest
from made import FIXTURES, drawn, song

from jamline_training.data.chord_vocabulary import NO_ROOT, ChordVocabulary
from jamline_training.data.frames import (
    HOLD,
    KIND_HOLD,
    KIND_ONSET,
    KIND_REST,
    LONGEST_BAR,
    NO_PITCH,
    ONSET,
    QUALITIES,
    REST,
    frame_of,
    frames_of,
    melody_kinds,
    metrical_places,
)
from jamline_training.reference.fixtures import SONGS, frames_case, text_of

VOCABULARY = ChordVocabulary(QUALITIES)


@pytest.mark.parametrize(
    ("beats", "frame"),
    [(0, 0), (0.124, 0), (0.125, 1), (0.25, 1), (0.374, 1), (0.375, 2), (1 / 3, 1), (2 / 3, 3)],
)
def test_a_time_belongs_to_the_nearest_frame_and_halfway_to_the_later(
    beats: float, frame: int
) -> None:
    assert frame_of(beats) == frame


@pytest.mark.parametrize(
    ("melody", "expected"),
    [
        ([], "."),
        ([(0, 1, 60)], "C---"),
        ([(0.5, 0.5, 60), (1.5, 0.5, 64)], "..C-..E-"),
        # Rounded to the nearest frame, each end for itself.
        ([(0.12, 0.9, 60)], "C---"),
        ([(0.13, 0.9, 60)], ".C--"),
        # However short, a note lasts a frame: the last one, too.
        ([(0, 0.01, 60), (1, 0.01, 62)], "C...D"),
        ([(0, 0, 60)], "C"),
        # It ends where the next begins, also one that would have sounded on after it.
        ([(0, 4, 60), (1, 0.5, 64), (2, 0.25, 67)], "C---E-..G......."),
        ([(0, 1, 60), (1, 1, 60)], "C---C---"),
        # Of two in a frame the later one sounds.
        ([(1.93, 0.05, 67), (1.99, 0.5, 69)], "........A-"),
        # The order in the file is of no matter.
        ([(1, 1, 62), (0, 1, 60)], "C---D---"),
    ],
)
def test_melodies(melody: list[tuple[float, float, int]], expected: str) -> None:
    frames = frames_of(song(melody), VOCABULARY)
    assert drawn(frames) == expected
    sounding = frames.pitch != NO_PITCH
    assert (sounding == (frames.melody != REST)).all()


def test_a_held_pitch_is_that_of_its_onset() -> None:
    frames = frames_of(song([(0, 1, 60), (1, 0.5, 72), (2, 0.5, 48)]), VOCABULARY)
    none = [NO_PITCH] * 2
    assert frames.pitch.tolist() == [60] * 4 + [72] * 2 + none + [48] * 2


def tokens(chords: list[tuple[float, float, str]]) -> list[tuple[int, int, int, int]]:
    """chord_onset, root, quality, bass of each frame."""
    frames = frames_of(song([], chords), VOCABULARY)
    return list(
        zip(
            *(a.tolist() for a in (frames.chord_onset, frames.root, frames.quality, frames.bass)),
            strict=True,
        )
    )


SILENT, SILENCED = (0, NO_ROOT, 0, 0), (1, NO_ROOT, 0, 0)
C, HELD_C = (1, 0, 0, 0), (0, 0, 0, 0)
G7_B, HELD_G7_B = (1, 7, 2, 4), (0, 7, 2, 4)


@pytest.mark.parametrize(
    ("chords", "expected"),
    [
        ([(0, 0.5, "C"), (0.5, 0.5, "G7/B")], [C, HELD_C, G7_B, HELD_G7_B]),
        # The same chord again goes on; another bass is another chord.
        ([(0, 0.5, "C"), (0.5, 0.5, "C")], [C, HELD_C, HELD_C, HELD_C]),
        ([(0, 0.25, "C"), (0.25, 0.25, "C/E")], [C, (1, 0, 0, 4)]),
        # Silence at the beginning is nothing new; after a chord it begins.
        ([(0.5, 0.25, "C")], [SILENT, SILENT, C]),
        ([(0, 0.25, "N"), (0.25, 0.25, "C")], [SILENT, C]),
        ([(0, 0.25, "C"), (0.25, 0.5, "N")], [C, SILENCED, SILENT]),
        ([(0, 0.25, "C"), (0.5, 0.25, "C")], [C, SILENCED, C]),
        # Too short for a frame.
        ([(0, 0.1, "G7/B"), (0.1, 0.4, "C")], [C, HELD_C]),
        # A quality that the network does not know is the nearest that it does, of equals the first.
        ([(0, 0.25, "C7alt")], [(1, 0, QUALITIES.index("7#5b9"), 0)]),
    ],
)
def test_chords(
    chords: list[tuple[float, float, str]], expected: list[tuple[int, int, int, int]]
) -> None:
    assert tokens(chords) == expected


@pytest.mark.parametrize(
    ("meter", "bar_length", "compound"),
    [
        ((4, 4), 16, False),
        ((3, 4), 12, False),
        ((2, 2), 16, False),
        ((5, 4), 20, False),
        ((6, 4), 24, False),
        ((3, 8), 6, True),
        ((6, 8), 12, True),
        ((12, 8), 24, True),
        ((7, 8), 14, False),
        ((6, 16), 6, True),
    ],
)
def test_bars(meter: tuple[int, int], bar_length: int, compound: bool) -> None:
    place, left, bar, is_compound = metrical_places(meter, 50)
    assert is_compound == compound
    assert place.tolist() == [frame % bar_length for frame in range(50)]
    assert (place + left + 1 == bar_length).all()
    assert bar.tolist() == [frame // bar_length for frame in range(50)]


def test_places_of_the_longest_bars_are_not_distinguished() -> None:
    place, left, bar, _ = metrical_places((12, 2), 96 * 2)
    last = LONGEST_BAR - 1
    assert place.tolist() == 2 * [min(frame, last) for frame in range(96)]
    assert left.tolist() == 2 * [min(95 - frame, last) for frame in range(96)]
    assert bar.tolist() == [0] * 96 + [1] * 96


def test_a_song_is_as_long_as_its_last_note_or_chord() -> None:
    assert len(frames_of(song([(0, 1, 60)], [(0, 2, "C")]), VOCABULARY)) == 8
    assert len(frames_of(song([(0, 3, 60)], [(0, 2, "C")]), VOCABULARY)) == 12


def test_kinds_of_melody_events() -> None:
    events = frames_of(song([(0, 0.5, 0), (1, 0.25, 127)]), VOCABULARY).melody
    assert events.tolist() == [ONSET, HOLD, REST, REST, ONSET + 127]
    kinds = [KIND_ONSET, KIND_HOLD, KIND_REST, KIND_REST, KIND_ONSET]
    assert melody_kinds(events).tolist() == kinds


def test_the_agents_fixture_is_what_this_side_computes() -> None:
    written = (FIXTURES / "frames.json").read_text()
    renewed = text_of([frames_case(made) for made in SONGS])
    # `python -m jamline_training.reference.fixtures` renews it.
    assert written == renewed
