"""An expert's corpus: what the agent plays."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from made import line, random_song
from stand_in import made_agent

from jamline_training.agent import expert
from jamline_training.data.corpus import read_file


def test_chords_of_frames() -> None:
    assert expert.chords_of(["N", "C", "C", "Am", "N", "N", "G"]) == [
        (0.25, 0.5, "C"), (0.75, 0.25, "Am"), (1.5, 0.25, "G"),
    ]  # fmt: skip
    assert expert.chords_of([]) == expert.chords_of(["N"]) == []


def test_the_melodies_stay_and_the_chords_are_the_agents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    songs = [random_song(seed, beats=8) for seed in range(4)]
    (tmp_path / "made.train.jsonl").write_text("".join(line(song) + "\n" for song in songs))
    out = tmp_path / "out"
    options = ["--agent", made_agent(tmp_path), "--every", "2", "--beats", "4"]
    argv = ["expert", "--corpus", str(tmp_path), "--out", str(out), *options]
    monkeypatch.setattr(sys, "argv", argv)
    expert.main()
    made = list(read_file(out / "made.train.jsonl"))
    assert [song.id for song in made] == [song.id for song in songs[::2]]
    for before, after in zip(songs[::2], made, strict=True):
        assert after.melody == [note for note in before.melody if note[0] < 4]
        assert after.meter == before.meter
        # The stand-in commits C in even frames and no chord in odd ones.
        assert after.chords == [(frame / 4, 0.25, "C") for frame in range(0, 16, 2)]
    # What is there is not played again, and not mixed with anything else.
    played = (tmp_path / "options").read_text()
    expert.main()
    assert (tmp_path / "options").read_text() == played
    monkeypatch.setattr(sys, "argv", [*sys.argv, "--seed", "2"])
    with pytest.raises(SystemExit, match="cannot play to the corpus: .*expected what is asked for"):
        expert.main()
