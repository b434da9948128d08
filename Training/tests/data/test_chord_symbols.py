"""The chord grammar, against the fixture that the Swift module is checked against too."""

import pytest
from made import FIXTURES

from jamline_training.data.chord_symbols import LETTERS, parse, parse_quality
from jamline_training.data.chord_vocabulary import NO_ROOT, ChordVocabulary
from jamline_training.data.frames import QUALITIES
from jamline_training.errors import ChordSymbolError

FIXTURE = FIXTURES / "chord-qualities.tsv"


def qualities() -> list[tuple[str, str, frozenset[int]]]:
    lines = FIXTURE.read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    return [(a, b, frozenset(map(int, intervals.split(",")))) for a, b, intervals in rows]


@pytest.mark.parametrize(("suffix", "canonical", "intervals"), qualities())
def test_qualities(suffix: str, canonical: str, intervals: frozenset[int]) -> None:
    quality = parse_quality(suffix)
    assert (quality.name(), quality.intervals()) == (canonical, intervals)
    assert parse_quality(canonical) == quality


@pytest.mark.parametrize(
    ("symbol", "root", "quality", "bass"),
    [
        ("C", 0, "", None),
        ("Bb/D", 10, "", 4),
        ("F#m7b5", 6, "m7b5", None),
        ("Cbb7", 10, "7", None),
        ("B♭−7/A♭", 10, "m7", 10),
        ("C6/9/G", 0, "69", 7),
        ("C#b9", 1, "addb9", None),
        ("Db3b6", 2, "maddb13", None),
        ("N", None, "", None),
        ("N.C.", None, "", None),
    ],
)
def test_symbols(symbol: str, root: int | None, quality: str, bass: int | None) -> None:
    chord = parse(symbol)
    assert (chord.root, chord.quality, chord.bass) == (root, quality, bass)


@pytest.mark.parametrize(
    "symbol",
    ["", "H7", "c", "Cm5", "C57", "C7b7", "C7/", "C/H", "C(b5", "C((b5))", "C7b5)", "C ", "N7"]
    + ["Cmaj7add7", "C7add", "C7b11", "C\n", "C" + "b9" * 40],
)
def test_what_is_no_symbol_is_refused(symbol: str) -> None:
    with pytest.raises(ChordSymbolError, match="expected a chord symbol such as Am7 or Bb/D"):
        parse(symbol)


@pytest.mark.parametrize(
    ("symbol", "tokens"),
    [
        ("N", (12, 0, 0)),
        ("C", (0, 0, 0)),
        ("G/G", (7, 0, 0)),
        ("Bb7/D", (10, 2, 4)),
        ("A9", (9, 2, 0)),  # 4/5 with 7
        ("Am6", (9, 1, 0)),  # 3/4 with m
        ("C6", (0, 0, 0)),  # 3/4 with the major triad
        ("C5", (0, 0, 0)),  # 2/3 with both triads: the first of equals
        ("Cmin7", (0, 3, 0)),
    ],
)
def test_tokens(symbol: str, tokens: tuple[int, int, int]) -> None:
    assert ChordVocabulary(["", "m", "7", "m7"]).tokens(symbol) == tokens


def test_any_name_of_a_root_and_a_bass_is_read() -> None:
    """The agent writes a chord in the key that it hears."""
    vocabulary = ChordVocabulary(QUALITIES)
    pitch_classes = {
        letter + sign: (value + shift) % 12
        for letter, value in LETTERS.items()
        for sign, shift in {"bb": -2, "b": -1, "": 0, "#": 1, "##": 2}.items()
    }
    for root, pitch_class in pitch_classes.items():
        for number, quality in enumerate(QUALITIES):
            for bass in ("Cb", "E#", "F#", "B#"):
                interval = (pitch_classes[bass] - pitch_class) % 12
                symbol = f"{root}{quality}/{bass}"
                assert vocabulary.tokens(symbol) == (pitch_class, number, interval), symbol


@pytest.mark.parametrize("names", [[], ["", "x"], ["m7", "min7"]])
def test_vocabularies_of_no_use_are_refused(names: list[str]) -> None:
    with pytest.raises(ValueError, match="expected"):
        ChordVocabulary(names)


def test_symbols_of_tokens_are_read_back() -> None:
    vocabulary = ChordVocabulary(QUALITIES)
    for root in range(12):
        for quality in range(len(QUALITIES)):
            for bass in range(12):
                symbol = vocabulary.symbol(root, quality, bass)
                assert vocabulary.tokens(symbol) == (root, quality, bass), symbol
    assert vocabulary.symbol(NO_ROOT, 0, 0) == "N"
    assert vocabulary.symbol(10, 3, 7) == "Bbm7/F"
