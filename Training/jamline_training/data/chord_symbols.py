"""The grammar of chord symbols: the Python counterpart of the Swift module `Chords`.

The man page jam-stream(5) defines the grammar. Both implementations must read every symbol alike:
otherwise a model would be played with other chords than it was trained with. The tests of both read
Tests/Fixtures/chord-qualities.tsv.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import ChordSymbolError
from .chord_quality import ACCIDENTALS, ALTERED, Quality

LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
ALIASES = str.maketrans({"♭": "b", "♯": "#", "°": "o", "Ø": "ø", "∆": "Δ", "−": "-"})
LONGEST = 64  # bytes; longer than any canonical symbol
MAJOR_SEVENTH_MARK = r"Maj|maj|Ma|ma(?!dd)|M|Δ"
# From the degree in a modifier to the degree that is stored, and its possible alterations. Degree 2
# is stored as 9, an octave higher.
DEGREES = {
    "5": (5, "b#"), "2": (9, "b#"), "9": (9, "b#"), "4": (11, "#"), "11": (11, "#"),
    "6": (13, "b"), "13": (13, "b"),
}  # fmt: skip


@dataclass(frozen=True)
class Chord:
    """A parsed chord symbol. `N`, no chord, has no root, and its other fields are empty."""

    root: int | None
    quality: str
    intervals: frozenset[int]
    bass: int | None  # semitones above the root; None if the symbol has no slash bass


class _Reader:
    """Reads the parts of a symbol in order. `(`, `)` and `,` may separate them."""

    def __init__(self, text: str) -> None:
        self.text = text.translate(ALIASES)
        self.position = 0
        self.is_open = False
        if len(text.encode(errors="replace")) > LONGEST:
            raise ValueError

    def take(self, pattern: str) -> re.Match[str] | None:
        """Consumes the pattern if it comes next."""
        match = re.compile(pattern).match(self.text, self.position)
        self.position = match.end() if match else self.position
        return match

    def step(self) -> None:
        """Consumes the separators between two parts."""
        while mark := self.take(r"[(),]"):
            if (mark[0] == "(") == self.is_open:
                raise ValueError
            self.is_open = mark[0] != ")"

    def note(self) -> int:
        """Reads a note name as a pitch class. No quality begins with 3, so Db3 is D with a flat
        third."""
        match = self.take(r"([A-G])(##?|b(?!3)(?:b(?!3))?|)")
        if not match:
            raise ValueError
        return (LETTERS[match[1]] + sum(ACCIDENTALS[a] for a in match[2])) % 12

    def quality(self) -> Quality:
        """Reads the triad, then the sixth or seventh with its extension, then the modifiers."""
        quality = Quality()
        self.step()
        is_half = self.triad(quality)
        self.step()
        if is_half is not None:
            self.seventh(quality, is_half)
            self.step()
        while self.modifier(quality):
            self.step()
        if self.is_open:
            raise ValueError
        quality.settle()
        return quality

    def triad(self, quality: Quality) -> bool | None:
        """Reads the triad. Returns whether it implies a minor seventh, or None if none may
        follow."""
        if self.take(r"dim|o(?!mit)"):
            quality.third, quality.seventh = "minor", "diminished"
            quality.alter(5, "b")
        elif self.take("ø"):
            quality.third = "minor"
            quality.alter(5, "b")
            return True
        elif self.take(r"aug|\+"):
            quality.alter(5, "#")
        elif self.take(r"[Mm]in?|m(?!aj|a(?!dd))|-"):
            quality.third = "minor"
        elif self.take(r"5"):
            quality.third = "none"
            return None
        elif self.take(r"2"):
            quality.tones.add((9, ""))
            return None
        else:
            quality.seventh = "unstated"
        return False

    def seventh(self, quality: Quality, is_half: bool) -> None:
        """Reads `6`, `69`, `7`, `maj9` and the like."""
        triad, quality.seventh = quality.seventh, "minor" if is_half else "none"
        mark = None if is_half else self.take(MAJOR_SEVENTH_MARK)
        if mark:
            self.step()
        number = self.take(r"69|6/9|6|7|9|11|13")
        if number and number[0].startswith("6"):
            quality.seventh = "sixth"
        elif mark and (number or mark[0] == "Δ" or triad != "unstated"):
            quality.seventh = "major"
        elif number:
            quality.seventh = "diminished" if triad == "diminished" else "minor"
        if number and number[0] not in ("6", "7"):
            quality.tones.add((9, ""))
            if number[0] in ("11", "13"):
                quality.tones.add((int(number[0]), ""))

    def modifier(self, quality: Quality) -> bool:
        """Reads one suspension, alteration, addition or omission."""
        if suspension := self.take(r"sus(24|42|2|4|)"):
            quality.third = "sus2" if suspension[1] == "2" else "sus4"
            if len(suspension[1]) == 2:
                quality.tones.add((9, ""))
        elif self.take("alt"):
            quality.seventh = "minor" if quality.seventh == "none" else quality.seventh
            for tone in ALTERED:
                quality.alter(*tone)
        elif self.take("add7"):
            if quality.seventh not in ("none", "sixth"):
                raise ValueError
            if quality.seventh == "sixth":
                quality.tones.add((13, ""))
            quality.seventh = "minor"
        elif added := self.take(r"add([b#]?)(11|13|2|4|5|6|9)"):
            quality.tones.add(self.tone(added[2], added[1]))
        elif omission := self.take(r"(?:no|omit)([35])"):
            if omission[1] == "5":
                quality.tones.discard((5, ""))
            elif not quality.third.startswith("sus"):
                quality.third = "none"
        elif altered := self.take(r"([b#+-])(11|13|2|3|4|5|6|9)"):
            self.alteration(quality, altered[2], altered[1].replace("+", "#").replace("-", "b"))
        elif self.take(r"\+"):
            quality.alter(5, "#")
        else:
            return False
        return True

    def alteration(self, quality: Quality, degree: str, accidental: str) -> None:
        """Applies an altered degree. A flat third makes the triad minor. A flat eleventh over a
        minor third is the major third, and turns the minor third into a sharp ninth."""
        if (accidental, degree) == ("b", "3"):
            quality.third = "minor"
        elif (accidental, degree) == ("b", "11"):
            if quality.third != "minor":
                raise ValueError
            quality.third = "major"
            quality.alter(9, "#")
        else:
            quality.alter(*self.tone(degree, accidental))

    def tone(self, degree: str, accidental: str) -> tuple[int, str]:
        stored, accidentals = DEGREES.get(degree, (0, ""))
        if not stored or accidental not in accidentals:
            raise ValueError
        return stored, accidental


def parse(symbol: str) -> Chord:
    """Reads a symbol such as `Am7`, `Bb/D` or `N`; raises ChordSymbolError."""
    if symbol in ("N", "NC", "N.C."):
        return Chord(None, "", frozenset(), None)
    try:
        reader = _Reader(symbol)
        root = reader.note()
        quality = reader.quality()
        bass = (reader.note() - root) % 12 if reader.take("/") else None
        if reader.position != len(reader.text):
            raise ValueError
    except ValueError:
        raise ChordSymbolError(symbol) from None
    return Chord(root, quality.name(), quality.intervals(), bass)


def parse_quality(text: str) -> Quality:
    """Reads what follows the root: `m7`, ``, `7sus4`; raises ChordSymbolError."""
    try:
        reader = _Reader(text)
        quality = reader.quality()
        if reader.position != len(reader.text):
            raise ValueError
    except ValueError:
        raise ChordSymbolError(text, "a chord quality such as m7 or 7sus4") from None
    return quality
