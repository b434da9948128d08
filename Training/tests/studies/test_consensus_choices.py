"""Ways of agreeing on chords, compared on votes that are taken once."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import torch
from made import random_song, shipped_model, write_corpus

from jamline_training.data.chord_vocabulary import ChordVocabulary
from jamline_training.data.frames import QUALITIES
from jamline_training.network.model_file import load
from jamline_training.reference.consensus import UNKNOWN, Votes
from jamline_training.reference.harmony_tracker import Listening
from jamline_training.reference.whole_agent import play_along
from jamline_training.studies import consensus_choices
from jamline_training.studies.consensus_choices import Ballot, Way, agreed, heard

VOCABULARY = ChordVocabulary(QUALITIES)
C, D, F_SHARP, G = (0, 0, 0), (2, 0, 0), (6, 0, 0), (7, 0, 0)


@pytest.mark.parametrize(("hypotheses", "ear"), [(4, 0.8), (4, 0.0), (4, 1.0), (1, 0.8)])
def test_the_way_that_the_agent_takes_plays_what_the_agent_plays(
    hypotheses: int, ear: float
) -> None:
    model, song = load(shipped_model()), random_song(3, beats=12)
    listening = Listening(hypotheses, seed=5, ear=ear, lookahead=6)
    with torch.no_grad():
        votes = heard(model, song, listening)
    chords = agreed(votes, Way("as it is", ear), VOCABULARY)
    assert chords == play_along(model, song, votes.length, listening)
    assert len(set(chords)) > 2


def test_the_ears_have_their_share() -> None:
    manual = (Path(__file__).parents[3] / "man" / "jam-agent.1").read_text()
    told = re.search(r"It Fl -ear .*?The default is ([0-9.]+)\.\n", manual, re.S)
    assert told and Way("").ear == float(told[1])


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        (Way("", ear=0.0), {C: 0.5, F_SHARP: 0.5}),
        (Way("", ear=1.0), {C: 0.45, D: 0.45, G: 0.1}),
        (Way("", ear=1.0, elders=1), {C: 0.9, G: 0.1}),
        (Way("", ear=1.0, young=0.5), {C: 0.25, D: 0.25, G: 0.5}),
        (Way("", ear=1.0, young=0.0, elders=1), {C: 1.0}),
        (Way("", ear=0.5), {C: 0.475, F_SHARP: 0.25, D: 0.225, G: 0.05}),
    ],
)
def test_votes_are_shared_out(way: Way, expected: Votes) -> None:
    ballot = Ballot({C: 0.5, F_SHARP: 0.5}, [{C: 1.0}, {D: 1.0}], {G: 1.0}, 0.1, list(UNKNOWN), 0.0)
    assert ballot.counted(way) == pytest.approx(expected)


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    songs = [random_song(seed, beats=8) for seed in range(2)]
    folder = write_corpus(tmp_path, songs, songs)
    words = ["--model", str(shipped_model()), "--hypotheses", "2", "--songs", "1"]
    monkeypatch.setattr(sys, "argv", ["choices", *words, str(folder / "made.valid.jsonl")])
    consensus_choices.main()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + len(consensus_choices.WAYS) + 1
    assert lines[2].startswith("| as it is | 0.")
    assert lines[-1].startswith("| human | ") and " | 1.000 | " in lines[-1]
