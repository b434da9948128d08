"""The report of an evaluation: figures with their intervals, as rows of a table and as curves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from ..agent.sessions import Entry, sample, takes_of
from ..agent.settings import BEATS, MOVED_BEATS, Setting
from ..data.corpus import read_file
from ..data.frames import FRAMES_PER_BEAT, beat_length, is_compound
from ..data.takes import Take, take_of
from ..errors import CorpusError
from .baselines import Baseline
from .bootstrap import Estimate, estimates
from .curves import adaptation, curve
from .metrics import Measured
from .table import TWO_SAMPLE_TESTS, cell, heading, line
from .two_sample_test import TwoSampleResult, two_sample_test

HUMAN = "human"
# A guest.
TEACHER = "teacher, which sees the melody"
# Scopes: which songs and frames rows are about. Rows are comparable within a scope.
ALL, FEW, LATER = "all", "few", "few, after listening"
POOLED, POOLED_TEST = "all sets", "all test sets"
# The least songs of a two-sample test. The result of fewer would mean nothing.
LEAST_TESTED = 20
WAIT_BEATS = 32
Takes = list[tuple[Entry, Take]]


@dataclass(frozen=True)
class Evaluation:
    """What a report is about.

    few: how many songs of each file the slow settings were measured on. played: each setting with
    the file of its sessions. silence: the beats of the agent's listening period as it is shipped.
    guests: takes of all songs by other accompanists, by name.
    """

    entries: list[Entry]
    few: int
    played: list[tuple[Setting, Path]]
    baselines: dict[str, Baseline]
    silence: float
    guests: dict[str, Takes] = field(default_factory=dict)

    def takes(self, setting: Setting, path: Path, few: bool = False) -> Takes:
        """A setting's takes, as far as they were recorded. few: only the songs that all settings
        have."""
        entries = self.few_entries() if few else self.entries
        return list(takes_of(setting, entries, path))

    def human(self, few: bool = False, beats: int = BEATS) -> Takes:
        """The human's takes."""
        entries = self.few_entries() if few else self.entries
        return [(entry, take_of(entry.song, beats)) for entry in entries]

    def others(self, few: bool = False) -> Iterator[tuple[str, Takes]]:
        """The takes of baselines and guests, by name."""
        human = self.human(few)
        for name, baseline in self.baselines.items():
            yield name, by_baseline(baseline, human)
        asked = {(entry.file, entry.number) for entry, _ in human}
        for name, takes in self.guests.items():
            yield name, [(e, take) for e, take in takes if (e.file, e.number) in asked]

    def few_entries(self) -> list[Entry]:
        """The songs that all settings have."""
        return sample(self.entries, self.few)


def by_baseline(baseline: Baseline, human: Takes) -> Takes:
    """A baseline's takes of the human's songs."""
    return [(entry, take.played(baseline(take))) for entry, take in human]


def after_listening(takes: Takes, silence: float) -> Takes:
    """The takes from the first bar line on after the listening period, which begins with the first
    note."""
    later = ((entry, take.since(entry_frame(entry, take, silence))) for entry, take in takes)
    return [(entry, take) for entry, take in later if len(take)]


def entry_frame(entry: Entry, take: Take, silence: float) -> int:
    """The frame of the take in which the agent enters after so many beats."""
    listening = round(silence * beat_length(is_compound(entry.song.meter)))
    end = take.first + int(np.argmax(take.onset)) + listening
    return end + -end % take.bar - take.first


def scopes(evaluation: Evaluation) -> Iterator[tuple[str, str, Takes]]:
    """The scope, the accompanist and the takes of every row. The human is the last of each
    scope."""
    for name, takes in evaluation.others():
        yield ALL, name, takes
    plain = [(s, path) for s, path in evaluation.played if s.beats == BEATS]
    for setting, path in plain:
        if setting.times_few is None:
            yield ALL, setting.name, evaluation.takes(setting, path)
    yield ALL, HUMAN, evaluation.human()
    human, others = evaluation.human(few=True), dict(evaluation.others(few=True))
    for name, takes in others.items():
        yield FEW, name, takes
    for setting, path in plain:
        if not setting.after_listening:
            yield FEW, setting.name, evaluation.takes(setting, path, few=True)
    yield FEW, HUMAN, human
    for name, takes in others.items():
        yield LATER, name, after_listening(takes, evaluation.silence)
    for setting, path in plain:
        if setting.times_few is None or setting.after_listening:
            takes = evaluation.takes(setting, path, few=True)
            yield LATER, setting.name, after_listening(takes, evaluation.silence)
    yield LATER, HUMAN, after_listening(human, evaluation.silence)


