"""Recorded sessions, with a stand-in for the agent and with the real one."""

from __future__ import annotations

import fcntl
from dataclasses import replace
from pathlib import Path

import pytest
from made import line, random_song, shipped_model, song, tool
from stand_in import made_agent

from jamline_training.agent import sessions
from jamline_training.agent.playing import agent_chords, seed_of
from jamline_training.agent.sessions import (
    AgentFiles,
    entries_for,
    not_played,
    play,
    played_under,
    read_entries,
    read_sessions,
    sample,
    session_file,
    takes_of,
)
from jamline_training.agent.settings import Setting, committing, defaults_of, settings
from jamline_training.errors import CorpusError, SessionError

SETTING = Setting("made, of 2 words", {"commit": "0"}, beats=2)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    for name, songs in (("one.test", 3), ("two.ood", 2), ("two.train", 1)):
        made = [song([(0, 2, 60 + at)], [(0, 2, "C")], name=f"{name} {at}") for at in range(songs)]
        (tmp_path / f"{name}.jsonl").write_text("".join(line(one) + "\n" for one in made))
    return tmp_path


@pytest.fixture
def files(tmp_path: Path) -> AgentFiles:
    model = tmp_path / "made.safetensors"
    model.write_text("made")
    return AgentFiles(made_agent(tmp_path), model)


def runs(folder: Path) -> int:
    """How often the agent was run."""
    path = folder / "options"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_songs_of_test_and_ood_files(corpus: Path) -> None:
    entries = read_entries(corpus)
    assert [(entry.file, entry.number) for entry in entries] == [
        ("one.test", 0), ("one.test", 1), ("one.test", 2), ("two.ood", 0), ("two.ood", 1),
    ]  # fmt: skip
    assert [entry.file for entry in read_entries(corpus, ["train"])] == ["two.train"]
    with pytest.raises(CorpusError, match=r"expected \*.test.jsonl or \*.ood.jsonl there"):
        read_entries(corpus / "none")


def test_a_sample_is_some_of_each_file_and_in_every_larger_one(corpus: Path) -> None:
    entries = read_entries(corpus)
    samples = [sample(entries, songs) for songs in (1, 2, 3, None)]
    assert [len(chosen) for chosen in samples] == [2, 4, 5, 5]
    for fewer, more in zip(samples, samples[1:], strict=False):
        assert all(entry in more for entry in fewer)
    assert entries_for(replace(SETTING, times_few=2), entries, few=1) == samples[1]
    assert entries_for(replace(SETTING, times_few=None), entries, few=1) == entries


def test_each_song_is_played_once(corpus: Path, files: AgentFiles) -> None:
    entries = read_entries(corpus)
    path = play(files, SETTING, entries[:2], corpus / "sessions", jobs=1)
    assert path.name.startswith("made-of-2-words.") and runs(corpus) == 2
    assert play(files, SETTING, entries, corpus / "sessions", jobs=2) == path
    assert runs(corpus) == 5
    given = (corpus / "options").read_text().splitlines()
    assert given[0] == f"--model {files.model} --commit 0 --seed {seed_of('one.test', 0, 1)}"
    seeds = {options.split()[-1] for options in given}
    assert len(seeds) == 5, "songs of the same number in other files have other seeds, too"
    takes = list(takes_of(SETTING, entries, path))
    assert [entry for entry, _ in takes] == entries
    assert all(take.chords == ["C", "N"] * 4 for _, take in takes)


def test_a_run_that_was_broken_off_goes_on(corpus: Path, files: AgentFiles) -> None:
    entries = read_entries(corpus)
    path = play(files, SETTING, entries, corpus / "sessions", jobs=1)
    complete = path.read_bytes()
    broken = complete[: complete.rfind(b"{") + 20]
    path.write_bytes(broken)
    assert len(read_sessions(path)) == 4
    assert not_played(SETTING, entries, path) == entries[-1:]
    assert path.read_bytes() == broken, "who reads leaves the file as it is"
    play(files, SETTING, entries, corpus / "sessions", jobs=1)
    assert path.read_bytes() == complete and runs(corpus) == 6


