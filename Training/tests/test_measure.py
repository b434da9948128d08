"""Measuring, with an agent of a few lines in the place of the real one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from made import corpus, line, song

from jamline_training import measure
from jamline_training.corpus import read_file
from jamline_training.measure import figures_of
from jamline_training.playing import agent_chords, takes_with
from jamline_training.takes import take_of

# Promises C in even frames and nothing in odd ones, and writes down its seed.
AGENT = """
import json, sys
print(sys.argv[-1], file=open(sys.argv[1], "a"))
for line in sys.stdin:
    print(line, end="")
    record = json.loads(line)
    if record["type"] == "tick":
        frame = record["frame"]
        chord = {"from": frame, "to": frame + 1, "chord": "N" if frame % 2 else "C"}
        plan = {"t": record["t"], "type": "plan", "frame": frame, "commit": frame + 1}
        print(json.dumps({**plan, "until": frame + 1, "chords": [chord]}))
"""


@pytest.fixture
def agent(tmp_path: Path) -> list[str]:
    (tmp_path / "agent.py").write_text(AGENT)
    return [sys.executable, "-S", str(tmp_path / "agent.py"), str(tmp_path / "seeds")]


SONGS = [
    song([(0, 1, 60), (1, 1, 62)], [(0, 1, "C"), (1, 1, "Dm")]),
    song([(0, 2, 64)], [(0, 4, "Am7")], name="longer"),
]


def test_agent_chords(agent: list[str]) -> None:
    assert agent_chords(agent, SONGS[0], 6) == ["C", "N"] * 3


def test_songs_are_played_each_with_a_seed_of_its_own(agent: list[str], tmp_path: Path) -> None:
    takes = takes_with(agent, SONGS, beats=2, seed=3, jobs=2)
    assert [take.song for take in takes] == ["made", "longer"]
    assert [take.chords for take in takes] == [["C", "N"] * 4] * 2
    assert takes[0].human == ["C"] * 4 + ["Dm"] * 4
    assert sorted((tmp_path / "seeds").read_text().split()) == ["3000", "3001"]


def test_an_agent_that_fails_is_named_with_its_song() -> None:
    command = [sys.executable, "-S", "-c", "import sys; sys.exit('no model')"]
    with pytest.raises(RuntimeError, match="longer: .*: no model"):
        takes_with(command, SONGS[1:], beats=2, seed=1, jobs=1)


def test_the_command_prints_a_table(
    agent: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    songs = tmp_path / "made.test.jsonl"
    songs.write_text("".join(line(made) + "\n" for made in SONGS))
    script = tmp_path / "agent"
    words = " ".join(f"'{word}'" for word in agent)
    script.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/options\nexec {words} "$@"\n')
    script.chmod(0o755)
    options = ["--agent", str(script), "--beats=2", "--agent-option=silence=8", str(songs)]
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
    assert given.startswith("--commit 0 --silence 8 --temperature 1 --lookahead 0.25 --seed 100")


def test_an_option_without_a_value_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["measure", "--agent-option=silence", "x.jsonl"])
    with pytest.raises(SystemExit):
        measure.main()
    assert 'expected OPTION=VALUE, found "silence"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "note_in_chord", "pitch_classes"),
    [
        ("openewld", 0.779, 3.59),
        ("nottingham", 0.789, 3.24),
        ("rs200", 0.638, 3.05),
    ],
)
def test_human_figures_are_those_that_the_corpus_states(
    name: str, note_in_chord: float, pitch_classes: float
) -> None:
    """Over all songs of a set, whatever their split."""
    paths = sorted(corpus().glob(f"{name}.*.jsonl"))
    figures = figures_of([take_of(made) for path in paths for made in read_file(path)])
    assert figures["note in chord"].value == pytest.approx(note_in_chord, abs=0.01)
    assert figures["pitch classes"].value == pytest.approx(pitch_classes, abs=0.1)
