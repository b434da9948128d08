"""Files that appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from jamline_training.data.files import claimed, write_json, written_whole


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "made.json"
    write_json(path, {"a": 0})
    inode = path.stat().st_ino
    write_json(path, {"a": 1})
    assert path.stat().st_ino != inode, "renamed, not written over"
    with pytest.raises(RuntimeError), written_whole(path) as beside:
        beside.write_text("half of")
        assert beside.parent == path.parent and path.read_text() == '{\n "a": 1\n}\n'
        raise RuntimeError
    assert path.read_text() == '{\n "a": 1\n}\n'
    assert list(tmp_path.iterdir()) == [path]


def test_two_files_that_differ_in_their_ending_do_not_meet(tmp_path: Path) -> None:
    paths = [tmp_path / "made.json", tmp_path / "made.png"]
    with written_whole(paths[0]) as first, written_whole(paths[1]) as second:
        first.write_text("first")
        second.write_text("second")
    assert [path.read_text() for path in paths] == ["first", "second"]


def test_a_claim_ends_with_its_work(tmp_path: Path) -> None:
    with claimed(tmp_path / "row") as first, claimed(tmp_path / "row") as second:
        assert (first, second) == (True, False)
    with claimed(tmp_path / "row") as third:
        assert third
