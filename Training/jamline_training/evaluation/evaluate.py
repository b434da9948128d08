"""Evaluates the agent: plays the held-out songs to it in all settings, and writes table.md, which
is also printed, card.md (the tables of the model card), figures.json and plots.

Sessions are recorded in OUT/sessions, so an interrupted run resumes.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
from dataclasses import asdict
from pathlib import Path

import torch

from ..agent.sessions import (
    SPLITS,
    AgentFiles,
    Entry,
    entries_for,
    not_played,
    play,
    read_entries,
    sample,
    session_file,
)
from ..agent.settings import Setting, defaults_of, settings
from ..data.corpus import read_split
from ..data.files import claimed, write_json, write_text
from ..data.takes import take_of
from ..errors import AgentError, SessionError, reported
from ..network.teacher import takes_by_teacher
from .baselines import baselines
from .bootstrap import Estimate
from .card import card
from .curve_tables import curve_tables
from .plots import draw
from .report import TEACHER, Evaluation, human_check, report_of
from .table import table

# The version of played.json.
VERSION = 2


def plain(value: object) -> object:
    """A value as JSON: an estimate as [value, low, high], null for nan."""
    if isinstance(value, Estimate):
        return [None if math.isnan(part) else round(part, 5) for part in value]
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


def play_all(options: argparse.Namespace) -> None:
    """Writes played.json, which describes the sessions, and records them."""
    agent = shutil.which(options.agent)
    if agent is None:
        raise AgentError(f"{options.agent}: expected an agent to run, found none")
    files = AgentFiles(agent, options.model)
    entries = sample(read_entries(options.corpus, options.split), options.songs)
    defaults = defaults_of(agent)
    chosen = settings(defaults)
    sessions = options.out / "sessions"
    identity = files.identity()
    written = {
        "version": VERSION, "identity": identity, "defaults": defaults,
        "splits": list(options.split), "songs": options.songs, "few": options.few,
        "settings": [
            {**asdict(setting), "sessions": session_file(sessions, identity, setting).name}
            for setting in chosen
        ],
    }  # fmt: skip
    with claimed(options.out) as is_ours:
        # played.json must not change while another run records what it describes.
        if not is_ours:
            raise SessionError(f"{options.out}: another run is playing to songs there")
        write_json(options.out / "played.json", written)
        for setting in chosen:
            songs = entries_for(setting, entries, options.few)
            play(files, setting, songs, sessions, options.jobs)


def setting_of(path: Path, fields: dict[str, object]) -> Setting:
    """The setting of these fields, which `path`, played.json, has."""
    try:
        return Setting(**fields)
    except TypeError as error:
        raise SessionError(
            f"{path}: expected a setting of this version, found {fields}: have it played again"
        ) from error


def require_complete(setting: Setting, entries: list[Entry], sessions: Path) -> None:
    """Raises SessionError if a setting's sessions are incomplete."""
    left = len(not_played(setting, entries, sessions))
    if left:
        raise SessionError(
            f"{sessions}: expected what was played to {len(entries)} songs, found {left} of them "
            f'missing ("{setting.name}"): let it be played to its end'
        )


def measure_all(options: argparse.Namespace) -> None:
    """Writes figures.json, of the sessions that played.json describes. Raises SessionError if some
    are missing: rows of fewer songs would not be comparable with the human's."""
    torch.set_num_threads(1)
    path = options.out / "played.json"
    written = json.loads(path.read_text())
    if written.get("version") != VERSION:
        raise SessionError(f"{path}: expected version {VERSION}: have it played again")
    entries = sample(read_entries(options.corpus, written["splits"]), written["songs"])
    played = []
    for fields in written["settings"]:
        sessions = options.out / "sessions" / fields.pop("sessions")
        setting = setting_of(path, fields)
        require_complete(setting, entries_for(setting, entries, written["few"]), sessions)
        played.append((setting, sessions))
    evaluation = Evaluation(
        entries=entries,
        few=written["few"],
        played=played,
        baselines=baselines(take_of(song) for song in read_split(options.corpus, "train")),
        silence=float(written["defaults"]["silence"]),
    )
    if options.teacher:
        human = evaluation.human()
        chords = takes_by_teacher(
            options.teacher, [take for _, take in human], [entry.song for entry, _ in human]
        )
        entries = [entry for entry, _ in human]
        evaluation.guests[TEACHER] = list(zip(entries, chords, strict=True))
    report = {key: written[key] for key in ("identity", "defaults")} | report_of(evaluation)
    write_json(options.out / "figures.json", plain(report))


def draw_all(options: argparse.Namespace) -> None:
    """Writes table.md, card.md and the plots, of figures.json."""
    report = json.loads((options.out / "figures.json").read_text())
    write_text(options.out / "table.md", f"{table(report)}\n{curve_tables(report)}")
    write_text(options.out / "card.md", card(report))
    draw(report, options.out)


# The steps, each with its name in error messages.
STEPS = {
    "play": ("have the songs played to", play_all),
    "figures": ("take the figures", measure_all),
    "draw": ("draw", draw_all),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="a folder of SET.SPLIT.jsonl")
    parser.add_argument("--out", type=Path, help="folder of all that is written")
    parser.add_argument("--agent", default=".build/release/jam-agent", help="the jam-agent to run")
    parser.add_argument("--model", type=Path, default=Path("Models/accompanist.safetensors"))
    parser.add_argument("--teacher", type=Path, help="checkpoint.pt of a teacher to measure, too")
    parser.add_argument("--split", action="append",
                        help="splits to measure on, instead of test and ood; defaults are chosen "
                        "by valid")  # fmt: skip
    parser.add_argument("--songs", type=int, help="only so many of each file")
    parser.add_argument("--few", type=int, default=6,
                        help="how many of each file the slow settings are played on")  # fmt: skip
    parser.add_argument("--jobs", type=int, default=2, help="agents at a time")
    parser.add_argument("--only", choices=list(STEPS), action="append",
                        help="only this step: play the songs, take the figures, draw")  # fmt: skip
    parser.add_argument("--human", action="store_true",
                        help="only print the human's figures, over whole songs")  # fmt: skip
    options = parser.parse_args()
    options.split = options.split or SPLITS
    if options.human:
        with reported("evaluate", "take the human's figures"):
            print(human_check(options.corpus))
        return
    if options.out is None:
        parser.error("expected --out, a folder for all that is written")
    for step in options.only or STEPS:
        operation, act = STEPS[step]
        with reported("evaluate", operation):
            act(options)
    if "draw" in (options.only or STEPS):
        path = options.out / "table.md"
        print(path.read_text(encoding="utf-8"), path, sep="\n")


if __name__ == "__main__":
    main()
