"""Chords against how often they were seen."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from made import TINY, lively, random_song, song, write_corpus

from jamline_training.data.batches import collate
from jamline_training.data.chord_vocabulary import NO_ROOT, ChordVocabulary
from jamline_training.data.frames import QUALITIES, frames_of
from jamline_training.network.variants import Opaque
from jamline_training.studies import rare_chords
from jamline_training.studies.rare_chords import (
    Outcomes,
    binned,
    interval,
    joined,
    outcomes,
    plot,
    table,
    times_seen,
    types_of,
)
from jamline_training.training.export import export
from jamline_training.training.losses import losses

VOCABULARY = ChordVocabulary(QUALITIES)


def test_types_are_counted_whatever_their_root_where_they_begin() -> None:
    made = song([], [(0, 2, "C7"), (2, 2, "C7"), (4, 1, "N"), (5, 1, "F7"), (6, 1, "F7/C")])
    seventh = QUALITIES.index("7")
    counts = times_seen([made, made], VOCABULARY)
    assert counts == {(seventh, 0): 4, (seventh, 7): 2}


@pytest.mark.parametrize("network", ["spelled", "opaque"])
@torch.no_grad()
def test_probabilities_are_those_of_the_loss(network: str) -> None:
    model = lively() if network == "spelled" else Opaque(TINY).eval()
    made = frames_of(random_song(5), VOCABULARY)
    seen = Counter(types_of(made))
    found = outcomes(model, 3, made, seen)
    begins = (made.chord_onset == 1) & (made.root != NO_ROOT)
    assert len(found.right) == begins.sum()
    assert set(found.song) == {3}
    assert found.seen.sum() == sum(n * n for n in seen.values())
    # The loss has the roots of chords that are none, too: leave these out.
    made.chord_onset[made.root == NO_ROOT] = 0
    inputs_as_before = collate([(frames_of(random_song(5), VOCABULARY), 0)], len(made)).inputs
    batch = collate([(made, 0)], len(made))
    batch.inputs = inputs_as_before
    nats = losses(model, batch)
    whole = nats["root"] + nats["quality"] + nats["bass"]
    assert -np.log(found.probability).sum() == pytest.approx(whole.item(), rel=1e-4)
    given_root = nats["quality"] + nats["bass"]
    assert -np.log(found.of_type).sum() == pytest.approx(given_root.item(), rel=1e-4)
    assert ((found.probability > 0.5) <= found.right).all()
    assert ((found.of_type > 0.5) <= found.right_type).all()


def made_outcomes() -> Outcomes:
    seen = np.array([0, 2, 2, 50, 99, 100])
    right = np.array([0, 0, 1, 1, 1, 0], bool)
    return Outcomes(np.arange(6), seen, right * 0.5, right, right * 0.5, right)


def test_bins() -> None:
    rows = binned(made_outcomes())
    assert [(row["from"], row["chords"]) for row in rows] == [(0, 1), (1, 2), (30, 2), (100, 1)]
    assert [row["right"][0] for row in rows] == [0, 0.5, 1, 0]
    assert rows[1]["seen"] == pytest.approx(2)


def test_a_chord_that_several_models_are_asked_of_is_one_chord() -> None:
    other = replace(made_outcomes(), right=np.ones(6, bool))
    rows = binned(joined([made_outcomes(), other]), models=2)
    assert [row["chords"] for row in rows] == [1, 2, 2, 1]
    assert [row["right"][0] for row in rows] == [0.5, 0.75, 1, 0.5]


def test_intervals_are_over_songs() -> None:
    values = np.array([0.0] * 50 + [1.0] * 50)
    low, high = interval(values, np.arange(100))
    assert 0.38 < low < 0.46
    assert 0.54 < high < 0.62
    # Two songs, all of one kind each: anything could be.
    assert interval(values, values) == (0, 1)


def test_table_and_plot(tmp_path: Path) -> None:
    curves = {"spelled": binned(made_outcomes()), "opaque": binned(made_outcomes())}
    lines = table(curves).splitlines()
    assert len(lines) == 2 + 8
    assert lines[4].startswith("| 1–2 | opaque | 2 | 0.250 (")
    plot(curves, tmp_path / "rare")
    assert (tmp_path / "rare.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "rare.svg").read_text()


def test_the_command_asks_of_validation_songs_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    export(lively(), None, tmp_path / "made.safetensors")
    songs = [random_song(seed, beats=8) for seed in range(2)]
    write_corpus(tmp_path, songs, songs[:1])
    (tmp_path / "made.test.jsonl").write_text("none to be read")
    words = ["--corpus", str(tmp_path), "--model", str(tmp_path / "made.safetensors")]
    monkeypatch.setattr(sys, "argv", ["rare_chords", *words])
    rare_chords.main()
    alone = capsys.readouterr().out
    assert alone.startswith("| times seen | model | chords |")
    export(lively(), None, tmp_path / "other.safetensors")
    words += ["--model", str(tmp_path / "other.safetensors")]
    monkeypatch.setattr(sys, "argv", ["rare_chords", *words])
    rare_chords.main()
    printed = [text.splitlines()[2:] for text in (alone, capsys.readouterr().out)]
    counts = [[row.split(" | ")[2] for row in rows] for rows in printed]
    assert counts[0] == counts[1]
