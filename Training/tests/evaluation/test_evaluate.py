"""The whole evaluation, with a stand-in for the agent: sessions, figures, table, plots."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from made import line, random_song, song
from stand_in import made_agent

from jamline_training.agent.sessions import Entry
from jamline_training.data.files import claimed
from jamline_training.data.takes import take_of
from jamline_training.evaluation import card, evaluate, report
from jamline_training.evaluation.bootstrap import Estimate
from jamline_training.evaluation.curve_tables import curve_tables
from jamline_training.evaluation.evaluate import plain
from jamline_training.evaluation.metrics import FIGURES
from jamline_training.evaluation.report import (
    ALL,
    FEW,
    HUMAN,
    LATER,
    LEAST_TESTED,
    POOLED,
    POOLED_TEST,
    after_listening,
    two_sample_results,
)
from jamline_training.evaluation.table import cell, table

NAN = float("nan")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which an evaluation was run to its end."""
    folder = tmp_path_factory.mktemp("evaluation")
    for at, name in enumerate(("one.test", "two.test", "three.ood", "one.train")):
        songs = [random_song(20 * at + n, beats=36, name=f"{name} {n}") for n in range(7)]
        (folder / f"{name}.jsonl").write_text("".join(line(made) + "\n" for made in songs))
    (folder / "model").write_text("made")
    run(folder, "--songs=6", "--few=2")
    return folder


def run(folder: Path, *options: str) -> None:
    files = [
        "--corpus",
        str(folder),
        "--out",
        str(folder / "out"),
        "--model",
        str(folder / "model"),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["evaluate", *files, "--agent", made_agent(folder), *options])
        patch.setattr(report, "LEAST_TESTED", 12)
        evaluate.main()


def figures(out: Path) -> dict:
    return json.loads((out / "out" / "figures.json").read_text())


def test_it_writes_a_table_figures_and_plots(out: Path) -> None:
    written = {path.name for path in (out / "out").iterdir()}
    plots = ("commit", "adaptation", "wait-and-see", "overview")
    assert written == {
        "claim", "sessions", "played.json", "figures.json", "table.md", "card.md",
        *(f"{plot}.{kind}" for plot in plots for kind in ("png", "svg")),
    }  # fmt: skip
    for plot in plots:
        assert (out / "out" / f"{plot}.png").read_bytes().startswith(b"\x89PNG")
        assert "<svg" in (out / "out" / f"{plot}.svg").read_text()


def test_every_scope_has_its_rows_and_the_human_beside_them(out: Path) -> None:
    rows = figures(out)["rows"]
    who = {
        scope: [row["who"] for row in rows if (row["scope"], row["set"]) == (scope, POOLED)]
        for scope in (ALL, FEW, LATER)
    }
    frame_by_frame = [
        "frame by frame, 1 hypothesis", "frame by frame, 1 hypothesis and the predictors",
        "frame by frame, 3 hypotheses",
    ]  # fmt: skip
    baselines = [
        "rule player, every beat", "rule player, every bar", "key finder", "hidden Markov model",
    ]  # fmt: skip
    assert who[ALL] == [*baselines, *frame_by_frame, HUMAN]
    assert who[FEW] == [
        *baselines, *frame_by_frame, "frame by frame, 3 hypotheses, no predictors",
        "frame by frame, the predictors alone", "wrong notes, 1 hypothesis",
        "wrong notes, 3 hypotheses",
        *(f"live, {label} committed" for label in ("1 frame", "1 beat", "2 beats", "4 beats")),
        HUMAN,
    ]  # fmt: skip
    assert who[LATER] == [*baselines, *frame_by_frame, "as shipped", HUMAN]
    sizes = {row["set"]: row["songs"] for row in rows if row["scope"] == ALL}
    assert sizes == {POOLED: 18, POOLED_TEST: 12, "one.test": 6, "three.ood": 6, "two.test": 6}
    assert {row["songs"] for row in rows if row["scope"] != ALL} == {2, 4, 6}


def row(out: Path, scope: str, who: str, set_name: str = POOLED) -> dict:
    rows = figures(out)["rows"]
    return next(r for r in rows if (r["scope"], r["who"], r["set"]) == (scope, who, set_name))


def test_figures_have_intervals_and_two_sample_tests(out: Path) -> None:
    agent = row(out, ALL, "frame by frame, 3 hypotheses")["figures"]
    assert set(agent) == {*FIGURES, "two-sample test, chords", "two-sample test, with melody"}
    # C sounds in every other frame.
    assert agent["silence over melody"][0] == pytest.approx(0.5, abs=0.03)
    assert agent["onsets per 4 beats"][0] == pytest.approx(8, abs=0.1)
    value, low, high = agent["note in chord"]
    assert low < value < high
    human = row(out, ALL, HUMAN)["figures"]
    assert human["root agreement"][0] == 1
    # Of nine pairs of songs.
    assert "two-sample test, chords" not in human
    assert "two-sample test, chords" not in row(out, ALL, "key finder", "one.test")["figures"]
    assert row(out, FEW, HUMAN, "one.test")["figures"]["note in chord"][1] is None


