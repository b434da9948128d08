"""Chord qualities: what a chord consists of, apart from its root."""

from __future__ import annotations

from dataclasses import dataclass, field

ALTERED = {(5, "b"), (5, "#"), (9, "b"), (9, "#")}
SEMITONES = {5: 7, 9: 2, 11: 5, 13: 9}
ACCIDENTALS = {"b": -1, "": 0, "#": 1}
THIRDS = {"major": 4, "minor": 3, "sus2": 2, "sus4": 5, "none": 0}
SEVENTHS = {"none": 0, "sixth": 9, "diminished": 9, "minor": 10, "major": 11}


@dataclass
class Quality:
    """What a chord consists of, apart from its root. `tones` holds its fifths, ninths, elevenths
    and thirteenths as pairs of degree and accidental."""

    third: str = "major"
    seventh: str = "none"
    tones: set[tuple[int, str]] = field(default_factory=lambda: {(5, "")})

    def alter(self, degree: int, accidental: str) -> None:
        """Replaces the natural tone of a degree by an altered one."""
        self.tones.discard((degree, ""))
        self.tones.add((degree, accidental))

    def settle(self) -> None:
        """Normalises tones that can be named in two ways."""
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
        """The accidentals of the degree's tones, in the order flat, natural, sharp."""
        return [a for a in ("b", "", "#") if (degree, a) in self.tones]

    def intervals(self) -> frozenset[int]:
        """The tones in semitones above the root, 0 to 11. A slash bass is not among them."""
        tones = {(SEMITONES[degree] + ACCIDENTALS[a]) % 12 for degree, a in self.tones}
        return frozenset({0, THIRDS[self.third], SEVENTHS[self.seventh]} | tones)

    def number(self) -> tuple[str, set[int]]:
        """The number in the symbol, such as `7` or `13`, and the degrees whose natural tones it
        implies."""
        ninths, elevenths, thirteenths = map(self.accidentals, (9, 11, 13))
        if self.seventh == "none":
            return "", set()
        if self.seventh == "sixth":
            return ("69", {9}) if ninths == [""] else ("6", set())
        # An altered ninth replaces the natural one that 11 and 13 imply.
        implied = {9} if ninths == [""] else set()
        if ninths and thirteenths == [""]:
            return "13", implied | {13}
        if ninths and elevenths == [""]:
            return "11", implied | {11}
        return ("9", {9}) if implied else ("7", set())

    def name(self) -> str:
        """The canonical text of the quality, which follows the root in a symbol."""
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
        # Directly after the root, the b of b5 would be read as the root's flat.
        text += alterations if text or not alterations else f"({alterations})"
        add = "add" if self.seventh == "none" else ""
        text += "".join(f"{add}{a}{degree}" for degree, a in altered)
        naturals = [degree for degree in (9, 11, 13) if degree not in named]
        if fifths or triad in ("dim", "aug"):
            naturals.insert(0, 5)
        text += "".join(f"add{degree}" for degree in naturals if (degree, "") in self.tones)
        text += "no3" if self.third == "none" and triad != "5" else ""
        return text + ("no5" if not self.accidentals(5) else "")
