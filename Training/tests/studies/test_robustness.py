"""Models against melodies as people play them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from made import lively, random_song, write_corpus

from jamline_training.data.chord_vocabulary import ChordVocabulary
from jamline_training.data.frames import QUALITIES
from jamline_training.studies import robustness
from jamline_training.studies.robustness import RENDITIONS, Rendition, measure, renditions
from jamline_training.training.export import export

VOCABULARY = ChordVocabulary(QUALITIES)
SONGS = [random_song(seed, beats=32) for seed in range(3)]
MOVED = "another key after 16 beats"


@pytest.mark.parametrize("condition", RENDITIONS)
def test_what_was_meant_stays_what_it_was(condition: str) -> None:
    taken = renditions(SONGS, VOCABULARY, condition, seed=1)
    clean = renditions(SONGS, VOCABULARY, "clean", seed=1)
    again = renditions(SONGS, VOCABULARY, condition, seed=1)
    for take, original, repeated in zip(taken, clean, again, strict=True):
        assert np.array_equal(take.played.melody, repeated.played.melody)
        same_melody = np.array_equal(take.played.melody, original.played.melody)
        assert same_melody == (condition == "clean")
        assert np.array_equal(take.played.root, take.meant.root)
        meant_as_was = np.array_equal(take.meant.root, original.meant.root)
        assert meant_as_was == (condition != MOVED)
        if condition == MOVED:
            assert np.array_equal(take.meant.root[:64], original.meant.root[:64])


def test_a_model_is_measured_by_what_was_meant() -> None:
    model = lively()
    wrong = renditions(SONGS, VOCABULARY, "wrong notes (10%)", 3)
    clean = [Rendition(p.meant, p.meant) for p in wrong]
    played_clean_meant_wrong = [Rendition(p.meant, p.played) for p in wrong]
    nats, figures = measure(model, clean)
    assert nats != measure(model, wrong)[0]
    # What was played decides the chords; what was meant decides their figures.
    assert measure(model, played_clean_meant_wrong)[0] == nats
    assert measure(model, played_clean_meant_wrong)[1]["note in chord"] != figures["note in chord"]


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    export(lively(), None, tmp_path / "made.safetensors")
    write_corpus(tmp_path, SONGS, SONGS)
    words = ["--corpus", str(tmp_path), "--model", str(tmp_path / "made.safetensors")]
    monkeypatch.setattr(sys, "argv", ["robustness", *words, "--songs", "1"])
    robustness.main()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + len(RENDITIONS)
    assert lines[2].startswith("| clean | made | ")
    columns = lines[0].strip("| ").split(" | ")
    assert columns[3:6] == ["note in chord", "silence over melody", "pitch classes"]
    assert all(line.count("|") == lines[0].count("|") for line in lines)