def test_after_listening_only_what_follows_is_measured(out: Path) -> None:
    before, after = (
        row(out, scope, "as shipped" if scope == LATER else HUMAN) for scope in (FEW, LATER)
    )
    assert after["songs"] == before["songs"] == 6
    entry = Entry("made.test", 0, song([(1, 1, 60), (3, 9, 62)], [(0, 12, "C")]))
    short = Entry("made.test", 1, song([(1, 2, 60)], [(0, 12, "C")]))
    takes = [(each, take_of(each.song, beats)) for each, beats in ((entry, 12), (short, 2))]
    # From the bar line after two beats from the first note on, which comes at beat 1; the second
    # song is over by then.
    later = after_listening(takes, silence=2)
    assert [(take.song, take.first, len(take)) for _, take in later] == [("made", 16, 32)]


def test_the_human_is_compared_with_other_songs() -> None:
    takes = [take_of(random_song(seed, beats=4)) for seed in range(2 * LEAST_TESTED + 1)]
    with pytest.MonkeyPatch.context() as patch:
        seen = []
        patch.setattr(
            report, "two_sample_test", lambda human, theirs, melody: seen.append((human, theirs))
        )
        two_sample_results(HUMAN, takes)
        human, theirs = seen[0]
        assert (len(human), len(theirs)) == (LEAST_TESTED, LEAST_TESTED)
        assert human[0].pitch is takes[1].pitch and theirs[0].pitch is takes[0].pitch
        two_sample_results("agent", takes)
        human, theirs = seen[-1]
        assert theirs is takes and human[3].pitch is takes[3].pitch
        assert not two_sample_results("agent", takes[: LEAST_TESTED - 1])


def test_curves(out: Path) -> None:
    found = figures(out)
    assert list(found["adaptation"]) == [
        "moved, frame by frame, 1 hypothesis", "moved, frame by frame, 3 hypotheses", "moved, live",
        HUMAN,
    ]  # fmt: skip
    songs = [curve["songs"] for curve in found["adaptation"].values()]
    assert songs == [18, 18, 6, 18]
    assert all(len(curve["by beat"]) == 32 for curve in found["adaptation"].values())
    assert {len(curve["by beat"]) for curve in found["wait and see"].values()} == {32}
    assert list(found["wait and see"])[0] == HUMAN


def test_a_step_can_be_done_again_alone(out: Path) -> None:
    played = (out / "options").read_bytes()
    names = ("figures.json", "table.md", "card.md", "overview.svg", "commit.png")
    before = [(out / "out" / name).read_bytes() for name in names]
    for name in names:
        (out / "out" / name).unlink()
    run(out, "--only=figures", "--only=draw")
    assert [(out / "out" / name).read_bytes() for name in names] == before
    assert (out / "options").read_bytes() == played


