"""Evaluation, with an agent of a few lines in the place of the real one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from made import corpus, line, song

from jamline_training import evaluate as evaluation
from jamline_training.chords import ChordVocabulary
from jamline_training.corpus import read_file
from jamline_training.evaluate import agent_chords, evaluate, human_chords
from jamline_training.frames import QUALITIES, frames_of
from jamline_training.metrics import Tally, tally

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


@pytest.mark.parametrize(
    ("chords", "expected"),
    [
        ([], "N N N N"),
        ([(0, 0.5, "C"), (0.5, 0.5, "G7")], "C C G7 G7"),
        ([(0.5, 4, "Am")], "N N Am Am"),
        ([(0, 0.1, "C")], "N N N N"),
    ],
)
def test_human_chords(chords: list[tuple[float, float, str]], expected: str) -> None:
    assert human_chords(song([], chords), 4) == expected.split()


def test_agent_chords(agent: list[str]) -> None:
    assert agent_chords(agent, SONGS[0], 6) == ["C", "N"] * 3


def test_figures_of_an_agent_and_of_the_humans(agent: list[str], tmp_path: Path) -> None:
    played, human = evaluate(agent, SONGS, beats=2, seed=3, jobs=2)
    # C over C, D and E in eight frames of sixteen; the human's roots are C, D and A.
    assert played == Tally(
        melody_frames=16, both_frames=8, in_chord_frames=6, chords=8, pitch_classes=24, frames=16,
        compared_frames=8, root_agreements=2,
    )  # fmt: skip
    assert human == Tally(
        melody_frames=16, both_frames=16, in_chord_frames=16, chords=3, pitch_classes=10, frames=16,
        compared_frames=16, root_agreements=16,
    )  # fmt: skip
    # Each song has a seed of its own.
    assert sorted((tmp_path / "seeds").read_text().split()) == ["3000", "3001"]


def test_an_agent_that_fails_is_named_with_its_song() -> None:
    command = [sys.executable, "-S", "-c", "import sys; sys.exit('no model')"]
    with pytest.raises(RuntimeError, match="longer: .*: no model"):
        evaluate(command, SONGS[1:], beats=2, seed=1, jobs=1)


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
    monkeypatch.setattr(sys, "argv", ["evaluate", *options])
    evaluation.main()
    assert capsys.readouterr().out.splitlines()[2:] == [
        "| made.test | agent | 0.750 | 0.500 | 3.00 | 8.00 | 0.250 |",
        "| made.test | human | 1.000 | 0.000 | 3.33 | 3.00 | 1.000 |",
    ]
    given = (tmp_path / "options").read_text().splitlines()[0]
    assert given.startswith("--commit 0 --silence 8 --temperature 1 --lookahead 0.25 --seed 100")


def test_an_option_without_a_value_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["evaluate", "--agent-option=silence", "x.jsonl"])
    with pytest.raises(SystemExit):
        evaluation.main()
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
    vocabulary = ChordVocabulary(QUALITIES)
    total = Tally()
    for path in sorted(corpus().glob(f"{name}.*.jsonl")):
        for made in read_file(path):
            pitch = frames_of(made, vocabulary).pitch
            human = human_chords(made, len(pitch))
            total += tally(pitch, human, human)
    assert total.note_in_chord == pytest.approx(note_in_chord, abs=0.01)
    assert total.pitch_classes_per_chord == pytest.approx(pitch_classes, abs=0.1)
