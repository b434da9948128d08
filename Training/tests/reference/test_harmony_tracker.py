"""The reference of the agent's ensemble and consensus."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from made import FIXTURES, lively, random_song, shipped_model

from jamline_training.data.chord_vocabulary import NO_CHORD, ChordVocabulary
from jamline_training.data.frames import QUALITIES, frames_of
from jamline_training.network import counter_rng
from jamline_training.network.model_file import load
from jamline_training.network.sampling import choose
from jamline_training.reference.consensus import NOTHING, UNKNOWN, Consensus, Heard
from jamline_training.reference.fixtures import accompanied, accompanied_case, text_of
from jamline_training.reference.harmony_tracker import Ensemble, Listening, likely
from jamline_training.reference.particle_filter import ancestors, rows_after
from jamline_training.reference.rollouts import imagine, shares_of
from jamline_training.reference.whole_agent import Places, play_along

VOCABULARY = ChordVocabulary(QUALITIES)
C, A_MINOR, F_SHARP = (0, 0, 0), (9, 1, 0), (6, 0, 0)


@pytest.mark.parametrize(
    ("fraction", "expected"), [(0.0, 0), (0.24, 0), (0.26, 1), (0.74, 1), (0.76, 2), (0.999, 2)]
)
def test_choices_lie_side_by_side(fraction: float, expected: int) -> None:
    logits = torch.tensor([0.25, 0.5, 0.25]).log()
    assert choose(logits, np.array(fraction)).item() == expected


def test_chance_is_evenly_spread() -> None:
    numbers = np.concatenate([
        counter_rng.fraction(7, frame, np.arange(16), decision)
        for frame in range(50)
        for decision in range(6)
    ])  # fmt: skip
    assert np.histogram(numbers, 10, (0, 1))[0] == pytest.approx(480, rel=0.2)
    assert len(np.unique(numbers)) == len(numbers)


@pytest.mark.parametrize(
    ("weights", "kept", "rows"),
    [
        ([0.25] * 4, [0, 1, 2, 3], [0, 1, 2, 3]),
        ([0, 1, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1]),
        ([0.5, 0, 0, 0.5], [0, 0, 3, 3], [0, 3, 0, 3]),
    ],
)
def test_resampling(weights: list[float], kept: list[int], rows: list[int]) -> None:
    drawn = ancestors(np.array(weights), 0.5)
    assert drawn.tolist() == kept
    assert rows_after(drawn).tolist() == rows


@pytest.mark.parametrize(
    ("votes", "sounding", "heard", "place", "expected"),
    [
        ({C: 0.4, F_SHARP: 0.6}, C, set(), 0, F_SHARP),
        ({C: 0.29, F_SHARP: 0.71}, C, set(), 8, C),
        ({C: 0.28, F_SHARP: 0.72}, C, set(), 8, F_SHARP),
        ({C: 0.17, F_SHARP: 0.83}, C, set(), 4, C),
        ({C: 0.16, F_SHARP: 0.84}, C, set(), 4, F_SHARP),
        ({F_SHARP: 1.0}, C, set(), 5, C),
        # C and A minor have two notes in common.
        ({F_SHARP: 0.36, C: 0.33, A_MINOR: 0.31}, F_SHARP, {6}, 0, F_SHARP),
        ({F_SHARP: 0.36, C: 0.33, A_MINOR: 0.31}, F_SHARP, set(), 0, C),
        ({NO_CHORD: 1.0}, C, {0}, 0, NO_CHORD),
        # After silence any eighth note will do.
        ({C: 1.0}, NO_CHORD, {0}, 6, C),
        ({C: 1.0}, NO_CHORD, {0}, 7, NO_CHORD),
        ({C: 0.4, F_SHARP: 0.6}, C, {1, 7}, 4, C),
        # What was heard belongs to C alone: it counts 1.4 times.
        ({C: 0.23, F_SHARP: 0.77}, C, {0}, 8, C),
        ({C: 0.42, F_SHARP: 0.58}, C, {0}, 0, C),
        ({C: 0.41, F_SHARP: 0.59}, C, {0}, 0, F_SHARP),
        # None of the notes of the last beat is one of C's; all, half, none of them are F sharp's.
        ({C: 0.41, F_SHARP: 0.59}, C, {1, 6}, 4, F_SHARP),
        ({C: 0.42, F_SHARP: 0.58}, C, {1, 6}, 4, C),
        ({C: 0.37, F_SHARP: 0.63}, C, {2, 6}, 4, F_SHARP),
        ({C: 0.38, F_SHARP: 0.62}, C, {2, 6}, 4, C),
        ({C: 0.41, F_SHARP: 0.59}, C, {2}, 8, F_SHARP),
        ({C: 0.34, F_SHARP: 0.66}, C, {2}, 4, C),
        ({C: 0.56, F_SHARP: 0.44}, C, {6}, 0, F_SHARP),
    ],
)
def test_the_least_disagreement(
    votes: dict, sounding: tuple, heard: set, place: int, expected: tuple
) -> None:
    consensus, of_late = Consensus(VOCABULARY), Heard(frozenset(heard), frozenset(heard))
    found = consensus.chord(votes, sounding, of_late, UNKNOWN, place, 15 - place, False)
    assert found == expected


@pytest.mark.parametrize(
    ("coming", "place", "share", "expected"),
    [
        # As often either's as the other's, or nobody's: as if nothing were known.
        ({0: 1, 6: 1}, 8, 0.71, C), ({0: 1, 6: 1}, 8, 0.72, F_SHARP), ({}, 8, 0.71, C),
        # All of it belongs to F sharp, which counts 2.2 times, and none to C, which clashes.
        ({6: 1, 1: 2}, 4, 0.48, F_SHARP), ({6: 1, 1: 2}, 4, 0.47, C), ({6: 1}, 0, 0.32, F_SHARP),
        # A quarter is enough not to clash: 2.5 times as much, then, times 1.3 over 1.9.
        ({6: 3, 0: 1}, 8, 0.63, C), ({6: 3, 0: 1}, 8, 0.64, F_SHARP), ({6: 3.1, 0: 1}, 8, 0.6, F_SHARP),
    ],
)  # fmt: skip
def test_what_is_to_come_counts(coming: dict, place: int, share: float, expected: tuple) -> None:
    notes = [float(coming.get(number, 0)) for number in range(12)]
    votes = {C: 1 - share, F_SHARP: share}
    consensus = Consensus(VOCABULARY)
    assert consensus.chord(votes, C, NOTHING, notes, place, 15 - place, False) == expected


def test_a_clash_that_is_only_imagined_of_what_is_far_is_none() -> None:
    votes, notes = {C: 0.52, F_SHARP: 0.48}, [0.0] * 6 + [1.0] + [0.0] * 5
    consensus = Consensus(VOCABULARY)
    assert consensus.chord(votes, C, NOTHING, notes, 4, 11, False) == F_SHARP
    assert consensus.chord(votes, C, NOTHING, notes, 4, 11, False, True) == F_SHARP
    votes = {C: 0.58, F_SHARP: 0.42}  # 1.59 times as much: over 1.4 and less than 1.6
    assert consensus.chord(votes, C, NOTHING, notes, 8, 7, False) == F_SHARP
    assert consensus.chord(votes, C, NOTHING, notes, 8, 7, False, True) == C


@pytest.mark.parametrize(
    ("novelty", "place", "share", "expected"),
    # 3 times as much instead of 5; as much.
    [(0.5, 4, 0.74, C), (0.5, 4, 0.76, F_SHARP), (1.0, 4, 0.51, F_SHARP), (1.0, 8, 0.49, C)],
)
def test_what_is_new_lets_chords_change(
    novelty: float, place: int, share: float, expected: tuple
) -> None:
    votes = {C: 1 - share, F_SHARP: share}
    heard = NOTHING._replace(novelty=novelty)
    found = Consensus(VOCABULARY).chord(votes, C, heard, UNKNOWN, place, 15 - place, False)
    assert found == expected


def test_crowded_chords_count_less() -> None:
    seventh = (0, QUALITIES.index("7"), 0)
    consensus = Consensus(VOCABULARY)
    plain = consensus.worth(C, {C: 1.0}, NOTHING, UNKNOWN)
    assert consensus.worth(seventh, {seventh: 1.0}, NOTHING, UNKNOWN) == pytest.approx(0.9 * plain)


def test_a_clash_is_with_the_last_beat_and_fit_with_two() -> None:
    def chord(share: float, in_beat: set, in_two_beats: set) -> tuple:
        heard = Heard(frozenset(in_beat), frozenset(in_two_beats))
        votes = {C: 1 - share, F_SHARP: share}
        return Consensus(VOCABULARY).chord(votes, C, heard, UNKNOWN, 8, 7, False)

    assert chord(0.53, {6}, {6}) == F_SHARP
    assert chord(0.53, {6}, {0, 6}) == C, "half fits either"
    assert chord(0.6, {6}, {0, 6}) == F_SHARP
    assert chord(0.6, {0}, {0, 6}) == C, "no clash"


@pytest.mark.parametrize(
    ("place", "share", "expected"),
    [(8, 0.61, C), (8, 0.62, F_SHARP), (4, 0.64, C), (4, 0.65, F_SHARP)],
)
def test_what_is_imagined_changes_sooner(place: int, share: float, expected: tuple) -> None:
    votes = {C: 1 - share, F_SHARP: share}
    consensus = Consensus(VOCABULARY)
    assert consensus.chord(votes, C, NOTHING, UNKNOWN, place, 15 - place, False, True) == expected
    assert consensus.chord(votes, C, NOTHING, UNKNOWN, place, 15 - place, False) == C


def test_the_notes_of_late() -> None:
    pitches = np.array([60, 61, 62, 128, 64, 65, 128, 67])
    song = random_song(1, beats=6)
    simple, compound = (Places.of(replace(song, meter=meter), 8) for meter in ((4, 4), (6, 8)))
    assert simple.heard(pitches, 0.0) == ({4, 5, 7}, {0, 1, 2, 4, 5, 7}, 0.0)
    assert compound.heard(pitches, 0.0) == ({2, 4, 5, 7}, {0, 1, 2, 4, 5, 7}, 0.0)
    assert simple.heard(pitches[:2], 0.0) == ({0, 1}, {0, 1}, 0.0)
    assert simple.heard(pitches[:0], 0.0) == simple.heard(np.full(8, 128), 0.0) == NOTHING


def test_votes_are_all_that_could_have_been_chosen() -> None:
    torch.manual_seed(2)
    ensemble = Ensemble(lively(), 8, Listening(3, seed=1, ear=0.5))
    with torch.no_grad():
        for frame in range(6):
            ensemble.decide(torch.tensor((1, 60 + frame)), torch.tensor((frame, 15 - frame, 0, 0)))
            votes = ensemble.votes()
            assert 0.5 < sum(votes.values()) <= 1 + 1e-6
            assert ensemble.weights.sum() == pytest.approx(1)
            ensemble.finish(2 + 61 + frame, was_silent=False)
    assert (ensemble.told[3:] == torch.tensor([2, 12, 0, 0])).all(), "ears are told of no chords"
    assert likely(torch.tensor([0.9, 0.09, 0.01]).log(), 0.05) == [
        (0, pytest.approx(0.9)), (1, pytest.approx(0.09)),
    ]  # fmt: skip


def test_belief_goes_to_those_who_expected_what_was_played() -> None:
    torch.manual_seed(3)
    ensemble = Ensemble(lively(), 2, Listening(8, seed=1))
    with torch.no_grad():
        ensemble.decide(torch.tensor((3, 128)), torch.tensor((0, 15, 0, 0)))
        shares = ensemble.model.melody_logits(ensemble.h, *ensemble.told.unbind(-1))[:8].softmax(-1)
        expected = shares[:, 2 + 64].double().numpy()
        ensemble.finish(2 + 64, was_silent=False)
    expected /= expected.sum()
    resampled = 1 / (expected**2).sum() < 4
    assert ensemble.weights == pytest.approx(np.full(8, 1 / 8) if resampled else expected, abs=1e-6)


@pytest.mark.parametrize("commit", [1, 6])
def test_no_chord_before_the_first_note(commit: int) -> None:
    model = load(shipped_model())
    song = random_song(1, beats=6)
    first = int(np.flatnonzero(frames_of(song, VOCABULARY).melody >= 2)[0])
    chords = play_along(model, song, 24, Listening(2, seed=1, commit=commit))
    assert set(chords[: first + 1]) == {NO_CHORD}
    assert set(chords) != {NO_CHORD}
    assert len(chords) == 24


def test_the_agents_fixture_is_what_this_side_computes() -> None:
    path = shipped_model()
    model = load(path)
    recorded = json.loads((FIXTURES / "accompanied.json").read_text())
    for case, (song, listening) in zip(recorded, accompanied(path), strict=True):
        # With many hypotheses the first three bars are enough: the key has changed by then.
        frames = len(case["chords"]) if listening.hypotheses <= 4 else 48
        listening = replace(listening, seed=case["seed"])
        renewed = json.loads(text_of(accompanied_case(model, song, listening, frames)))
        # `python -m jamline_training.reference.fixtures` renews it, as every new model must.
        assert renewed == {**case, "chords": case["chords"][:frames]}


def test_what_is_imagined_is_forgotten() -> None:
    torch.manual_seed(4)
    ensemble = Ensemble(lively(), 8, Listening(6, seed=1, ear=0.5, commit=4))
    places = torch.tensor([(frame, 15 - frame, 0, 0) for frame in range(12)])
    with torch.no_grad():
        ensemble.decide(torch.tensor((3, 128)), places[0])
        votes = ensemble.votes()
        dream = imagine(ensemble, 60, places[1:4], (0, 3))
        assert dream == imagine(ensemble, 60, places[1:4], (0, 3))
        assert ensemble.votes() == votes == dream.votes[0] != dream.votes[3]
        longer = imagine(ensemble, 60, places[1:6], ())
    assert not longer.votes and len(longer.notes) == 6
    assert longer.notes[:4] == dream.notes, "what comes later has no part in it"
    assert dream.coming(1, 2) == [one + two for one, two in zip(*dream.notes[1:3], strict=True)]
    assert dream.coming(3, 4) == dream.notes[3] and dream.coming(4, 4) == [0.0] * 12


def test_one_future_alone_tells_nothing() -> None:
    torch.manual_seed(4)
    for hypotheses, is_told in ((1, False), (2, True)):
        ensemble = Ensemble(lively(), 8, Listening(hypotheses, seed=1, ear=0.5, lookahead=4))
        places = torch.tensor([(frame, 15 - frame, 0, 0) for frame in range(4)])
        with torch.no_grad():
            ensemble.decide(torch.tensor((1, 60)), places[0])
            dream = imagine(ensemble, 60, places[1:], ())
        assert any(dream.coming(0, 4)) == is_told


def test_the_pitch_classes_of_the_futures() -> None:
    shares = shares_of(torch.tensor([60, 72, 67, 128]), np.array([0.5, 0.25, 0.125, 0.125]))
    assert shares == [0.75, 0, 0, 0, 0, 0, 0, 0.125, 0, 0, 0, 0]
