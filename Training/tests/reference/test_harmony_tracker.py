"""The reference of the agent: random numbers, consensus, votes, tracker and rollouts."""

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
from jamline_training.reference.consensus import NO_MELODY, NO_PREDICTION, Consensus, RecentMelody
from jamline_training.reference.fixtures import accompanied, accompanied_case, text_of
from jamline_training.reference.harmony_tracker import AgentSettings, HarmonyTracker
from jamline_training.reference.particle_filter import rows_after, systematic_resample
from jamline_training.reference.rollouts import pitch_class_weights, roll_out
from jamline_training.reference.votes import likely
from jamline_training.reference.whole_agent import Places, play_along

VOCABULARY = ChordVocabulary(QUALITIES)
C, A_MINOR, F_SHARP = (0, 0, 0), (9, 1, 0), (6, 0, 0)


@pytest.mark.parametrize(
    ("fraction", "expected"), [(0.0, 0), (0.24, 0), (0.26, 1), (0.74, 1), (0.76, 2), (0.999, 2)]
)
def test_choices_divide_the_unit_interval_in_order(fraction: float, expected: int) -> None:
    logits = torch.tensor([0.25, 0.5, 0.25]).log()
    assert choose(logits, np.array(fraction)).item() == expected


def test_random_numbers_are_uniform_and_all_different() -> None:
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
    drawn = systematic_resample(np.array(weights), 0.5)
    assert drawn.tolist() == kept
    assert rows_after(drawn).tolist() == rows


@pytest.mark.parametrize(
    ("votes", "sounding", "recent", "place", "expected"),
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
        # The recent melody fits C alone, whose score is 1.4 times as high.
        ({C: 0.23, F_SHARP: 0.77}, C, {0}, 8, C),
        ({C: 0.42, F_SHARP: 0.58}, C, {0}, 0, C),
        ({C: 0.41, F_SHARP: 0.59}, C, {0}, 0, F_SHARP),
        # No note of the last beat is in C. All, half, none of them are in F sharp.
        ({C: 0.41, F_SHARP: 0.59}, C, {1, 6}, 4, F_SHARP),
        ({C: 0.42, F_SHARP: 0.58}, C, {1, 6}, 4, C),
        ({C: 0.37, F_SHARP: 0.63}, C, {2, 6}, 4, F_SHARP),
        ({C: 0.38, F_SHARP: 0.62}, C, {2, 6}, 4, C),
        ({C: 0.41, F_SHARP: 0.59}, C, {2}, 8, F_SHARP),
        ({C: 0.34, F_SHARP: 0.66}, C, {2}, 4, C),
        ({C: 0.56, F_SHARP: 0.44}, C, {6}, 0, F_SHARP),
    ],
)
def test_minimum_bayes_risk(
    votes: dict, sounding: tuple, recent: set, place: int, expected: tuple
) -> None:
    consensus, melody = Consensus(VOCABULARY), RecentMelody(frozenset(recent), frozenset(recent))
    found = consensus.chord(votes, sounding, melody, NO_PREDICTION, place, 15 - place, False)
    assert found == expected


@pytest.mark.parametrize(
    ("predicted", "place", "share", "expected"),
    [
        # The prediction fits both chords alike, or there is none.
        ({0: 1, 6: 1}, 8, 0.71, C), ({0: 1, 6: 1}, 8, 0.72, F_SHARP), ({}, 8, 0.71, C),
        # All of it fits F sharp, whose score is 2.2 times as high, and none of it C, which clashes.
        ({6: 1, 1: 2}, 4, 0.48, F_SHARP), ({6: 1, 1: 2}, 4, 0.47, C), ({6: 1}, 0, 0.32, F_SHARP),
        # A quarter is enough not to clash: the margin is 2.5, times 1.3 over 1.9.
        ({6: 3, 0: 1}, 8, 0.63, C), ({6: 3, 0: 1}, 8, 0.64, F_SHARP),
        ({6: 3.1, 0: 1}, 8, 0.6, F_SHARP),
    ],
)  # fmt: skip
def test_the_predicted_melody_counts(
    predicted: dict, place: int, share: float, expected: tuple
) -> None:
    notes = [float(predicted.get(number, 0)) for number in range(12)]
    votes = {C: 1 - share, F_SHARP: share}
    consensus = Consensus(VOCABULARY)
    assert consensus.chord(votes, C, NO_MELODY, notes, place, 15 - place, False) == expected


