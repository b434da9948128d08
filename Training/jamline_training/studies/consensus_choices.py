"""Compares ways in which votes become chords. The reference agent tracks validation songs once and
keeps its votes. Then each way chooses chords by these votes, frame by frame."""

from __future__ import annotations

import argparse
import itertools
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

import numpy as np
import torch
from tqdm import tqdm

from ..agent.playing import seed_of
from ..data.batches import excerpt
from ..data.chord_vocabulary import NO_CHORD, ChordTokens, ChordVocabulary
from ..data.corpus import Song, evenly, read_file
from ..data.frames import FRAMES_PER_BEAT, beat_length, frames_of
from ..data.takes import Take, take_of_frames
from ..errors import reported
from ..evaluation.comparison import figures_of
from ..evaluation.metrics import counts_of
from ..evaluation.table import cell, heading, line
from ..network.model import Accompanist
from ..network.model_file import load
from ..reference.consensus import Consensus, may_change
from ..reference.harmony_tracker import AgentSettings
from ..reference.melody_only import TRANSPOSITIONS
from ..reference.rollouts import roll_out
from ..reference.votes import Votes, add
from ..reference.whole_agent import Places, has_begun, track

FRAMES = 64 * FRAMES_PER_BEAT
FIGURES = ("note in chord", "root agreement", "changes on bar lines", "changes per 4 beats",
           "silence over melody", "pitch classes")  # fmt: skip


@dataclass(frozen=True)
class Way:
    """A way in which votes become chords. What is None is as in the agent.

    melody_only: the melody-only predictors' share of the votes, by default that of the agent.
    long_contexts: how many of them vote. short_share: the short context's share of the predictors'
    votes, in the agent by its log odds against all long contexts. change_weight: the weight of the
    short context that lowers margins. consensus: fields of Consensus that differ from the agent's.
    """

    name: str
    melody_only: float = 0.8
    long_contexts: int = len(TRANSPOSITIONS)
    short_share: float | None = None
    change_weight: float | None = None
    consensus: dict[str, float] = field(default_factory=dict)


def over_clash(at_half_bar: float, at_beat: float) -> dict[str, float]:
    """The margins over a chord that clashes."""
    return {"clash_mid_bar_margin": at_half_bar, "clash_other_beat_margin": at_beat}


NEVER = 1e9
AS_OTHERS = over_clash(NEVER, NEVER)
WAYS = [
    Way("as it is"),
    *(
        Way(f"melody-only predictors: {share:.0%} of the votes", share)
        for share in (0.0, 0.3, 0.6, 0.7, 0.9, 1.0)
    ),
    *(Way(f"long contexts: {count}", long_contexts=count) for count in (1, 2, 3, 4)),
    *(
        Way(f"short context: {share:.0%} of the predictors' votes", short_share=share)
        for share in (0.0, 0.5)
    ),
    Way("long contexts: 1, short context: half of the votes", long_contexts=1, short_share=0.5),
    Way("similarity: the same chord", consensus={"root_weight": 0, "common_tones_weight": 0}),
    Way("similarity: the root", consensus={"root_weight": 1, "common_tones_weight": 0}),
    Way("similarity: the tones", consensus={"root_weight": 0, "common_tones_weight": 1}),
    Way("similarity: .65 root, .345 tones", consensus={"root_weight": 0.65}),
    Way("similarity: .5 root, .4 tones",
        consensus={"root_weight": 0.5, "common_tones_weight": 0.4}),
    Way("margins do not depend on the short context", change_weight=0.0),
    Way("no margins", consensus={"mid_bar_margin": 1, "other_beat_margin": 1}),
    Way("margins 1, 1.5, 1.7", consensus={"mid_bar_margin": 1.5, "other_beat_margin": 1.7}),
    Way("margins 1, 3.5, 5", consensus={"mid_bar_margin": 3.5}),
    Way("margins 1, 2, 2.5", consensus={"mid_bar_margin": 2, "other_beat_margin": 2.5}),
    Way("margin .9 on the bar line", consensus={"bar_line_margin": 0.9}),
    Way("recent fit: weight 0", consensus={"recent_fit_weight": 0.0}),
    Way("recent fit: weight .8", consensus={"recent_fit_weight": 0.8}),
    Way("predicted fit: weight 0",
        consensus={"predicted_fit_weight": 0.0, "least_predicted_fit": 0.0}),
    Way("predicted fit: weight 2", consensus={"predicted_fit_weight": 2.0}),
    Way("no clash with the predicted melody", consensus={"least_predicted_fit": 0.0}),
    Way("extra tones: no penalty", consensus={"extra_tone_penalty": 0.0}),
    Way("extra tones: penalty .06", consensus={"extra_tone_penalty": 0.06}),
    Way("margin 1 over a clash", consensus=over_clash(1.0, 1.0)),
    Way("margin 1.4 over a clash", consensus=over_clash(1.4, 1.4)),
    Way("the same margins over a clash", consensus=AS_OTHERS),
    Way("that, and margins 1, 1.5, 1.7",
        consensus={**AS_OTHERS, "mid_bar_margin": 1.5, "other_beat_margin": 1.7}),
    Way("changes on bar lines only", change_weight=0.0,
        consensus={**AS_OTHERS, "mid_bar_margin": NEVER, "other_beat_margin": NEVER}),
    Way("changes on bar lines and at half bars", change_weight=0.0,
        consensus={**AS_OTHERS, "other_beat_margin": NEVER}),
]  # fmt: skip


