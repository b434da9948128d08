"""Has the shipped agent play to all songs that were kept for measuring, in every setting, and
reports: table.md, figures.json and plots.

What was played is kept in OUT/sessions: a run that was broken off goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
from dataclasses import asdict
from pathlib import Path

import torch

from .baselines import baselines
from .bootstrap import Estimate
from .corpus import read_split
from .plots import draw
from .report import Evaluation, human_check, report_of
from .sessions import Player, entries_for, play, read_entries, sample, session_file
from .settings import Setting, defaults_of, settings
from .table import table
from .takes import take_of

STEPS = ("play", "figures", "draw")


def write_whole(path: Path, text: str) -> None:
    """Written beside and renamed."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def plain(value: object) -> object:
    """As JSON has it: an estimate as [value, low, high], null for what there is none of."""
    if isinstance(value, Estimate):
        return [None if math.isnan(part) else round(part, 5) for part in value]
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


def play_all(options: argparse.Namespace) -> None:
    """Plays, having written down in played.json what is played."""
    agent = shutil.which(options.agent)
    if agent is None:
        raise FileNotFoundError(f"expected an agent to run, found none: {options.agent}")
    player = Player(agent, options.model)
    entries = sample(read_entries(options.corpus), options.songs)
    defaults = defaults_of(agent)
    chosen = settings(defaults)
    sessions = options.out / "sessions"
    identity = player.identity()
    written = {
        "identity": identity, "defaults": defaults,
        "songs": options.songs, "few": options.few,
        "settings": [
            {**asdict(setting), "sessions": session_file(sessions, identity, setting).name}
            for setting in chosen
        ],
    }  # fmt: skip
    options.out.mkdir(parents=True, exist_ok=True)
    write_whole(options.out / "played.json", json.dumps(written, indent=1) + "\n")
    for setting in chosen:
        songs = entries_for(setting, entries, options.few)
        play(player, setting, songs, sessions, options.jobs)


def measure_all(options: argparse.Namespace) -> None:
    """figures.json, of what played.json says was played."""
    torch.set_num_threads(1)
    written = json.loads((options.out / "played.json").read_text())
    played = []
    for fields in written["settings"]:
        sessions = options.out / "sessions" / fields.pop("sessions")
        played.append((Setting(**fields), sessions))
    evaluation = Evaluation(
        entries=sample(read_entries(options.corpus), written["songs"]),
        few=written["few"],
        played=played,
        baselines=baselines(take_of(song) for song in read_split(options.corpus, "train")),
        silence=float(written["defaults"]["silence"]),
    )
    report = {key: written[key] for key in ("identity", "defaults")} | report_of(evaluation)
    write_whole(options.out / "figures.json", json.dumps(plain(report), indent=1) + "\n")


def draw_all(options: argparse.Namespace) -> None:
    """table.md and the plots, of figures.json."""
    report = json.loads((options.out / "figures.json").read_text())
    write_whole(options.out / "table.md", table(report))
    draw(report, options.out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="a folder of SET.SPLIT.jsonl")
    parser.add_argument("--out", type=Path, required=True, help="where all goes")
    parser.add_argument("--agent", default=".build/release/jam-agent", help="the jam-agent to run")
    parser.add_argument("--model", type=Path, default=Path("Models/accompanist.safetensors"))
    parser.add_argument("--songs", type=int, help="only so many of each file")
    parser.add_argument("--few", type=int, default=6,
                        help="how many of each file the slow settings are played on")  # fmt: skip
    parser.add_argument("--jobs", type=int, default=2, help="agents at a time")
    parser.add_argument("--only", choices=STEPS, action="append",
                        help="only this step: play the songs, take the figures, draw")  # fmt: skip
    parser.add_argument("--human", action="store_true",
                        help="only print the human's figures, over whole songs")  # fmt: skip
    options = parser.parse_args()
    if options.human:
        print(human_check(options.corpus))
        return
    steps = {"play": play_all, "figures": measure_all, "draw": draw_all}
    for step in options.only or STEPS:
        steps[step](options)
    if "draw" in (options.only or STEPS):
        print(options.out / "table.md")


if __name__ == "__main__":
    main()
