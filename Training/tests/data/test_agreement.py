"""Which songs are fit to learn from."""

from __future__ import annotations

import numpy as np
import pytest
from made import corpus, song

from jamline_training.data.agreement import agreeing, agreement
from jamline_training.data.corpus import read_split
from jamline_training.studies.ablations import ROWS

# Four beats each: C over C, D and none; nothing over C.
HALF = song([(0, 2, 60), (2, 1, 72)], [(0, 1, "C"), (1, 1, "D"), (3, 1, "C")], name="half")
WHOLE = song([(0, 4, 64)], [(0, 2, "C"), (2, 2, "Am")], name="whole")
NONE = song([(0, 4, 61)], [(0, 4, "C")], name="none")
WITHOUT_CHORDS = song([(0, 4, 61)], [], name="without")


@pytest.mark.parametrize(
    ("made", "share"), [(HALF, 0.5), (WHOLE, 1), (NONE, 0), (WITHOUT_CHORDS, 1)]
)
def test_only_frames_in_which_both_sound_count(made: object, share: float) -> None:
    assert agreement(made) == share


@pytest.mark.parametrize(
    ("least", "kept"),
    [
        (0, "half whole none without"),
        (0.5, "half whole without"),
        (0.51, "whole without"),
        (1, "whole without"),
    ],
)
def test_songs_that_agree_less_are_left_out(least: float, kept: str) -> None:
    songs = agreeing([HALF, WHOLE, NONE, WITHOUT_CHORDS], least)
    assert [made.id for made in songs] == kept.split()


def test_rows_leave_out_what_they_say() -> None:
    songs = read_split(corpus(), "train")[::10]
    agreements = np.array([agreement(made) for made in songs])
    for name, share in (("agreeing-0.55", 0.05), ("agreeing-0.67", 0.19)):
        row = ROWS[name]
        assert f"{100 * share:.0f} % of the training songs" in row.change
        left_out = agreements < row.recipe["least_agreement"]
        assert left_out.mean() == pytest.approx(share, abs=0.02)
