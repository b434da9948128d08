"""Chord symbols and the model's chord vocabulary: the twin of the Swift module `Chords`.

The grammar is in the man page jam-stream(5). Both sides must agree on every symbol, since a model
trained with one spelling and played with another would hear wrong chords; so both are checked
against Tests/Fixtures/chord-qualities.tsv.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
NOTE_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
ALIASES = str.maketrans({"♭": "b", "♯": "#", "°": "o", "Ø": "ø", "∆": "Δ", "−": "-"})
LONGEST = 64  # bytes; longer than any canonical symbol
MAJOR_SEVENTH_MARK = r"Maj|maj|Ma|ma(?!dd)|M|Δ"
# Degree of a modifier → (degree it is stored as, its alterations). 2 is 9 an octave lower.
DEGREES = {
    "5": (5, "b#"), "2": (9, "b#"), "9": (9, "b#"), "4": (11, "#"), "11": (11, "#"),
    "6": (13, "b"), "13": (13, "b"),
}  # fmt: skip
ALTERED = {(5, "b"), (5, "#"), (9, "b"), (9, "#")}
SEMITONES = {5: 7, 9: 2, 11: 5, 13: 9}
ACCIDENTALS = {"b": -1, "": 0, "#": 1}
THIRDS = {"major": 4, "minor": 3, "sus2": 2, "sus4": 5, "none": 0}
SEVENTHS = {"none": 0, "sixth": 9, "diminished": 9, "minor": 10, "major": 11}


@dataclass
class Quality:
    """What a chord is made of, apart from its root. `tones` holds (degree, accidental) pairs:
    fifths, ninths, elevenths and thirteenths."""

    third: str = "major"
    seventh: str = "none"
    tones: set[tuple[int, str]] = field(default_factory=lambda: {(5, "")})

    def alter(self, degree: int, accidental: str) -> None:
        """An altered tone replaces the natural one."""
        self.tones.discard((degree, ""))
        self.tones.add((degree, accidental))

    def settle(self) -> None:
        """Gives tones that can be named in two ways one name."""
        if self.third == "sus2":
            self.tones.discard((9, ""))
        if self.third == "sus4":
            self.tones.discard((11, ""))
        if self.seventh == "none" and (13, "") in self.tones:
            self.seventh = "sixth"
        if self.seventh in ("sixth", "diminished"):
            self.tones.discard((13, ""))
            diminished = self.third == "minor" and self.accidentals(5) == ["b"]
            self.seventh = "diminished" if diminished else "sixth"

    def accidentals(self, degree: int) -> list[str]:
        """Flat, natural, sharp: those of the degree's tones, in this order."""
        return [a for a in ("b", "", "#") if (degree, a) in self.tones]

    def intervals(self) -> frozenset[int]:
        """Semitones above the root, 0 to 11, without the slash bass."""
        tones = {(SEMITONES[degree] + ACCIDENTALS[a]) % 12 for degree, a in self.tones}
        return frozenset({0, THIRDS[self.third], SEVENTHS[self.seventh]} | tones)

    def number(self) -> tuple[str, set[int]]:
        """The number of the symbol (`7`, `13`), and the degrees whose natural tones it names."""
        ninths, elevenths, thirteenths = map(self.accidentals, (9, 11, 13))
        if self.seventh == "none":
            return "", set()
        if self.seventh == "sixth":
            return ("69", {9}) if ninths == [""] else ("6", set())
        # An altered ninth takes the place of the one that 11 and 13 imply.
        implied = {9} if ninths == [""] else set()
        if ninths and thirteenths == [""]:
            return "13", implied | {13}
        if ninths and elevenths == [""]:
            return "11", implied | {11}
        return ("9", {9}) if implied else ("7", set())

    def name(self) -> str:
        """The canonical text."""
        fifths = [a for a in self.accidentals(5) if a]
        triad = {"minor": "m", "none": "5" if self.seventh == "none" else ""}.get(self.third, "")
        if self.third == "minor" and fifths == ["b"] and self.seventh in ("none", "diminished"):
            triad, fifths = "dim", []
        elif self.third == "major" and fifths == ["#"] and self.seventh == "none":
            triad, fifths = "aug", []
        number, named = self.number()
        mark = {"": "maj", "m": "Maj"}.get(triad, "") if self.seventh == "major" else ""
        text = triad + mark + number + (self.third if self.third.startswith("sus") else "")
        altered = [(9, "b"), (9, "#"), (11, "#"), (13, "b")]
        altered = [tone for tone in altered if tone in self.tones]
        if (self.third, self.seventh, self.tones) == ("major", "minor", ALTERED):
            return "7alt"
        alterations = "".join(f"{a}5" for a in fifths)
        # Without a text before it, the flat of b5 would be taken for the root's.
        text += alterations if text or not alterations else f"({alterations})"
        add = "add" if self.seventh == "none" else ""
        text += "".join(f"{add}{a}{degree}" for degree, a in altered)
        naturals = [degree for degree in (9, 11, 13) if degree not in named]
        if fifths or triad in ("dim", "aug"):
            naturals.insert(0, 5)
        text += "".join(f"add{degree}" for degree in naturals if (degree, "") in self.tones)
        text += "no3" if self.third == "none" and triad != "5" else ""
        return text + ("no5" if not self.accidentals(5) else "")


