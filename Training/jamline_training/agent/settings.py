"""The settings of the agent that `evaluation.evaluate` measures: its options, on which songs, and
under which test condition."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field

BEATS = 64
# Beats of a melody that moves at beat 16: as many before the move as after.
MOVED_BEATS = 32
LIVE_COMMITS = {"1 frame": "0.25", "1 beat": "1", "2 beats": "2", "4 beats": "4"}
# Beats from a frame to the end of the longest beat that begins there. The predicted melody of that
# beat affects the frame's chord.
BEAT_AHEAD = 1.25
# Frame by frame, from a cold start, at temperature 1: comparable with published figures. What the
# agent plans beyond the current beat does not affect these chords, so the lookahead is short.
FRAME_BY_FRAME = {"commit": "0", "silence": "0", "temperature": "1",
                  "lookahead": str(0.25 + BEAT_AHEAD)}  # fmt: skip
# One hypothesis alone: what the network samples, and nothing else.
ALONE = {"hypotheses": "1", "melody-only": "0"}


@dataclass(frozen=True)
class Setting:
    """A row of the evaluation.

    options: the agent's, besides the model and the seed. times_few: how many songs of each file, as
    a multiple of the few that slow settings are measured on; None for all songs. condition: one of
    data.conditions.CONDITIONS. after_listening: whether only what follows the listening period is
    measured.
    """

    name: str
    options: dict[str, str] = field(hash=False)
    times_few: int | None = 1
    condition: str = ""
    beats: int = BEATS
    after_listening: bool = False


def defaults_of(agent: str) -> dict[str, str]:
    """The agent's defaults, according to its help."""
    text = subprocess.run([agent, "--help"], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"--([a-z-]+) <[^>]*>(?:(?!\n  --).)*?\(default:\s+([^)\s]+)\)", text, re.S)
    return dict(found)


def committing(commit: str, lookahead: str) -> dict[str, str]:
    """Options to commit so many beats, with the shortest lookahead that gives the same chords. An
    agent with a longer one plans further than a beat beyond the commit. Its committed chords do not
    depend on that, since random numbers are a function of the frame."""
    least = max(0.25, float(commit))
    return {
        "commit": commit,
        "lookahead": str(max(least, min(least + BEAT_AHEAD, float(lookahead)))),
    }


def settings(defaults: dict[str, str]) -> list[Setting]:
    """All settings, the fast ones first. defaults: the agent's."""
    many = f"{defaults['hypotheses']} hypotheses"
    shipped = committing(defaults["commit"], defaults["lookahead"])
    live = {"silence": "0"} | shipped
    at_once, ahead = FRAME_BY_FRAME, defaults["lookahead"]
    moved = {"condition": "moved", "beats": MOVED_BEATS}
    one = "1 hypothesis"
    return [
        Setting(f"frame by frame, {one}", at_once | ALONE, None),
        Setting(f"frame by frame, {one} and the predictors", at_once | {"hypotheses": "1"}, None),
        Setting(f"frame by frame, {many}", at_once, None),
        Setting(f"frame by frame, {many}, no predictors", at_once | {"melody-only": "0"}),
        Setting("frame by frame, the predictors alone", at_once | ALONE | {"melody-only": "1"}),
        Setting(f"moved, frame by frame, {one}", at_once | ALONE, 4, **moved),
        Setting(f"moved, frame by frame, {many}", at_once, 4, **moved),
        Setting(f"wrong notes, {one}", at_once | ALONE, condition="wrong notes"),
        Setting(f"wrong notes, {many}", at_once, condition="wrong notes"),
        *(
            Setting(f"live, {label} committed", {"silence": "0"} | committing(commit, ahead))
            for label, commit in LIVE_COMMITS.items()
        ),
        Setting("moved, live", live, **moved),
        Setting("as shipped", shipped, after_listening=True),
    ]
