"""Ways in which votes become chords, compared on the same votes."""

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
from jamline_training.reference.consensus import NO_PREDICTION
from jamline_training.reference.harmony_tracker import AgentSettings
from jamline_training.reference.votes import Votes
from jamline_training.reference.whole_agent import play_along
from jamline_training.studies import consensus_choices
from jamline_training.studies.consensus_choices import FrameVotes, Way, chords_by, tracked

VOCABULARY = ChordVocabulary(QUALITIES)
C, D, F_SHARP, G = (0, 0, 0), (2, 0, 0), (6, 0, 0), (7, 0, 0)


@pytest.mark.parametrize(("hypotheses", "melody_only"), [(4, 0.8), (4, 0.0), (4, 1.0), (1, 0.8)])
def test_the_way_that_the_agent_takes_plays_what_the_agent_plays(
    hypotheses: int, melody_only: float
) -> None:
    model, song = load(shipped_model()), random_song(3, beats=12)
    settings = AgentSettings(hypotheses, seed=5, melody_only=melody_only, lookahead=6)
    with torch.no_grad():
        votes = tracked(model, song, settings)
    chords = chords_by(Way("as it is", melody_only), votes, VOCABULARY)
    assert chords == play_along(model, song, votes.length, settings)
    assert len(set(chords)) > 2


def test_the_default_share_is_the_agents() -> None:
    manual = (Path(__file__).parents[3] / "man" / "jam-agent.1").read_text()
    found = re.search(r"It Fl -melody-only .*?The default is ([0-9.]+)\.\n", manual, re.S)
    assert found and Way("").melody_only == float(found[1])


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        (Way("", melody_only=0.0), {C: 0.5, F_SHARP: 0.5}),
        (Way("", melody_only=1.0), {C: 0.45, D: 0.45, G: 0.1}),
        (Way("", melody_only=1.0, long_contexts=1), {C: 0.9, G: 0.1}),
        (Way("", melody_only=1.0, short_share=0.5), {C: 0.25, D: 0.25, G: 0.5}),
        (Way("", melody_only=1.0, short_share=0.0, long_contexts=1), {C: 1.0}),
        (Way("", melody_only=0.5), {C: 0.475, F_SHARP: 0.25, D: 0.225, G: 0.05}),
    ],
)
def test_votes_are_shared_out(way: Way, expected: Votes) -> None:
    votes = FrameVotes(
        {C: 0.5, F_SHARP: 0.5}, [{C: 1.0}, {D: 1.0}], {G: 1.0}, 0.1, list(NO_PREDICTION), 0.0
    )
    assert votes.counted(way) == pytest.approx(expected)


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    songs = [random_song(seed, beats=8) for seed in range(2)]
    folder = write_corpus(tmp_path, songs, songs)
    words = ["--model", str(shipped_model()), "--hypotheses", "2", "--songs", "1"]
    monkeypatch.setattr(
        sys, "argv", ["consensus_choices", *words, str(folder / "made.valid.jsonl")]
    )
    consensus_choices.main()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + len(consensus_choices.WAYS) + 1
    assert lines[2].startswith("| as it is | 0.")
    assert lines[-1].startswith("| human | ") and " | 1.000 | " in lines[-1]
