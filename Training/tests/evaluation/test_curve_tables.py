"""What the curves come to, as tables."""

from __future__ import annotations

from jamline_training.evaluation.curve_tables import (
    adaptation_table,
    curve_tables,
    wait_and_see_table,
)
from jamline_training.evaluation.curves import BACK, LEVEL
from jamline_training.evaluation.report import ALL, FEW, HUMAN, POOLED

BY_BEAT = [[beat / 100, None, None] for beat in range(1, 33)]


def row(scope: str, who: str, note_in_chord: float) -> dict:
    figures = {"note in chord": [note_in_chord, 0.0, 1.0], "silence over melody": [0.02, 0.0, 0.04]}
    figures["pitch classes"] = [3.5, None, None]
    return {"scope": scope, "set": POOLED, "who": who, "songs": 9, "figures": figures}


def followed(back: float) -> dict:
    return {"songs": 7, "by beat": BY_BEAT, LEVEL: [0.6, 0.5, 0.7], BACK: [back, 1.0, 4.0]}


REPORT = {
    "rows": [
        row(ALL, "frame by frame, 1 hypothesis", 0.1),
        row(FEW, "frame by frame, 1 hypothesis", 0.6),
        row(FEW, "wrong notes, 1 hypothesis", 0.5),
    ],
    "adaptation": {
        "moved, frame by frame, 1 hypothesis": followed(2),
        "moved, live": followed(16),
        HUMAN: {"songs": 7, "by beat": BY_BEAT},
    },
    "wait and see": {HUMAN: {"songs": 8, "by beat": BY_BEAT}},
}


def cells_of(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def test_adaptation() -> None:
    heading, _, found, lost = cells_of(adaptation_table(REPORT))
    assert heading[:4] == ["who", "n", "note in chord before", "within 0.08 of it after beats"]
    wrong = ["0.500 ±0.500", "0.020 ±0.020", "3.50"]
    assert found == ["frame by frame, 1 hypothesis", "7", "0.600 ±0.100", "2.0 ±1.5",
                     "0.600 ±0.500", *wrong]  # fmt: skip
    # Beats beyond those that were followed stand for never; what was not played has no figure.
    assert lost == ["live", "7", "0.600 ±0.100", "not back", *"––––"]
    assert len(found) == len(heading)


def test_wait_and_see() -> None:
    heading, _, human = cells_of(wait_and_see_table(REPORT))
    assert heading == ["who", "n", *(f"beat {beat}" for beat in (1, 2, 4, 8, 16, 32))]
    assert human == [HUMAN, "8", "0.010", "0.020", "0.040", "0.080", "0.160", "0.320"]


def test_what_was_not_followed_has_no_rows() -> None:
    lines = curve_tables({"rows": [], "adaptation": {}, "wait and see": {}}).splitlines()
    assert [line[:4] for line in lines if line] == ["Adap", "| wh", "|---", "Wait", "| wh", "|---"]
