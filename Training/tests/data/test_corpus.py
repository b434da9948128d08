"""Reading the corpus, and what is said of lines that are no songs."""

import json
from pathlib import Path

import pytest
from made import line, random_song, song, write_corpus

from jamline_training.data.corpus import evenly, read_file, read_split
from jamline_training.errors import CorpusError

GOOD = json.loads(line(random_song(1)))


def changed(**fields: object) -> bytes:
    return json.dumps({**GOOD, **fields}).encode()


def without(name: str) -> bytes:
    return json.dumps({key: value for key, value in GOOD.items() if key != name}).encode()


def test_songs_come_back_as_they_were_written(tmp_path: Path) -> None:
    songs = [random_song(seed, name=f"song {seed}") for seed in range(3)]
    write_corpus(tmp_path, songs, songs[:1])
    assert list(read_file(tmp_path / "made.train.jsonl")) == songs


@pytest.mark.parametrize("key", [None, "Bb", "A dorian"])
def test_keys_may_be_there_or_not(tmp_path: Path, key: str | None) -> None:
    (tmp_path / "made.train.jsonl").write_bytes(changed(**({"key": key} if key else {})))
    assert [song.key for song in read_file(tmp_path / "made.train.jsonl")] == [key]


def test_a_split_is_read_set_by_set_in_alphabetical_order(tmp_path: Path) -> None:
    sets = ["d", "b", "e", "a", "f", "c"]
    for name in [*(f"{name}.train" for name in sets), "c.valid", "a.test"]:
        (tmp_path / f"{name}.jsonl").write_text(line(random_song(1, name=name)) + "\n")
    songs = read_split(tmp_path, "train")
    expected = [(name, f"{name}.train") for name in sorted(sets)]
    assert [(song.set, song.id) for song in songs] == expected


def test_a_split_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"expected \*\.train\.jsonl there, found none"):
        read_split(tmp_path, "train")


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting property name"),
        (b"[]", "expected a song, found []"),
        (b"null", "expected a song, found None"),
        (b'"\xff"', "expected UTF-8, found invalid start byte"),
        (without("meter"), 'expected a song, found none of its "meter"'),
        (without("melody"), 'expected a song, found none of its "melody"'),
        (changed(meter=None), "expected a meter such as 4/4, found None"),
        (changed(meter="4"), "expected a meter such as 4/4, found '4'"),
        (changed(meter="3/0"), "expected a meter such as 4/4, found '3/0'"),
        (changed(meter="-3/4"), "expected a meter such as 4/4, found '-3/4'"),
        (changed(melody=[[0, 1]]), "not enough values to unpack"),
        (changed(melody=[[0, 1, 128]]), "expected a pitch 0 to 127, found 128"),
        (changed(melody=[[0, 1, 60.5]]), "expected a pitch 0 to 127, found 60.5"),
        (changed(melody=[[-1, 1, 60]]), "expected beats from 0 on, found -1"),
        (changed(melody=[[0, float("nan"), 60]]), "expected beats from 0 on, found nan"),
        (changed(melody=[["0", 1, 60]]), "expected beats from 0 on, found '0'"),
        (changed(melody=3), "not iterable"),
        (changed(chords=[[0, 4, "H7"]]), 'expected a chord symbol such as Am7 or Bb/D, found "H7"'),
        (changed(chords=[[0, 4, None]]), "expected a chord symbol, found None"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, bad: bytes, message: str) -> None:
    path = tmp_path / "made.train.jsonl"
    path.write_bytes(changed() + b"\n" + bad + b"\n")
    songs = read_file(path)
    next(songs)
    with pytest.raises(CorpusError) as error:
        next(songs)
    assert str(error.value).startswith(f"{path}:2: ")
    assert message in str(error.value)


def test_songs_spread_over_all() -> None:
    songs = [song([], name=str(number)) for number in range(10)]
    assert [each.id for each in evenly(songs, 4)] == ["0", "2", "5", "7"]
    assert evenly(songs, 20) == evenly(songs, None) == songs
    assert evenly([], 3) == evenly([], None) == []
