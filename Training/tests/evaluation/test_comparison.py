"""What models are compared by."""

from collections import Counter

import numpy as np
import pytest
import torch
from made import lively, random_song

from jamline_training.data.batches import collate
from jamline_training.data.chord_vocabulary import ChordVocabulary
from jamline_training.data.frames import QUALITIES, frames_of
from jamline_training.data.takes import take_of_frames
from jamline_training.evaluation.comparison import counted, figures_of, measured, nats_of
from jamline_training.evaluation.metrics import counts_of
from jamline_training.network.generate import accompany
from jamline_training.training.losses import losses

VOCABULARY = ChordVocabulary(QUALITIES)


def songs(count: int = 3) -> list:
    return [random_song(seed, beats=8 + 2 * seed) for seed in range(count)]


def test_human_chords_agree_with_themselves() -> None:
    for made in songs():
        frames = frames_of(made, VOCABULARY)
        spelled = np.stack([frames.root, frames.quality, frames.bass], -1)
        own = figures_of(counts_of(take_of_frames(VOCABULARY, frames, spelled)))
        assert own["root agreement"] == 1
        other = np.where(spelled[:, :1] < 12, (spelled + [1, 0, 0]) % [12, 99, 99], spelled)
        others = figures_of(counts_of(take_of_frames(VOCABULARY, frames, other)))
        assert others["root agreement"] == 0
        assert others["onsets per 4 beats"] == own["onsets per 4 beats"] > 0


@torch.no_grad()
def test_nats_are_those_of_the_loss() -> None:
    model = lively()
    frames = [frames_of(made, VOCABULARY) for made in songs()]
    nats = nats_of(model, frames)
    count = sum(map(len, frames))
    for name, value in losses(model, collate([(h, 0) for h in frames], 96)).items():
        assert nats[name] == pytest.approx(value.item() / count, rel=1e-4), name
    assert nats["frames"] == count
    assert nats["chords"] == sum(int(h.chord_onset.sum()) for h in frames)


def test_it_reads_what_was_played_and_is_measured_by_what_was_meant() -> None:
    model = lively()
    given, meant = (frames_of(random_song(seed, beats=8), VOCABULARY) for seed in (2, 1))
    assert len(given) >= len(meant)
    played = accompany(model, [given], 1.0, seed=1000)[0]
    expected = counts_of(take_of_frames(VOCABULARY, meant, played))
    assert expected["compared"] > 0
    assert counted(model, [given], [meant]) == expected
    assert counted(model, [given], [given]) != expected


def test_sets_add_up_to_all() -> None:
    model = lively()
    made = songs(4)
    result = measured(model, {"first": made[:2], "second": made[2:]})
    assert set(result) == {"first", "second", "all"}
    frames = {name: part["nats"]["frames"] for name, part in result.items()}
    assert frames["all"] == frames["first"] + frames["second"]
    total = sum(frames[n] * result[n]["nats"]["total"] for n in ("first", "second"))
    assert result["all"]["nats"]["total"] == pytest.approx(total / frames["all"], rel=1e-4)
    assert set(result["all"]["played"]) == set(figures_of(Counter()))