@dataclass(frozen=True)
class FrameVotes:
    """What was voted for in a frame.

    hypotheses: the hypotheses' votes. long, short: those of each long context and of the short one.
    Each sums to 1. short_share: the short context's share of the predictors' votes, by its log
    odds. predicted: the predicted melody of the beat that begins. change_weight: as RecentMelody's
    short_context_weight.
    """

    hypotheses: Votes
    long: list[Votes]
    short: Votes
    short_share: float
    predicted: list[float]
    change_weight: float

    def change_weight_by(self, way: Way) -> float:
        """The weight that lowers margins. Without predictors it is 0."""
        weight = self.change_weight if way.change_weight is None else way.change_weight
        return weight if way.melody_only else 0.0

    def counted(self, way: Way) -> Votes:
        """All votes, with the shares that a way gives them."""
        of_short = self.short_share if way.short_share is None else way.short_share
        long = self.long[: way.long_contexts]
        parts = [(self.hypotheses, 1 - way.melody_only), (self.short, way.melody_only * of_short)]
        parts += [(votes, way.melody_only * (1 - of_short) / len(long)) for votes in long]
        counted: Votes = {}
        for votes, of_part in parts:
            for chord, share in votes.items() if of_part else ():
                add(counted, chord, of_part * share)
        return counted


@dataclass(frozen=True)
class TrackedSong:
    """A song, and the votes in each frame in which a chord may change."""

    song: Song
    length: int
    votes: dict[int, FrameVotes]


@torch.no_grad()
def tracked(model: Accompanist, song: Song, settings: AgentSettings) -> TrackedSong:
    """Tracks a song and keeps the votes. The predictors' share in the settings does not matter,
    except for whether it is 0: without votes of theirs there are no change points."""
    length = min(FRAMES, len(frames_of(song, ChordVocabulary(model.c.qualities))))
    places = Places.of(song, length + settings.lookahead)
    beat = beat_length(places.compound)
    votes = {}
    for frame, tracker, pitches in track(model, song, length, settings):
        place, _, compound = places.at(frame)
        if has_begun(pitches) and may_change(place, compound, is_silent=not votes):
            ahead = places.columns[frame + 1 : frame + settings.lookahead]
            rollouts = roll_out(tracker, int(pitches[-1]), ahead, asked=())
            predictors = tracker.predictors
            *long, short = predictors.voting
            votes[frame] = FrameVotes(
                tracker.hypothesis_votes(tracker.h, tracker.chords_before, tracker.weights, 1.0),
                [tracker.predictor_votes(predictor) for predictor in long],
                tracker.predictor_votes(short),
                predictors.share(short, predictors.voting),
                rollouts.predicted_notes(0, beat),
                tracker.short_context_weight,
            )
    return TrackedSong(song, length, votes)


def chords_by(way: Way, tracked: TrackedSong, vocabulary: ChordVocabulary) -> list[ChordTokens]:
    """The chord that a way chooses in each frame."""
    consensus = Consensus(vocabulary, **way.consensus)
    pitches = frames_of(tracked.song, vocabulary).pitch
    places, chord, chords = Places.of(tracked.song, tracked.length), NO_CHORD, []
    for frame in range(tracked.length):
        if frame in tracked.votes:
            votes = tracked.votes[frame]
            recent = places.recent(pitches[:frame], votes.change_weight_by(way))
            chord = consensus.chord(
                votes.counted(way), chord, recent, votes.predicted, *places.at(frame)
            )
        chords.append(chord)
    return chords


def take(
    tracked: TrackedSong, chords: list[ChordTokens] | None, vocabulary: ChordVocabulary
) -> Take:
    """The take of these chords, or of the person's for None."""
    frames = excerpt(frames_of(tracked.song, vocabulary), 0, tracked.length)
    human = np.stack([frames.root, frames.quality, frames.bass], -1)
    return take_of_frames(vocabulary, frames, human if chords is None else np.array(chords))


def row(name: str, sets: list[list[Take]]) -> str:
    """A row of the table: means over the sets."""
    counts = (sum((counts_of(take) for take in takes), Counter()) for takes in sets)
    of_sets = [figures_of(of_set, FIGURES) for of_set in counts]
    means = ((figure, fmean(of_set[figure] for of_set in of_sets)) for figure in FIGURES)
    return line([name, *(cell(figure, (mean, None, None)) for figure, mean in means)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("Models/accompanist.safetensors"))
    parser.add_argument("--hypotheses", type=int, default=16)
    parser.add_argument("--songs", type=int, default=16, help="of each file, evenly spaced")
    parser.add_argument("--threads", type=int, default=1, help="processor threads to use")
    parser.add_argument("files", type=Path, nargs="+", help="songs (.jsonl)")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with reported("consensus_choices", "track the songs"):
        model = load(options.model)
        sets = []
        for path in options.files:
            songs = tqdm(evenly(list(read_file(path)), options.songs), path.stem, unit="song")
            seeds = (int(seed_of(path.stem, number, 1)) for number in itertools.count())
            longest = beat_length(compound=True)
            settings = (
                AgentSettings(options.hypotheses, seed, Way.melody_only, lookahead=longest)
                for seed in seeds
            )
            sets.append([tracked(model, *each) for each in zip(songs, settings, strict=False)])
    vocabulary = ChordVocabulary(model.c.qualities)
    print(heading([f"{options.hypotheses} hypotheses", *FIGURES]))
    for way in WAYS:
        played = [
            [take(song, chords_by(way, song, vocabulary), vocabulary) for song in of_set]
            for of_set in sets
        ]
        print(row(way.name, played), flush=True)
    print(row("human", [[take(song, None, vocabulary) for song in of_set] for of_set in sets]))


if __name__ == "__main__":
    main()
