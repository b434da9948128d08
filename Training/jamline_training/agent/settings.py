"""What `evaluate` has the agent play: settings of the agent, on all songs or on some, as they are
or made harder."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field

BEATS = 64
# A melody that moves at beat 16 is followed for as long again.
MOVED_BEATS = 32
PROMISES = {"1 frame": "0.25", "1 beat": "1", "2 beats": "2", "4 beats": "4"}
# Frames to the end of the longest beat that begins with a frame: what is imagined of it has a part
# in the frame's chord.
BEAT_AHEAD = 1.25
# Frame by frame, cold start, temperature 1: comparable with what is published. What lies beyond the
# beat at hand has no part in it, so it need not be planned.
FRAME_BY_FRAME = {"commit": "0", "silence": "0", "temperature": "1",
                  "lookahead": str(0.25 + BEAT_AHEAD)}  # fmt: skip
# A single mind: what the network samples, and nothing else.
ONE = {"hypotheses": "1", "ear": "0"}


@dataclass(frozen=True)
class Setting:
    """options: the agent's, beside the model and the seed. times_few: how many of the songs, as a
    multiple of those few of each file that the slow settings are played on; None for all.
    condition: of `conditions.CONDITIONS`. after_listening: only what follows the agent's silence is
    measured."""

    name: str
    options: dict[str, str] = field(hash=False)
    times_few: int | None = 1
    condition: str = ""
    beats: int = BEATS
    after_listening: bool = False


def defaults_of(agent: str) -> dict[str, str]:
    """The agent's own defaults, as its help tells them."""
    told = subprocess.run([agent, "--help"], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"--([a-z-]+) <[^>]*>(?:(?!\n  --).)*?\(default:\s+([^)\s]+)\)", told, re.S)
    return dict(found)


def promising(commit: str, lookahead: str) -> dict[str, str]:
    """Options that promise so many beats. What an agent with that lookahead plans beyond the next
    beat after its promise has no part in it, since chance is looked up by frame: without it the
    same is promised in less time."""
    least = max(0.25, float(commit))
    return {
        "commit": commit,
        "lookahead": str(max(least, min(least + BEAT_AHEAD, float(lookahead)))),
    }


def settings(defaults: dict[str, str]) -> list[Setting]:
    """All of them, the quick ones first. defaults: the agent's."""
    many = f"{defaults['hypotheses']} hypotheses"
    shipped = promising(defaults["commit"], defaults["lookahead"])
    live = {"silence": "0"} | shipped
    at_once, ahead = FRAME_BY_FRAME, defaults["lookahead"]
    moved = {"condition": "moved", "beats": MOVED_BEATS}
    return [
        Setting("frame by frame, 1 hypothesis", at_once | ONE, None),
        Setting("frame by frame, 1 hypothesis and the ears", at_once | {"hypotheses": "1"}, None),
        Setting(f"frame by frame, {many}", at_once, None),
        Setting(f"frame by frame, {many}, no ears", at_once | {"ear": "0"}),
        Setting("frame by frame, the ears alone", at_once | ONE | {"ear": "1"}),
        Setting("moved, frame by frame, 1 hypothesis", at_once | ONE, 4, **moved),
        Setting(f"moved, frame by frame, {many}", at_once, 4, **moved),
        Setting("wrong notes, 1 hypothesis", at_once | ONE, condition="wrong notes"),
        Setting(f"wrong notes, {many}", at_once, condition="wrong notes"),
        *(
            Setting(f"live, {label} promised", {"silence": "0"} | promising(commit, ahead))
            for label, commit in PROMISES.items()
        ),
        Setting("moved, live", live, **moved),
        Setting("as shipped", shipped, after_listening=True),
    ]