def test_what_it_writes_as_a_table_it_prints(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(out, "--only=draw")
    path = out / "out" / "table.md"
    written = path.read_text()
    assert capsys.readouterr().out == f"{written}\n{path}\n"
    # The moved, and who is followed from a cold start.
    assert written == f"{table(figures(out))}\n{curve_tables(figures(out))}"
    assert written.count("\n| live | 6 |") == 1
    assert written.count("\n| key finder | 18 |") == 1


def test_the_card_has_the_main_rows(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card, "SETS", ("one.test", "two.test"))
    by_set, by_commit = card.card(figures(out)).split("\n\n")
    cells = [[part.strip() for part in text.strip("|").split("|")] for text in by_set.splitlines()]
    assert [row[:2] for row in cells[2:8]] == [
        ["one.test", who]
        for who in ("1 hypothesis", "1 hypothesis and the predictors", "3 hypotheses",
                    "hidden Markov model", "rule player, every beat", HUMAN)
    ]  # fmt: skip
    assert len(cells) == 14 and cells[-1][:4] == ["two.test", HUMAN, cells[-1][2], "1.000"]
    rows = [text.strip("|").split("|")[0].strip() for text in by_commit.splitlines()]
    assert rows[0] == "6 songs of all sets" and rows[-1] == HUMAN
    assert rows[2:8] == [
        "frame by frame, 3 hypotheses", "frame by frame, 3 hypotheses, no predictors",
        "frame by frame, 1 hypothesis and the predictors",
        "frame by frame, the predictors alone",
        "frame by frame, 1 hypothesis", "wrong notes, 3 hypotheses",
    ]  # fmt: skip


def test_the_table_has_all_rows(out: Path) -> None:
    report = figures(out)
    heading, _, *lines = table(report).splitlines()
    assert len(lines) == len(report["rows"])
    columns = [column.strip() for column in heading.strip("|").split("|")]
    assert columns == [
        "songs",
        "set",
        "who",
        "n",
        *FIGURES,
        "two-sample test, chords",
        "two-sample test, with melody",
    ]
    assert all(len(text.split("|")) == len(heading.split("|")) for text in lines)
    assert [text.split("|")[2].strip() for text in lines[:7]] == [POOLED] * 7


@pytest.mark.parametrize(
    ("name", "estimate", "expected"),
    [
        ("note in chord", (0.12345, 0.1, 0.16), "0.123 ±0.030"),
        ("pitch classes", Estimate(3.456, NAN, NAN), "3.46"),
        ("note in chord", [0.5, None, None], "0.500"),
        ("note in chord", (NAN, NAN, NAN), "–"),
        ("note in chord", None, "–"),
        ("root agreement", (1, 1, 1), "1.000"),
    ],
)
def test_cells(name: str, estimate: list | None, expected: str) -> None:
    assert cell(name, estimate) == expected


def test_what_is_unknown_is_null() -> None:
    assert plain({"a": [Estimate(1, NAN, 2)], "b": "c"}) == {"a": [[1, None, 2]], "b": "c"}


def test_without_an_agent_nothing_is_played(tmp_path: Path, out: Path) -> None:
    message = "^evaluate: cannot have the songs played to: no/agent: expected an agent to run"
    with pytest.raises(SystemExit, match=message):
        run(out, "--only=play", "--agent=no/agent", f"--out={tmp_path}")
    assert not list(tmp_path.iterdir())


def test_the_humans_figures_over_whole_songs(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["evaluate", "--human", "--corpus", str(out)])
        evaluate.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("|")[1:4] == [" set ", " songs ", " note in chord "]
    assert [text.split("|")[1:3] for text in lines[2:]] == [
        [" one ", " 14 "], [" three ", " 7 "], [" two ", " 7 "],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--only=figures", "--out=OUT"], "take the figures: .*/played.json: No such file"),
        (["--only=draw", "--out=OUT"], "draw: .*/figures.json: No such file"),
        (["--only=play", "--model=no-model"], "have the songs played to: no-model: No such file"),
        (["--only=play", "--agent=false"], "have the songs played to: .*exit status 1"),
        (["--corpus=nowhere"], r"have the songs played to: nowhere: expected \*.test.jsonl"),
        (["--corpus=nowhere", "--human"], "take the human's figures: nowhere: expected SET.SPLIT"),
    ],
)
def test_what_is_not_there_is_said_in_a_line(
    tmp_path: Path, out: Path, options: list[str], message: str
) -> None:
    with pytest.raises(SystemExit, match=f"^evaluate: cannot {message}"):
        options = [option.replace("OUT", str(tmp_path)) for option in options]
        run(out, f"--out={tmp_path / 'out'}", *options)


def test_a_second_run_writes_nothing_while_the_first_one_plays(tmp_path: Path, out: Path) -> None:
    shutil.copytree(out / "out", tmp_path / "out")
    with claimed(tmp_path / "out"), pytest.raises(SystemExit, match="out: another run is playing"):
        run(out, "--songs=1", "--only=play", f"--out={tmp_path / 'out'}")
    played = [(folder / "out" / "played.json").read_bytes() for folder in (out, tmp_path)]
    assert played[0] == played[1]


def test_what_was_not_played_to_its_end_is_not_measured(tmp_path: Path, out: Path) -> None:
    """Rows of fewer songs would stand beside a human's of all of them."""
    shutil.copytree(out / "out", tmp_path / "out")
    sessions = next((tmp_path / "out" / "sessions").glob("live-2-beats-committed.*"))
    lines = sessions.read_text().splitlines(keepends=True)
    sessions.write_text("".join(lines[:-1]))
    options = [f"--out={tmp_path / 'out'}", "--only=figures"]
    with pytest.raises(SystemExit, match='6 songs, found 1 of them missing ."live, 2 beats'):
        run(out, *options)
    sessions.write_text("".join(lines))
    played = tmp_path / "out" / "played.json"
    played.write_text(played.read_text().replace('"version": 2', '"version": 1'))
    with pytest.raises(SystemExit, match="played.json: expected version 2"):
        run(out, *options)
    shutil.copy(out / "out" / "played.json", played)
    played.write_text(played.read_text().replace('"times_few"', '"times"'))
    with pytest.raises(SystemExit, match="played.json: expected a setting .*: have it played ag"):
        run(out, *options)


def test_defaults_are_chosen_by_other_songs(tmp_path: Path) -> None:
    for split in ("valid", "test"):
        made = [random_song(n, beats=8, name=f"{split} {n}") for n in range(2)]
        (tmp_path / f"one.{split}.jsonl").write_text("".join(line(each) + "\n" for each in made))
    (tmp_path / "one.train.jsonl").write_text(line(made[0]) + "\n")
    (tmp_path / "model").write_text("made")
    run(tmp_path, "--split=valid", "--only=play")
    run(tmp_path, "--only=figures")
    assert {row["set"] for row in figures(tmp_path)["rows"]} == {POOLED, "one.valid"}
