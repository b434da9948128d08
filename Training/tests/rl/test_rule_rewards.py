"""Rewards by rules, frame by frame."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made import random_song, song

from jamline_training.data.batches import Batch, collate
from jamline_training.data.chord_vocabulary import NO_ROOT, ChordVocabulary
from jamline_training.data.frames import NO_PITCH, QUALITIES, frames_of
from jamline_training.data.takes import take_of_frames
from jamline_training.evaluation.metrics import counts_of
from jamline_training.rl import rule_rewards

VOCABULARY = ChordVocabulary(QUALITIES)
C, G7, SILENCE = (0, 0, 0), (7, QUALITIES.index("7"), 0), (NO_ROOT, 0, 0)
A_MINOR = (9, QUALITIES.index("m"), 0)


def of(*songs: object) -> Batch:
    frames = [frames_of(made, VOCABULARY) for made in songs]
    return collate([(part, 0) for part in frames], max(map(len, frames)))


def chords(*parts: tuple[tuple[int, int, int], int]) -> torch.Tensor:
    """(1, T, 4) of chords that sound so many frames each."""
    sounding = [chord for chord, count in parts for _ in range(count)]
    before = [SILENCE, *sounding]
    events = [[int(a != b), *b] for a, b in zip(before, sounding, strict=False)]
    return torch.tensor([events])


def test_what_sounds() -> None:
    made = [random_song(seed) for seed in range(4)]
    pitches = rule_rewards.sounding(of(*made).melody)
    for row, one in enumerate(made):
        frames = frames_of(one, VOCABULARY)
        assert pitches[row, : len(frames)].tolist() == frames.pitch.tolist()
        assert (pitches[row, len(frames) :] == NO_PITCH).all()


def test_tones() -> None:
    own = rule_rewards.tones(torch.tensor([C, G7, SILENCE, (9, 0, 2)]), QUALITIES)
    classes = [set(np.flatnonzero(row)) for row in own.numpy()]
    assert classes == [{0, 4, 7}, {7, 11, 2, 5}, set(), {9, 1, 4, 11}], "the bass is one of them"


def test_each_part() -> None:
    # Two bars of 2/4: c d e f, c d e f, and at last a long g; C, then G7.
    melody = [(beat / 2, 0.5, 60 + step) for beat, step in enumerate([0, 2, 4, 5] * 2)]
    made = song([*melody, (4, 2, 67)], [(0, 4, "C"), (4, 2, "G7")], meter=(2, 4))
    batch = of(made)
    played = chords((SILENCE, 4), (C, 8), (G7, 4), (C, 8))
    found = {
        n: part[0].tolist() for n, part in rule_rewards.rewards(batch, played, QUALITIES).items()
    }
    assert found["note"] == [0] * 4 + [1, 1, 0, 0] + [1, 1, 0, 0] + [0, 0, 1, 1] + [1] * 8
    assert found["root"] == [0] * 4 + [1] * 8 + [0] * 12
    assert found["tones"][4:12] == [1] * 8
    assert found["tones"][12:] == pytest.approx([2 / 7] * 4 + [2 / 7] * 8)
    assert found["silence"] == [0, -1, -1, -1] + [0] * 20
    assert found["alike"] == [0] * 12 + [0] * 4 + [0] * 8, "a bar that was silent, and G7 over C"
    again = rule_rewards.rewards(batch, chords((C, 24)), QUALITIES)
    assert again["alike"][0].tolist() == [0] * 8 + [1] * 8 + [0] * 8
    late = rule_rewards.rewards(batch, chords((C, 16), (G7, 8)), QUALITIES)
    assert late["together"][0].tolist() == [0] * 16 + [1] + [0] * 7


def test_phrases_close() -> None:
    # Nine bars of 2/4: a phrase of eight, and the beginning of the next one. The person is in C.
    made = song([(0, 18, 60)], [(0, 18, "C")], meter=(2, 4))
    batch = of(made)

    def found(*parts: tuple) -> list[int]:
        close = rule_rewards.rewards(batch, chords(*parts), QUALITIES)["close"][0]
        return np.flatnonzero(close.numpy()).tolist()

    f = (5, 0, 0)
    assert found((C, 52), (G7, 8), (C, 12)) == [60], "down a fifth, in the last bar"
    assert found((C, 52), (f, 12), (C, 8)) == [64], "down a fourth, at the end"
    assert found((C, 40), (G7, 4), (C, 8), (G7, 8), (C, 12)) == [60], "the last change only"
    assert found((C, 40), (G7, 4), (C, 28)) == [], "too soon"
    assert found((C, 52), (G7, 16), (C, 4)) == [], "too late"
    assert found((f, 52), (C, 8), (f, 12)) == [], "on another tonic"
    assert found((C, 52), (A_MINOR, 8), (C, 12)) == [], "no close"
    assert found((C, 72)) == []


def test_closes_are_those_that_are_measured() -> None:
    closed = 0
    for seed in range(30):
        made = random_song(seed, beats=96)
        batch, frames = of(made), frames_of(made, VOCABULARY)
        person = rule_rewards.person_chords(batch)
        counts = counts_of(take_of_frames(VOCABULARY, frames, person[0, :, 1:].numpy()))
        assert rule_rewards.closes(batch, person).sum() == counts["phrases_closed"]
        closed += counts["phrases_closed"]
    assert closed > 3


def test_a_chord_that_lasts_too_long() -> None:
    made = song([(0, 24, 60)], [(0, 24, "C")], meter=(2, 4))
    rewards = rule_rewards.rewards(of(made), chords((C, 96)), QUALITIES)["long"][0]
    assert rewards.tolist() == [0] * 72 + [-1] * 24


def test_padding_has_no_rewards() -> None:
    batch = of(random_song(0, beats=8), random_song(1, beats=24))
    played = chords((C, batch.mask.shape[1])).repeat(2, 1, 1)
    after = ~batch.mask
    for part in rule_rewards.rewards(batch, played, QUALITIES).values():
        assert not part[after].any()
    for parts in rule_rewards.habits(batch, played, QUALITIES).values():
        assert not any(part[after].any() for part in parts)


def test_they_agree_with_what_is_measured() -> None:
    """The parts are frames of the figures that `metrics` takes."""
    songs = [random_song(seed) for seed in range(8)]
    for made, other in zip(songs, songs[4:] + songs[:4], strict=True):
        frames, others = frames_of(made, VOCABULARY), frames_of(other, VOCABULARY)
        length = min(len(frames), len(others))
        chosen = np.stack([others.chord_onset, others.root, others.quality, others.bass], -1)[
            :length
        ]
        batch = collate([(frames, 0)], length)
        take = take_of_frames(VOCABULARY, frames, np.resize(chosen[:, 1:], (len(frames), 3)))
        take = take.played(take.chords)
        counts = counts_of(
            type(take)(take.song, take.set, take.bar, 0, take.pitch[:length], take.onset[:length],
                       take.chords[:length], take.human[:length])
        )  # fmt: skip
        played = torch.from_numpy(chosen)[None]
        rewards = rule_rewards.rewards(batch, played, QUALITIES)
        assert rewards["note"].sum() == counts["in_chord"]
        assert rewards["root"].sum() == counts["same_root"]
        habits = rule_rewards.habits(batch, played, QUALITIES)
        assert habits["changes"][0].sum() == counts["changes"]
        assert habits["changes"][1].sum() == counts["sounding"]
        assert habits["bar lines"][0].sum() == counts["changes_on_bar_lines"]
        assert habits["crowd"][1].sum() == counts["onsets"]
        assert habits["crowd"][0].sum() == counts["pitch_classes"] - 3 * counts["onsets"]


def test_ratios() -> None:
    assert rule_rewards.ratio((torch.tensor([1.0, 0.0]), torch.tensor([1.0, 1.0]))) == 0.5
    assert rule_rewards.ratio((torch.zeros(2), torch.zeros(2))) == 0


def test_counterfactual_returns_are_those_of_another_chord() -> None:
    """Found by playing each chord in the place of the one that began."""
    made = random_song(0, beats=16)
    batch = of(made)
    length = batch.mask.shape[1]
    weights = {"note": 1.0, "root": 2.0, "tones": 0.5}
    played = chords((SILENCE, 6), (C, 10), (G7, length - 16))
    found = rule_rewards.counterfactual_returns(batch, played, QUALITIES, weights, 0.9)
    assert found.shape == (1, length, 12, len(QUALITIES))
    is_onset = torch.zeros(length, dtype=torch.bool)
    is_onset[[6, 16]] = True
    assert not found[0, ~is_onset].any()
    for root, quality in [(0, 0), (7, 2), (5, 1), (11, 17), (3, 32)]:
        for first, last, others in [(6, 16, ((G7, length - 16),)), (16, length, ())]:
            before = [(SILENCE, 6)] if first == 6 else [(SILENCE, 6), (C, 10)]
            other = chords(*before, ((root, quality, 0), last - first), *others)
            rewards = rule_rewards.rewards(batch, other, QUALITIES)
            total = sum(weight * rewards[name][0, first:last] for name, weight in weights.items())
            expected = (total * 0.9 ** torch.arange(last - first)).sum()
            assert found[0, first, root, quality] == pytest.approx(float(expected), abs=1e-4)