@dataclass(frozen=True)
class Chord:
    """A chord that was read. Without a root it is no chord (`N`), and all else is empty."""

    root: int | None
    quality: str
    intervals: frozenset[int]
    bass: int | None  # semitones above the root; None where no slash bass was given


class ChordSymbolError(ValueError):
    """The text is no chord symbol."""

    def __init__(self, text: str, expected: str = "a chord symbol such as Am7 or Bb/D") -> None:
        found = "".join(c if c.isprintable() else "\ufffd" for c in text[:32])
        super().__init__(f'expected {expected}, found "{found}{"…" if text[32:] else ""}"')


class _Reader:
    """Reads the parts of a symbol, one after another. `(`, `)` and `,` may stand between them."""

    def __init__(self, text: str) -> None:
        self.text = text.translate(ALIASES)
        self.position = 0
        self.is_open = False
        if len(text.encode(errors="replace")) > LONGEST:
            raise ValueError

    def take(self, pattern: str) -> re.Match[str] | None:
        """Steps over the pattern, if it comes next."""
        match = re.compile(pattern).match(self.text, self.position)
        self.position = match.end() if match else self.position
        return match

    def step(self) -> None:
        """Steps over what may stand between two parts."""
        while mark := self.take(r"[(),]"):
            if (mark[0] == "(") == self.is_open:
                raise ValueError
            self.is_open = mark[0] != ")"

    def note(self) -> int:
        """A note name as a pitch class. No quality begins with 3, so Db3 is D with a flat third."""
        match = self.take(r"([A-G])(##?|b(?!3)(?:b(?!3))?|)")
        if not match:
            raise ValueError
        return (LETTERS[match[1]] + sum(ACCIDENTALS[a] for a in match[2])) % 12

    def quality(self) -> Quality:
        """Triad, then sixth or seventh with its extension, then modifiers."""
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
        """Whether the triad implies a minor seventh; None where no seventh may follow."""
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
            quality.seventh = "unsaid"
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
        elif mark and (number or mark[0] == "Δ" or triad != "unsaid"):
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
        """A flat third is minor. A flat eleventh above it is the major third, which makes the
        minor one a sharp ninth."""
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


class ChordVocabulary:
    """The qualities that a model knows, in the order of their indices in its output."""

    no_chord = 12
    """The root that stands for no chord; quality and bass are 0 then."""

    def __init__(self, names: Sequence[str]) -> None:
        qualities = [parse_quality(name) for name in names]
        if not qualities:
            raise ValueError("expected at least one chord quality, found none")
        self.names = [quality.name() for quality in qualities]
        self.intervals = [quality.intervals() for quality in qualities]
        for index, name in enumerate(self.names):
            if name in self.names[:index]:
                raise ValueError(f'expected different chord qualities, found "{name}" twice')
        self._spelling = lru_cache(maxsize=None)(self._spell)

    def spelling(self, symbol: str) -> tuple[int, int, int]:
        """Root pitch class, quality index, bass as semitones above the root."""
        return self._spelling(symbol)

    def symbol(self, root: int, quality: int, bass: int) -> str:
        """The symbol of a spelling: what `spelling` reads back."""
        if root == self.no_chord:
            return "N"
        slash = f"/{NOTE_NAMES[(root + bass) % 12]}" if bass else ""
        return NOTE_NAMES[root] + self.names[quality] + slash

    def _spell(self, symbol: str) -> tuple[int, int, int]:
        chord = parse(symbol)
        if chord.root is None:
            return self.no_chord, 0, 0
        if chord.quality in self.names:
            quality = self.names.index(chord.quality)
        else:
            quality = self.nearest(chord.intervals)
        return chord.root, quality, chord.bass or 0

    def nearest(self, intervals: frozenset[int]) -> int:
        """The quality with most of its tones in common: the largest share of the tones of either
        that are in both. Of equals, the first."""
        # Ratios of such small numbers are equal, or differ, as floats just as they do exactly.
        shares = [len(intervals & own) / len(intervals | own) for own in self.intervals]
        return shares.index(max(shares))