def test_frames_ahead_do_not_clash_with_a_predicted_melody() -> None:
    votes, notes = {C: 0.52, F_SHARP: 0.48}, [0.0] * 6 + [1.0] + [0.0] * 5
    consensus = Consensus(VOCABULARY)
    assert consensus.chord(votes, C, NO_MELODY, notes, 4, 11, False) == F_SHARP
    assert consensus.chord(votes, C, NO_MELODY, notes, 4, 11, False, True) == F_SHARP
    votes = {C: 0.58, F_SHARP: 0.42}  # 1.59 times as much: over 1.4 and less than 1.6
    assert consensus.chord(votes, C, NO_MELODY, notes, 8, 7, False) == F_SHARP
    assert consensus.chord(votes, C, NO_MELODY, notes, 8, 7, False, True) == C


@pytest.mark.parametrize(
    ("weight", "place", "share", "expected"),
    # A margin of 3 instead of 5; of 1.
    [(0.5, 4, 0.74, C), (0.5, 4, 0.76, F_SHARP), (1.0, 4, 0.51, F_SHARP), (1.0, 8, 0.49, C)],
)
def test_the_short_contexts_weight_lowers_the_margin(
    weight: float, place: int, share: float, expected: tuple
) -> None:
    votes = {C: 1 - share, F_SHARP: share}
    recent = NO_MELODY._replace(short_context_weight=weight)
    found = Consensus(VOCABULARY).chord(votes, C, recent, NO_PREDICTION, place, 15 - place, False)
    assert found == expected


def test_more_than_three_tones_cost_a_penalty() -> None:
    seventh = (0, QUALITIES.index("7"), 0)
    consensus = Consensus(VOCABULARY)
    plain = consensus.score(C, {C: 1.0}, NO_MELODY, NO_PREDICTION)
    assert consensus.score(seventh, {seventh: 1.0}, NO_MELODY, NO_PREDICTION) == pytest.approx(
        0.9 * plain
    )


def test_clash_is_about_the_last_beat_and_fit_about_two() -> None:
    def chord(share: float, last_beat: set, last_two_beats: set) -> tuple:
        recent = RecentMelody(frozenset(last_beat), frozenset(last_two_beats))
        votes = {C: 1 - share, F_SHARP: share}
        return Consensus(VOCABULARY).chord(votes, C, recent, NO_PREDICTION, 8, 7, False)

    assert chord(0.53, {6}, {6}) == F_SHARP
    assert chord(0.53, {6}, {0, 6}) == C, "half fits either"
    assert chord(0.6, {6}, {0, 6}) == F_SHARP
    assert chord(0.6, {0}, {0, 6}) == C, "no clash"


@pytest.mark.parametrize(
    ("place", "share", "expected"),
    [(8, 0.61, C), (8, 0.62, F_SHARP), (4, 0.64, C), (4, 0.65, F_SHARP)],
)
def test_margins_are_lower_in_frames_ahead(place: int, share: float, expected: tuple) -> None:
    votes = {C: 1 - share, F_SHARP: share}
    consensus = Consensus(VOCABULARY)
    assert (
        consensus.chord(votes, C, NO_MELODY, NO_PREDICTION, place, 15 - place, False, True)
        == expected
    )
    assert consensus.chord(votes, C, NO_MELODY, NO_PREDICTION, place, 15 - place, False) == C


def test_the_recent_melody() -> None:
    pitches = np.array([60, 61, 62, 128, 64, 65, 128, 67])
    song = random_song(1, beats=6)
    simple, compound = (Places.of(replace(song, meter=meter), 8) for meter in ((4, 4), (6, 8)))
    assert simple.recent(pitches, 0.0) == ({4, 5, 7}, {0, 1, 2, 4, 5, 7}, 0.0)
    assert compound.recent(pitches, 0.0) == ({2, 4, 5, 7}, {0, 1, 2, 4, 5, 7}, 0.0)
    assert simple.recent(pitches[:2], 0.0) == ({0, 1}, {0, 1}, 0.0)
    assert simple.recent(pitches[:0], 0.0) == simple.recent(np.full(8, 128), 0.0) == NO_MELODY


def test_hypotheses_vote_for_all_that_they_could_choose() -> None:
    torch.manual_seed(2)
    tracker = HarmonyTracker(lively(), 8, AgentSettings(3, seed=1, melody_only=0.5))
    with torch.no_grad():
        for frame in range(6):
            tracker.predict(torch.tensor((1, 60 + frame)), torch.tensor((frame, 15 - frame, 0, 0)))
            votes = tracker.votes()
            assert 0.5 < sum(votes.values()) <= 1 + 1e-6
            assert tracker.weights.sum() == pytest.approx(1)
            tracker.update(2 + 61 + frame, was_silent=False)
    assert (tracker.chords[3:] == torch.tensor([2, 12, 0, 0])).all(), "predictors read no chords"
    assert likely(torch.tensor([0.9, 0.09, 0.01]).log(), 0.05) == [
        (0, pytest.approx(0.9)), (1, pytest.approx(0.09)),
    ]  # fmt: skip


