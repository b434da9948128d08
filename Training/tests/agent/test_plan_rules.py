"""The rules of plans, and what breaks them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from made import line, random_song, shipped_model, song, tool

from jamline_training.agent import plan_rules
from jamline_training.agent.plan_rules import BrokenRule, check, play, with_settings
from jamline_training.data.stream import stream_of


def tick(frame: int, time: int | None = None) -> str:
    fields = {"t": frame * 10 if time is None else time, "type": "tick", "frame": frame}
    return json.dumps(fields, separators=(",", ":"))


def plan(frame: int, commit: int, *chords: tuple[int, int, str], **changes: object) -> str:
    fields = {"t": frame * 10, "type": "plan", "frame": frame, "rev": frame + 1, "commit": commit}
    fields |= {"until": chords[-1][1] if chords else frame, "melody": []}
    fields |= {"chords": [{"from": a, "to": b, "chord": name} for a, b, name in chords]}
    return json.dumps({**fields, **changes})


KEPT = [
    tick(0),
    plan(0, 2, (0, 2, "C"), (2, 4, "F")),
    # What is not committed may change; a chord that goes on begins where it began.
    tick(1),
    plan(1, 3, (0, 2, "C"), (2, 5, "G")),
    tick(2),
    plan(2, 3, (2, 3, "G"), (3, 6, "Am")),
]


def output(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def inputs(lines: list[str]) -> list[str]:
    return [line for line in lines if '"plan"' not in line]


def test_a_stream_that_keeps_the_rules() -> None:
    kept = check(inputs(KEPT), output(KEPT))
    assert (kept.lines, kept.plans, kept.commit) == (6, 3, 3)


@pytest.mark.parametrize(
    ("place", "changed", "message"),
    [
        (3, plan(1, 3, (0, 1, "C"), (1, 5, "G")), "expected C as committed in frame 1, found G"),
        (3, plan(1, 3, (0, 2, "Am"), (2, 5, "G")), "expected C as committed in frame 0, found Am"),
        (5, plan(2, 3, (2, 6, "F")), "expected G as committed in frame 2, found F"),
        (5, plan(2, 2, (2, 6, "G")), "expected commit from 3 on, found 2"),
        (3, plan(1, 3, (1, 2, "C"), (3, 5, "G")), "expected a chord from frame 2 on"),
        (3, plan(1, 3, (1, 3, "C"), (2, 5, "G")), "expected a chord from frame 3 on"),
        (3, plan(1, 3, (1, 1, "C"), (1, 5, "C")), "expected a chord from frame 1 on"),
        (3, plan(1, 3, (2, 5, "G")), "expected a chord from frame 1 on"),
        (3, plan(1, 3, (1, 5, "C"), until=6), "expected chords up to 6, found them up to 5"),
        (3, plan(1, 3, until=5), "expected chords up to 5, found them up to 1"),
        (3, plan(1, 6, (1, 5, "C")), "expected frame, commit, until in order, found (1, 6, 5)"),
        (3, plan(1, 3, (1, 5, "C"), rev=3), "expected rev 2, found 3"),
        (3, plan(1, 3, (1, 5, "C"), t=11), "expected a plan for (1, 10) (frame, t), found (1, 11)"),
        (3, plan(0, 3, (1, 5, "C"), t=10), "expected a plan for (1, 10) (frame, t), found (0, 10)"),
        (3, plan(1, 3, (1, 5, "C"), x="x" * 4096), "expected 4096 bytes at most"),
        (4, tick(2, time=9), "expected t from 10 on, found 9"),
        (4, '{"t":20,"type":"tick","frame":2,"x":1}', "expected the input's"),
        (4, "{", "expected JSON"),
    ],
)
def test_broken_rules(place: int, changed: str, message: str) -> None:
    lines = [*KEPT[:place], changed, *KEPT[place + 1 :]]
    with pytest.raises(BrokenRule) as error:
        check(inputs(KEPT), output(lines))
    assert error.value.line == place + 1
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (KEPT[:-2], "to follow, found the end"),
        ([*KEPT, KEPT[-1]], "expected a plan for None"),
        ([*KEPT, tick(3)], "expected the input's None"),
    ],
)
def test_what_is_missing_or_too_much(lines: list[str], message: str) -> None:
    with pytest.raises(BrokenRule, match=message):
        check(inputs(KEPT), output(lines))


def test_half_a_line_at_the_end() -> None:
    with pytest.raises(BrokenRule, match="line 6: expected a newline"):
        check(inputs(KEPT), output(KEPT)[:-1])


def test_settings_are_inserted_by_seed() -> None:
    plain = list(stream_of(random_song(1, beats=200), 800))
    changed, again, other = (list(with_settings(plain, seed)) for seed in (1, 1, 2))
    assert changed == again != other
    added = [json.loads(line) for line in changed if '"set"' in line]
    assert [line for line in changed if '"set"' not in line] == plain
    assert 10 < len(added) < 45
    assert {record["name"] for record in added} == {"commit", "lookahead"}
    assert all(0 <= record["value"] <= 8 for record in added)


# Plans one chord, from the beginning of the song up to the frame at hand.
AGENT = """#!{python} -S
import json, sys
for line in sys.stdin:
    print(line, end="")
    record = json.loads(line)
    if record["type"] == "tick":
        frame = record["frame"]
        chords = [{{"from": 0, "to": frame + 1, "chord": {chord}}}]
        plan = {{"t": record["t"], "type": "plan", "frame": frame, "rev": frame + 1}}
        print(json.dumps({{**plan, "commit": frame + 1, "until": frame + 1, "chords": chords}}))
"""


@pytest.mark.parametrize(
    ("chord", "status", "said"),
    [
        ('"C"', 0, "2 songs, 148 records, 68 plans: every rule kept"),
        (
            '"C" if frame < 3 else "G"',
            1,
            "made (plain, seed 1000): line 10: expected C as committed in frame 0, found G",
        ),
        ("1 / 0", 1, "made (plain, seed 1000): exit status 1: "),
    ],
)
def test_the_command_names_the_first_broken_rule(
    chord: str,
    status: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    agent, songs = tmp_path / "agent", tmp_path / "made.test.jsonl"
    agent.write_text(AGENT.format(python=sys.executable, chord=chord))
    agent.chmod(0o755)
    songs.write_text(2 * (line(song([(0, 1, 60)], [(0, 8, "C")])) + "\n"))
    words = ["plan_rules", "--agent", str(agent), "--beats=4", str(songs)]
    monkeypatch.setattr(sys, "argv", words)
    assert plan_rules.main() == status
    out, err = capsys.readouterr()
    assert said in (err if status else out)


def test_the_agent_keeps_the_rules() -> None:
    command = [tool("jam-agent"), "--model", str(shipped_model())]
    made = random_song(2, beats=6)
    records, plans = play(command, made, seed=1, beats=5)
    assert records > plans == 2 * 21
