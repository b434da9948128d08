"""Measuring an agent on files of songs."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from itertools import product
from pathlib import Path
from types import ModuleType

import pytest
from made import corpus, line, song
from stand_in import made_agent

from jamline_training.agent import plan_rules
from jamline_training.agent.playing import agent_chords, seed_of, takes_with
from jamline_training.data.corpus import read_file
from jamline_training.data.takes import take_of
from jamline_training.errors import AgentError
from jamline_training.evaluation import evaluate, measure
from jamline_training.evaluation.metrics import Measured

SONGS = [
    song([(0, 1, 60), (1, 1, 62)], [(0, 1, "C"), (1, 1, "Dm")]),
    song([(0, 2, 64)], [(0, 4, "Am7")], name="longer"),
]


def test_agent_chords(tmp_path: Path) -> None:
    assert agent_chords([made_agent(tmp_path)], SONGS[0], 6) == ["C", "N"] * 3


def test_songs_are_played_each_with_a_seed_of_its_own(tmp_path: Path) -> None:
    takes = takes_with([made_agent(tmp_path)], "made.test", SONGS, beats=2, seed=3, jobs=2)
    assert [take.song for take in takes] == ["made", "longer"]
    assert [take.chords for take in takes] == [["C", "N"] * 4] * 2
    assert takes[0].human == ["C"] * 4 + ["Dm"] * 4
    seeds = set((tmp_path / "options").read_text().splitlines())
    assert seeds == {f"--seed {seed_of('made.test', number, 3)}" for number in range(2)}


def test_every_song_has_a_seed_of_its_own() -> None:
    asked = list(product(("a.test", "a.ood"), (0, 1), (1, 2)))
    seeds = {int(seed_of(*each)) for each in asked}
    assert len(seeds) == len(asked)
    assert all(0 <= seed < 2**53 for seed in seeds)


@pytest.mark.parametrize(
    ("agent", "songs", "reason"),
    [
        ("no/agent", [line(SONGS[0])], "no/agent: No such file or directory"),
        ("false", [line(SONGS[0])], "made: false .*"),
        ("false", ["{}"], 'made.test.jsonl:1: expected a song, found none of its "id"'),
        ("false", None, ".*made.test.jsonl: No such file or directory"),
    ],
)
def test_what_cannot_be_measured_is_said_in_a_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    agent: str,
    songs: list[str] | None,
    reason: str,
) -> None:
    path = tmp_path / "made.test.jsonl"
    if songs is not None:
        path.write_text("".join(f"{text}\n" for text in songs))
    monkeypatch.setattr(sys, "argv", ["measure", "--agent", agent, str(path)])
    with pytest.raises(SystemExit, match=f"^measure: cannot measure by {path}: .*{reason}"):
        measure.main()


def test_an_agent_that_fails_is_named_with_its_song() -> None:
    command = [sys.executable, "-S", "-c", "import sys; sys.exit('no model')"]
    with pytest.raises(RuntimeError, match="longer: .*: no model"):
        takes_with(command, "made.test", SONGS[1:], beats=2, seed=1, jobs=1)


def test_an_agent_that_stops_in_the_middle_has_not_rested(tmp_path: Path) -> None:
    """An agent that is stopped ends with 0."""
    cut_off = tmp_path / "cut-off"
    cut_off.write_text(f"#!/bin/sh\nhead -n 6 | {made_agent(tmp_path)}\n")
    cut_off.chmod(0o755)
    with pytest.raises(AgentError, match="longer: .*expected 8 committed frames, found"):
        agent_chords([str(cut_off)], SONGS[1], 8)


def test_the_command_prints_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    songs = tmp_path / "made.test.jsonl"
    songs.write_text("".join(line(made) + "\n" for made in SONGS))
    options = ["--agent", made_agent(tmp_path), "--beats=2", "--agent-option=silence=8", str(songs)]
    monkeypatch.setattr(sys, "argv", ["measure", *options])
    measure.main()
    heading, _, *rows = capsys.readouterr().out.splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in (heading, *rows)]
    played, human = (dict(zip(cells[0], row, strict=True)) for row in cells[1:])
    # C over C, D and E in eight frames of sixteen; the human's roots are C, D and A.
    assert (played["set"], played["who"], human["who"]) == ("made.test", "agent", "human")
    assert (played["note in chord"], human["note in chord"]) == ("0.750", "1.000")
    assert (played["silence over melody"], human["silence over melody"]) == ("0.500", "0.000")
    assert (played["root agreement"], human["root agreement"]) == ("0.250", "1.000")
    assert (played["onsets per 4 beats"], human["onsets per 4 beats"]) == ("8.00", "3.00")
    assert (played["distinct bigrams"], human["changes per 4 beats"]) == ("–", "1.00")
    given = (tmp_path / "options").read_text().splitlines()[0]
    assert given.startswith("--commit 0 --silence 8 --temperature 1 --lookahead 1.5 --seed ")


def test_an_option_without_a_value_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["measure", "--agent-option=silence", "x.jsonl"])
    with pytest.raises(SystemExit):
        measure.main()
    assert 'expected OPTION=VALUE, found "silence"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "note_in_chord", "pitch_classes"),
    [("nottingham", 0.789, 3.24), ("rs200", 0.638, 3.05)],
)
def test_human_figures_are_those_that_the_corpus_states(
    name: str, note_in_chord: float, pitch_classes: float
) -> None:
    """Over all songs of a set, whatever their split."""
    paths = sorted(corpus().glob(f"{name}.*.jsonl"))
    counts = Measured([take_of(made) for path in paths for made in read_file(path)]).counts
    total = {count: counts[count].sum() for count in counts}
    assert total["in_chord"] / total["both"] == pytest.approx(note_in_chord, abs=0.01)
    assert total["pitch_classes"] / total["onsets"] == pytest.approx(pitch_classes, abs=0.02)


@pytest.mark.parametrize("command", [evaluate, measure, plan_rules])
def test_the_agent_is_the_one_that_was_built_here(
    command: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {}

    def parse_args(parser: ArgumentParser) -> None:
        asked["agent"] = parser.get_default("agent")
        raise SystemExit

    monkeypatch.setattr(ArgumentParser, "parse_args", parse_args)
    with pytest.raises(SystemExit):
        command.main()
    assert asked == {"agent": ".build/release/jam-agent"}