def sets_of(takes: Takes) -> Iterator[tuple[str, np.ndarray]]:
    """The sets: all songs, those of test files, and those of each file; and the indices of their
    takes."""
    files = np.array([entry.file for entry, _ in takes])
    yield POOLED, np.arange(len(takes))
    test = np.char.endswith(files, ".test")
    if not test.all() and len(set(files[test])) > 1:
        yield POOLED_TEST, np.flatnonzero(test)
    for file in sorted(set(files)):
        yield str(file), np.flatnonzero(files == file)


def two_sample_results(who: str, takes: Sequence[Take]) -> dict[str, TwoSampleResult]:
    """The two-sample tests by column. The human is compared with the human: the chords to every
    other song with those to the songs in between, which no classifier should be able to tell
    apart."""
    human = [take.by_human() for take in takes]
    if who == HUMAN:
        pairs = len(takes) // 2
        takes, human = takes[0 : 2 * pairs : 2], human[1 : 2 * pairs : 2]
    if len(takes) < LEAST_TESTED:
        return {}
    return {
        column: two_sample_test(human, takes, melody) for column, melody in TWO_SAMPLE_TESTS.items()
    }


def areas_of(tests: dict[str, TwoSampleResult], which: np.ndarray | None) -> dict[str, Estimate]:
    """The areas under the curve for some of the tested songs, or for all for None."""
    found = {}
    for column, result in tests.items():
        among = result if which is None else result.among(which)
        songs = len(among.wins)
        if songs >= LEAST_TESTED:
            found |= estimates(lambda w, a=among, c=column: {c: a.area(w)}, songs)
    return found


def rows_of(scope: str, who: str, takes: Takes) -> Iterator[dict[str, Any]]:
    """The rows of an accompanist, one for each set."""
    tests = two_sample_results(who, [take for _, take in takes])
    for set_name, which in sets_of(takes):
        figures = estimates(Measured([takes[at][1] for at in which]).figures, len(which))
        if who != HUMAN:
            figures |= areas_of(tests, which)
        elif set_name == POOLED:
            figures |= areas_of(tests, None)
        yield {"scope": scope, "set": set_name, "who": who, "songs": len(which), "figures": figures}


def whole(takes: Takes, beats: int) -> Takes:
    """The takes that are at least so many beats long."""
    return [(entry, take) for entry, take in takes if len(take) >= beats * FRAMES_PER_BEAT]


def adaptation_of(evaluation: Evaluation) -> dict[str, Any]:
    """Note in chord by beat while the melody moves. The human's chords are those to the melody that
    does not move, since a human would move along."""
    followed = {
        setting.name: whole(evaluation.takes(setting, path), MOVED_BEATS)
        for setting, path in evaluation.played
        if setting.condition == "moved"
    }
    most = max(followed.values(), key=len, default=[])
    followed[HUMAN] = [(entry, take_of(entry.song, MOVED_BEATS)) for entry, _ in most]
    return {
        who: {
            "songs": len(takes),
            "by beat": curve([take for _, take in takes], MOVED_BEATS),
            **({} if who == HUMAN else adaptation([take for _, take in takes], MOVED_BEATS)),
        }
        for who, takes in followed.items()
        if takes
    }


def wait_and_see_of(evaluation: Evaluation) -> dict[str, Any]:
    """Note in chord by beat from a cold start."""
    human = evaluation.human(beats=WAIT_BEATS)
    followed: dict[str, Takes] = {HUMAN: human}
    for setting, path in evaluation.played:
        if setting.times_few is None:
            followed[setting.name] = evaluation.takes(setting, path)
    for name, baseline in evaluation.baselines.items():
        followed[name] = by_baseline(baseline, human)
    return {
        who: {"songs": len(takes), "by beat": curve([take for _, take in takes], WAIT_BEATS)}
        for who, takes in followed.items()
        if takes
    }


def report_of(evaluation: Evaluation) -> dict[str, Any]:
    """The whole report."""
    rows = []
    for scope, who, takes in tqdm(list(scopes(evaluation)), "measuring", unit="row"):
        if takes:
            rows += rows_of(scope, who, takes)
    return {
        "rows": rows,
        "adaptation": adaptation_of(evaluation),
        "wait and see": wait_and_see_of(evaluation),
    }


# The figures that a corpus' description gives.
STATED = ("note in chord", "pitch classes", "onsets per 4 beats")


def human_check(corpus: Path) -> str:
    """A table of the human's figures over whole songs of all splits, by set, to compare with those
    that come with the corpus."""
    lines = [heading(["set", "songs", *STATED])]
    paths = sorted(corpus.glob("*.*.jsonl"), key=lambda path: path.name.split(".")[0])
    if not paths:
        raise CorpusError(f"{corpus}: expected SET.SPLIT.jsonl there, found none")
    for name, files in groupby(paths, lambda path: path.name.split(".")[0]):
        takes = [take_of(song) for path in files for song in read_file(path)]
        figures = estimates(Measured(takes).figures, len(takes))
        cells = [cell(column, figures[column]) for column in STATED]
        lines.append(line([name, str(len(takes)), *cells]))
    return "\n".join(lines)
