"""Those who hear the melody without chords."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from made import lively

from jamline_training.data.chord_vocabulary import ChordVocabulary
from jamline_training.data.frames import QUALITIES
from jamline_training.reference import melody_only
from jamline_training.reference.harmony_tracker import Ensemble, Listening
from jamline_training.reference.melody_only import ROWS, TRANSPOSITIONS, Ears

VOCABULARY = ChordVocabulary(QUALITIES)
C, D = (0, 0, 0), (2, 0, 0)


def test_the_young_take_turns() -> None:
    hearing, begun = Ears(4, VOCABULARY), None
    elders = list(range(4, 4 + len(TRANSPOSITIONS)))
    for _ in range(4):
        hearing.begin_beat()
        voting = [ear.row for ear in hearing.voting]
        assert voting[:-1] == elders == list(hearing.elders)
        assert {hearing.newborn, voting[-1]} == {4 + ROWS - 2, 4 + ROWS - 1}
        assert begun in (None, voting[-1]), "who began a beat ago has heard the last one"
        begun = hearing.newborn


@pytest.mark.parametrize(
    ("pitches", "nats"),
    [
        ([], 0.0),
        ([128] * 4, 0.0),
        ([62] * 4, math.log(1 / 0.3)),
        ([62], math.log(1 / 0.3)),
        ([62, 128, 128, 62], math.log(1 / 0.3) / 2),
        ([60] * 4, math.log(0.05 / 0.7)),
        # Nobody's chord had any of these.
        ([61, 63, 65, 68], 0.0),
    ],
)
def test_credit_goes_to_those_who_foresaw(pitches: list[int], nats: float) -> None:
    hearing = Ears(0, VOCABULARY)

    def hear() -> float:
        for pitch in pitches:
            hearing.hear(pitch)
        hearing.begin_beat()
        return hearing.credit

    assert hear() == 0, "nothing was foreseen"
    hearing.foresee({C: 0.7, D: 0.3}, {})
    assert hear() == 0, "who has no chord in mind has foreseen neither all notes nor none"
    hearing.foresee({C: 0.7, D: 0.3}, {D: 0.9})
    hearing.credit = 0.2
    assert hear() == pytest.approx(0.1 + 4 * nats)


def test_elders_are_outdone_when_they_foresaw_far_less() -> None:
    hearing = Ears(0, VOCABULARY)
    outdone = []
    for _ in range(4):
        hearing.foresee({C: 0.7, D: 0.3}, {D: 0.9})
        hearing.hear(62)
        hearing.begin_beat()
        outdone.append(hearing.are_elders_outdone)
    # 4.8, then 2.4 + 4.8; and then they are equals again.
    assert outdone == [False, True, False, True]


@pytest.mark.parametrize(("credit", "of_young"), [(0.0, 0.05), (math.log(19), 0.5), (-50.0, 0.0)])
def test_credit_moves_votes(credit: float, of_young: float) -> None:
    hearing = replace(Ears(0, VOCABULARY), credit=credit)
    shares = [hearing.share(ear, hearing.voting) for ear in hearing.voting]
    assert shares[-1] == pytest.approx(of_young)
    assert shares[:-1] == pytest.approx([(1 - of_young) / len(TRANSPOSITIONS)] * len(shares[:-1]))


@pytest.mark.parametrize(("futures", "elders"), [(1, 1), (2, 2), (3, 3), (4, 3)])
def test_few_dream(futures: int, elders: int) -> None:
    hearing = Ears(0, VOCABULARY)
    dreaming = hearing.dreaming(futures)
    assert dreaming == [*hearing.voting[:elders], hearing.voting[-1]]
    assert sum(hearing.share(ear, dreaming) for ear in dreaming) == pytest.approx(1)


def test_notes_stay_within_midi() -> None:
    pitches, semitones = torch.tensor([60, 127, 125, 0, 3, 128]), torch.tensor([2, 6, 2, -2, -4, 6])
    assert melody_only.moved(pitches, semitones).tolist() == [62, 121, 127, 10, 11, 128]


def test_what_is_heard_moved_is_voted_for_moved_back() -> None:
    torch.manual_seed(5)
    model = lively()
    listenings = [Ensemble(model, 8, Listening(1, seed=1, ear=1.0)) for _ in range(2)]
    votes = []
    with torch.no_grad():
        for ensemble, semitones in zip(listenings, (0, 4), strict=True):
            for frame in range(6):
                place = torch.tensor((frame, 15 - frame, 0, 0))
                ensemble.decide(torch.tensor((1, 60 + frame + semitones)), place)
                ensemble.finish(2 + 60 + frame + 1 + semitones, was_silent=False)
            elder = {ear.transposition: ear for ear in ensemble.ears.voting if not ear.is_young}
            of_elder: dict = {}
            ear = elder[4 - semitones]
            ensemble.vote(of_elder, ensemble.h[ear.row], 1.0, -ear.transposition)
            votes.append(of_elder)
    # Who hears the tune a third higher and who hears the higher tune as it is hear the same.
    moved = {((root + 4) % 12, *rest): share for (root, *rest), share in votes[0].items()}
    assert moved.keys() == votes[1].keys()
    assert all(moved[chord] == pytest.approx(votes[1][chord], rel=1e-4) for chord in moved)
