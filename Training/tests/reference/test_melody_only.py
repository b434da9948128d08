"""Melody-only predictors: their rows, log odds, change points and votes."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from made import lively

from jamline_training.data.chord_vocabulary import ChordVocabulary
from jamline_training.data.frames import QUALITIES
from jamline_training.reference import melody_only
from jamline_training.reference.harmony_tracker import AgentSettings, HarmonyTracker
from jamline_training.reference.melody_only import ROWS, TRANSPOSITIONS, MelodyOnlyPredictors

VOCABULARY = ChordVocabulary(QUALITIES)
C, D = (0, 0, 0), (2, 0, 0)


def test_the_rows_of_the_short_context_take_turns() -> None:
    predictors, begun = MelodyOnlyPredictors(4, VOCABULARY), None
    long = list(range(4, 4 + len(TRANSPOSITIONS)))
    for _ in range(4):
        predictors.begin_beat()
        voting = [predictor.row for predictor in predictors.voting]
        assert voting[:-1] == long == list(predictors.long_context_rows)
        assert {predictors.restarted_row, voting[-1]} == {4 + ROWS - 2, 4 + ROWS - 1}
        assert begun in (None, voting[-1]), (
            "the row that was reset a beat ago has read the last beat"
        )
        begun = predictors.restarted_row


@pytest.mark.parametrize(
    ("pitches", "nats"),
    [
        ([], 0.0),
        ([128] * 4, 0.0),
        ([62] * 4, math.log(1 / 0.3)),
        ([62], math.log(1 / 0.3)),
        ([62, 128, 128, 62], math.log(1 / 0.3) / 2),
        ([60] * 4, math.log(0.05 / 0.7)),
        # No chord contains any of these.
        ([61, 63, 65, 68], 0.0),
    ],
)
def test_log_odds_follow_the_better_prediction(pitches: list[int], nats: float) -> None:
    predictors = MelodyOnlyPredictors(0, VOCABULARY)

    def log_odds() -> float:
        for pitch in pitches:
            predictors.observe(pitch)
        predictors.begin_beat()
        return predictors.log_odds

    assert log_odds() == 0, "there were no predictions"
    predictors.predict({C: 0.7, D: 0.3}, {})
    assert log_odds() == 0, "without votes there is no prediction"
    predictors.predict({C: 0.7, D: 0.3}, {D: 0.9})
    predictors.log_odds = 0.2
    assert log_odds() == pytest.approx(0.1 + 4 * nats)


def test_a_change_point_is_where_the_short_context_predicts_far_better() -> None:
    predictors = MelodyOnlyPredictors(0, VOCABULARY)
    found = []
    for _ in range(4):
        predictors.predict({C: 0.7, D: 0.3}, {D: 0.9})
        predictors.observe(62)
        predictors.begin_beat()
        found.append(predictors.is_change_point)
    # 4.8, then 2.4 + 4.8; then the log odds begin at 0 again.
    assert found == [False, True, False, True]


@pytest.mark.parametrize(("log_odds", "expected"), [(0.0, 0.05), (math.log(19), 0.5), (-50.0, 0.0)])
def test_log_odds_move_weights(log_odds: float, expected: float) -> None:
    predictors = replace(MelodyOnlyPredictors(0, VOCABULARY), log_odds=log_odds)
    weights = [predictors.share(each, predictors.voting) for each in predictors.voting]
    assert weights[-1] == pytest.approx(expected)
    each = (1 - expected) / len(TRANSPOSITIONS)
    assert weights[:-1] == pytest.approx([each] * len(TRANSPOSITIONS))


@pytest.mark.parametrize(("rollouts", "long"), [(1, 1), (2, 2), (3, 3), (4, 3)])
def test_few_predictors_read_rollouts(rollouts: int, long: int) -> None:
    predictors = MelodyOnlyPredictors(0, VOCABULARY)
    reading = predictors.in_rollouts(rollouts)
    assert reading == [*predictors.voting[:long], predictors.voting[-1]]
    assert sum(predictors.share(each, reading) for each in reading) == pytest.approx(1)


def test_transposed_pitches_stay_within_midi() -> None:
    pitches, semitones = torch.tensor([60, 127, 125, 0, 3, 128]), torch.tensor([2, 6, 2, -2, -4, 6])
    assert melody_only.transposed(pitches, semitones).tolist() == [62, 121, 127, 10, 11, 128]


def test_votes_of_a_transposed_melody_are_transposed_back() -> None:
    torch.manual_seed(5)
    model = lively()
    trackers = [
        HarmonyTracker(model, 8, AgentSettings(1, seed=1, melody_only=1.0)) for _ in range(2)
    ]
    votes = []
    with torch.no_grad():
        for tracker, semitones in zip(trackers, (0, 4), strict=True):
            for frame in range(6):
                place = torch.tensor((frame, 15 - frame, 0, 0))
                tracker.predict(torch.tensor((1, 60 + frame + semitones)), place)
                tracker.update(2 + 60 + frame + 1 + semitones, was_silent=False)
            voting = tracker.predictors.voting
            long = {each.transposition: each for each in voting if not each.is_short_context}
            votes.append(tracker.predictor_votes(long[4 - semitones]))
    # A tune read a third higher and the higher tune as it is are the same input.
    moved = {((root + 4) % 12, *rest): share for (root, *rest), share in votes[0].items()}
    assert moved.keys() == votes[1].keys()
    assert all(moved[chord] == pytest.approx(votes[1][chord], rel=1e-4) for chord in moved)