@pytest.mark.parametrize(
    "changed", ["agent", "model", "setting", "song", "condition", "seed", "stream"]
)
def test_what_was_played_otherwise_is_not_used(
    corpus: Path, files: AgentFiles, changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries, setting = read_entries(corpus)[:1], replace(SETTING, beats=20)
    play(files, setting, entries, corpus / "sessions", jobs=1)
    if changed == "agent":
        with open(files.agent, "a") as agent:
            agent.write("# another\n")
    elif changed == "model":
        files.model.write_text("another")
    elif changed == "setting":
        setting = replace(setting, options={"commit": "1"})
    elif changed == "song":
        entries = [replace(entries[0], song=song([(0, 2, 67)], [(0, 2, "C")]))]
    elif changed == "condition":
        late = song([(0, 1, 60), (17, 1, 60)], [(0, 2, "C")])
        entries = [replace(entries[0], song=late)]
        play(files, setting, entries, corpus / "sessions", jobs=1)
        setting = replace(setting, condition="moved")
    elif changed == "seed":
        monkeypatch.setattr(sessions, "SEED", 2)
    elif changed == "stream":
        lines = sessions.stream_of
        monkeypatch.setattr(sessions, "stream_of", lambda *song: [*lines(*song), "{}"])
    before = runs(corpus)
    play(files, setting, entries, corpus / "sessions", jobs=1)
    assert runs(corpus) == before + 1


def test_two_runs_do_not_add_to_the_same_sessions(corpus: Path, files: AgentFiles) -> None:
    entries = read_entries(corpus)
    path = play(files, SETTING, entries[:1], corpus / "sessions", jobs=1)
    before = path.read_bytes()
    with open(path, "a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(SessionError, match="another run is adding to it"):
            play(files, SETTING, entries, corpus / "sessions", jobs=1)
        assert path.read_bytes() == before
    play(files, SETTING, entries, corpus / "sessions", jobs=1)
    assert len(read_sessions(path)) == 5


def test_other_names_for_the_same_setting_and_melody_are_other_files(files: AgentFiles) -> None:
    other = replace(SETTING, name="other")
    files = {session_file(Path("x"), files.identity(), setting) for setting in (SETTING, other)}
    assert len(files) == 2


def test_chords_to_wrong_notes_are_measured_with_the_right_ones() -> None:
    made = random_song(1, beats=200)
    wrong = replace(SETTING, condition="wrong notes", beats=64)
    given, take = played_under(wrong, made)
    assert given.melody != made.melody
    assert take.pitch.tolist() == played_under(replace(wrong, condition=""), made)[1].pitch.tolist()
    moved = replace(wrong, condition="moved")
    assert played_under(moved, made)[1].pitch.tolist() != take.pitch.tolist()


def test_settings_follow_from_the_agents_defaults(tmp_path: Path) -> None:
    defaults = defaults_of(made_agent(tmp_path))
    assert defaults == {"commit": "2.0", "lookahead": "2.5", "silence": "1.0", "hypotheses": "3"}
    made = {setting.name: setting for setting in settings(defaults)}
    assert made["as shipped"].options == {"commit": "2.0", "lookahead": "2.5"}
    assert made["frame by frame, 3 hypotheses"].times_few is None
    assert "hypotheses" not in made["frame by frame, 3 hypotheses"].options
    assert len(made) == len(settings(defaults))


def test_what_is_planned_beyond_the_next_beat_does_not_affect_commits() -> None:
    """With the real agent. The settings rely on this to save time."""
    command = [tool("jam-agent"), "--model", str(shipped_model()), "--silence", "2"]
    made = random_song(4, beats=10)
    for commit in ("0.25", "1", "2"):
        options = committing(commit, "4")
        short, long = (
            agent_chords([*command, "--commit", commit, "--lookahead", beats], made, 40)
            for beats in (options["lookahead"], "4")
        )
        assert short == long and len(set(short)) > 2