def test_weights_are_the_probabilities_of_what_was_played() -> None:
    torch.manual_seed(3)
    tracker = HarmonyTracker(lively(), 2, AgentSettings(8, seed=1))
    with torch.no_grad():
        tracker.predict(torch.tensor((3, 128)), torch.tensor((0, 15, 0, 0)))
        shares = tracker.model.melody_logits(tracker.h, *tracker.chords.unbind(-1))[:8].softmax(-1)
        expected = shares[:, 2 + 64].double().numpy()
        tracker.update(2 + 64, was_silent=False)
    expected /= expected.sum()
    resampled = 1 / (expected**2).sum() < 4
    assert tracker.weights == pytest.approx(np.full(8, 1 / 8) if resampled else expected, abs=1e-6)


@pytest.mark.parametrize("commit", [1, 6])
def test_no_chord_before_the_first_note(commit: int) -> None:
    model = load(shipped_model())
    song = random_song(1, beats=6)
    first = int(np.flatnonzero(frames_of(song, VOCABULARY).melody >= 2)[0])
    chords = play_along(model, song, 24, AgentSettings(2, seed=1, commit=commit))
    assert set(chords[: first + 1]) == {NO_CHORD}
    assert set(chords) != {NO_CHORD}
    assert len(chords) == 24


def test_the_agents_fixture_is_what_this_side_computes() -> None:
    path = shipped_model()
    model = load(path)
    recorded = json.loads((FIXTURES / "accompanied.json").read_text())
    for case, (song, settings) in zip(recorded, accompanied(path), strict=True):
        # With many hypotheses the first three bars are enough: the key has changed by then.
        frames = len(case["chords"]) if settings.hypotheses <= 4 else 48
        settings = replace(settings, seed=case["seed"])
        renewed = json.loads(text_of(accompanied_case(model, song, settings, frames)))
        # `python -m jamline_training.reference.fixtures` renews it, as every new model must.
        assert renewed == {**case, "chords": case["chords"][:frames]}


def test_rollouts_leave_the_tracker_as_it_was() -> None:
    torch.manual_seed(4)
    tracker = HarmonyTracker(lively(), 8, AgentSettings(6, seed=1, melody_only=0.5, commit=4))
    places = torch.tensor([(frame, 15 - frame, 0, 0) for frame in range(12)])
    with torch.no_grad():
        tracker.predict(torch.tensor((3, 128)), places[0])
        votes = tracker.votes()
        rollouts = roll_out(tracker, 60, places[1:4], (0, 3))
        assert rollouts == roll_out(tracker, 60, places[1:4], (0, 3))
        assert tracker.votes() == votes == rollouts.votes[0] != rollouts.votes[3]
        longer = roll_out(tracker, 60, places[1:6], ())
    assert not longer.votes and len(longer.notes) == 6
    assert longer.notes[:4] == rollouts.notes, "later frames do not affect earlier ones"
    assert rollouts.predicted_notes(1, 2) == [
        one + two for one, two in zip(*rollouts.notes[1:3], strict=True)
    ]
    assert (
        rollouts.predicted_notes(3, 4) == rollouts.notes[3]
        and rollouts.predicted_notes(4, 4) == [0.0] * 12
    )


def test_a_single_rollout_predicts_no_notes() -> None:
    torch.manual_seed(4)
    for hypotheses, predicts in ((1, False), (2, True)):
        tracker = HarmonyTracker(
            lively(), 8, AgentSettings(hypotheses, seed=1, melody_only=0.5, lookahead=4)
        )
        places = torch.tensor([(frame, 15 - frame, 0, 0) for frame in range(4)])
        with torch.no_grad():
            tracker.predict(torch.tensor((1, 60)), places[0])
            rollouts = roll_out(tracker, 60, places[1:], ())
        assert any(rollouts.predicted_notes(0, 4)) == predicts


def test_the_pitch_classes_of_the_rollouts() -> None:
    shares = pitch_class_weights(
        torch.tensor([60, 72, 67, 128]), np.array([0.5, 0.25, 0.125, 0.125])
    )
    assert shares == [0.75, 0, 0, 0, 0, 0, 0, 0.125, 0, 0, 0, 0]
