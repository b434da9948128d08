"""Accompanists of a few lines."""

from __future__ import annotations

import numpy as np
import pytest
from made import random_song, song

from jamline_training.data.takes import Take, harmony_of, take_of
from jamline_training.evaluation.baselines import (
    MINOR,
    NAMES,
    Baseline,
    HiddenMarkov,
    baselines,
    chord_kinds,
    diatonic,
    key_finder,
    rule_player,
)


def tune(pitches: list[int], chords: str = "", length: float = 1) -> Take:
    """Notes of `length` beats, and chords of four beats each."""
    melody = [(at * length, length, pitch) for at, pitch in enumerate(pitches)]
    return take_of(song(melody, [(4 * at, 4, name) for at, name in enumerate(chords.split())]))


# I IV V I in every key, a chord a bar, its tones as melody.
LESSONS = [
    tune(
        [60 + key + pitch for pitch in (0, 4, 7, 4, 5, 9, 12, 9, 7, 11, 14, 11, 0, 4, 7, 4)],
        " ".join(NAMES[(key + step) % 12] for step in (0, 5, 7, 0)),
    )
    for key in range(12)
]


def beats(chords: list[str]) -> str:
    return " ".join(chords[::4])


def test_the_rule_player_follows_the_melody() -> None:
    made = tune([60, 64, 67, 64, 65, 69, 72, 69])
    assert beats(rule_player(made, every=4, window=8)) == "N C C C C C F F"
    assert beats(rule_player(made, every=16, window=16)) == "N N N N C C C C"


def test_the_rule_player_keeps_a_chord_that_fits_as_well_as_another() -> None:
    made = tune([69, 72, 64, 64, 64])
    # E is C's as well as E's; A C is Am's and F's, C E and E alone are Am's and others'.
    assert beats(rule_player(made, every=4, window=4)) == "N A C C C"
    assert beats(rule_player(made, every=4, window=8)) == "N A Am Am Am"


def test_triads_of_a_key() -> None:
    assert np.flatnonzero(diatonic(0)).tolist() == [0, 5, 7, 14, 16, 21]  # C F G Dm Em Am
    assert np.flatnonzero(diatonic(12)).tolist() == [3, 7, 8, 10, 12, 17]  # Eb G Ab Bb Cm Fm


def test_the_key_finder_stays_in_its_key() -> None:
    scale = [60, 62, 64, 65, 67, 69, 71, 72]
    chords = key_finder(tune(scale * 4 + [68, 68, 68, 68, 68]))
    assert set(chords[16:]) <= {"C", "Dm", "Em", "F", "G", "Am"}
    minor = [60, 62, 63, 65, 67, 68, 70, 72]
    assert set(key_finder(tune(minor * 4))[32:]) <= {"Cm", "Eb", "Fm", "Gm", "Ab", "Bb"}


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [("C", 0), ("Dm7", 1), ("G7", 2), ("Gmaj7", 0), ("A7sus4", 0), ("Bdim", 1), ("E7#9", 2)],
)
def test_kinds_of_chords(symbol: str, kind: int) -> None:
    assert chord_kinds(harmony_of([symbol]))[0] == kind


def test_the_hidden_markov_model_learns_what_it_is_shown() -> None:
    model = HiddenMarkov(LESSONS)
    assert model.emission.sum(axis=1) == pytest.approx(np.ones(3))
    assert model.transition.sum(axis=2) == pytest.approx(np.ones((2, 36)))
    # It was counted in major chords only, with their own tones only.
    assert set(np.argsort(-model.emission[0])[:3]) == {0, 4, 7}
    assert len(set(model.emission[MINOR])) == 1
    within, over = model.transition[:, 0, :]
    assert within[0] > 0.9
    # I–IV and V–I go a fourth up, IV–V a second.
    assert np.argsort(-over)[:2].tolist() == [5, 2]


def test_the_hidden_markov_model_expects_what_follows() -> None:
    # At the bar line it knows C only, and expects the step that it has counted.
    melody = [60, 64, 67, 64, 60, 64, 67, 64, 60]
    played = beats(HiddenMarkov(LESSONS)(tune(melody))).split()
    assert played[0] == "N"
    assert played[4] == "F"
    assert played[7] == "C"


ALL = baselines(LESSONS)


@pytest.mark.parametrize("name", ALL)
def test_none_sees_what_comes(name: str) -> None:
    """Whatever the melody does from a frame on, the chords up to that frame stay."""
    player: Baseline = ALL[name]
    for seed in range(4):
        take = take_of(random_song(seed))
        chords = player(take)
        assert len(chords) == len(take)
        for frame in (1, 17, 40):
            other = take.pitch.copy()
            other[frame:] = 61
            changed = Take(
                take.song, take.set, take.bar, 0, other, take.onset, take.chords, take.human
            )
            assert player(changed)[: frame + 1] == chords[: frame + 1]


@pytest.mark.parametrize("name", ALL)
def test_all_follow_the_melody_to_any_key(name: str) -> None:
    played = [ALL[name](take_of(random_song(3, semitones=key))) for key in (0, 6)]
    roots = [harmony_of(chords).root for chords in played]
    sounding = roots[0] >= 0
    moved = (roots[1] - roots[0])[sounding] % 12
    assert (moved == 6).all()
