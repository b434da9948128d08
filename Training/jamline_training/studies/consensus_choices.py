"""How the minds' votes should become chords. They listen to validation songs once (`ensemble`, the
reference), and their votes are agreed on in many ways, frame by frame."""

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
from ..data.chord_vocabulary import NO_CHORD, Chord, ChordVocabulary
from ..data.corpus import Song, evenly, read_file
from ..data.frames import FRAMES_PER_BEAT, beat_length, frames_of
from ..data.takes import Take, take_of_frames
from ..errors import reported
from ..evaluation.comparison import figures_of
from ..evaluation.metrics import counts_of
from ..evaluation.table import cell, heading, line
from ..network.model import Accompanist
from ..network.model_file import load
from ..reference.consensus import Consensus, Votes, add, may_change
from ..reference.harmony_tracker import Listening
from ..reference.melody_only import TRANSPOSITIONS
from ..reference.rollouts import imagine
from ..reference.whole_agent import Places, has_begun, listen

FRAMES = 64 * FRAMES_PER_BEAT
FIGURES = ("note in chord", "root agreement", "changes on bar lines", "changes per 4 beats",
           "silence over melody", "pitch classes")  # fmt: skip


@dataclass(frozen=True)
class Way:
    """Of agreeing: what the ears have of all votes (unless said, the agent's default); how many
    elders are asked, and what the young ear has of the ears' votes (unless said, by its credit,
    which it earned against all six); how new what is heard is taken to be (unless said, as the ears
    have it); and fields of Consensus unlike the agent's."""

    name: str
    ear: float = 0.8
    elders: int = len(TRANSPOSITIONS)
    young: float | None = None
    novelty: float | None = None
    consensus: dict[str, float] = field(default_factory=dict)


def over_clash(at_half_bar: float, at_beat: float) -> dict[str, float]:
    return {"over_clash_at_half_bar": at_half_bar, "over_clash_at_beat": at_beat}


NEVER = 1e9
AS_EVER = over_clash(NEVER, NEVER)
WAYS = [
    Way("as it is"),
    *(
        Way(f"the ears have {share:.0%} of the votes", share)
        for share in (0.0, 0.3, 0.6, 0.7, 0.9, 1.0)
    ),
    *(Way(f"elders: {count}", elders=count) for count in (1, 2, 3, 4)),
    *(Way(f"the young ear always has {share:.0%} of theirs", young=share) for share in (0.0, 0.5)),
    Way("elders: 1, the young ear always has half", elders=1, young=0.5),
    Way("likeness: the very same chord", consensus={"of_root": 0, "of_tones": 0}),
    Way("likeness: the root", consensus={"of_root": 1, "of_tones": 0}),
    Way("likeness: the tones", consensus={"of_root": 0, "of_tones": 1}),
    Way("likeness: .65 root, .345 tones", consensus={"of_root": 0.65}),
    Way("likeness: .5 root, .4 tones", consensus={"of_root": 0.5, "of_tones": 0.4}),
    Way("margins as ever where what is heard is new", novelty=0.0),
    Way("no margins", consensus={"at_half_bar": 1, "at_beat": 1}),
    Way("margins 1, 1.5, 1.7", consensus={"at_half_bar": 1.5, "at_beat": 1.7}),
    Way("margins 1, 3.5, 5", consensus={"at_half_bar": 3.5}),
    Way("margins 1, 2, 2.5", consensus={"at_half_bar": 2, "at_beat": 2.5}),
    Way("margin .9 on the bar line", consensus={"at_bar_line": 0.9}),
    Way("what was heard of late counts nothing", consensus={"of_fit": 0.0}),
    Way("what was heard of late counts .8", consensus={"of_fit": 0.8}),
    Way("what is to come counts nothing", consensus={"of_coming": 0.0, "least_of_coming": 0.0}),
    Way("what is to come counts 2", consensus={"of_coming": 2.0}),
    Way("what is to come makes no clash", consensus={"least_of_coming": 0.0}),
    Way("crowded chords count as much", consensus={"of_crowd": 0.0}),
    Way("crowded chords count .06 less", consensus={"of_crowd": 0.06}),
    Way("margin 1 over a clash", consensus=over_clash(1.0, 1.0)),
    Way("margin 1.4 over a clash", consensus=over_clash(1.4, 1.4)),
    Way("over a clash as ever", consensus=AS_EVER),
    Way("that, and margins 1, 1.5, 1.7",
        consensus={**AS_EVER, "at_half_bar": 1.5, "at_beat": 1.7}),
    Way("changes on bar lines only",
        novelty=0.0, consensus={**AS_EVER, "at_half_bar": NEVER, "at_beat": NEVER}),
    Way("changes on bar lines and in their middle",
        novelty=0.0, consensus={**AS_EVER, "at_beat": NEVER}),
]  # fmt: skip


@dataclass(frozen=True)
class Ballot:
    """The hypotheses' votes, and those of each elder and of the young ear, each as if the others
    had none; what the young one has of the ears' by its credit; what is imagined of the melody in
    the beat that begins, and how new it is what is heard, as Consensus has it."""

    own: Votes
    elders: list[Votes]
    young: Votes
    of_young: float
    coming: list[float]
    novelty: float

    def novelty_by(self, way: Way) -> float:
        """Without ears nothing is new."""
        novelty = self.novelty if way.novelty is None else way.novelty
        return novelty if way.ear else 0.0

    def counted(self, way: Way) -> Votes:
        of_young = self.of_young if way.young is None else way.young
        elders = self.elders[: way.elders]
        parts = [(self.own, 1 - way.ear), (self.young, way.ear * of_young)]
        parts += [(elder, way.ear * (1 - of_young) / len(elders)) for elder in elders]
        votes: Votes = {}
        for part, of_part in parts:
            for chord, share in part.items() if of_part else ():
                add(votes, chord, of_part * share)
        return votes


@dataclass(frozen=True)
class Listened:
    """A song, and what was voted for wherever a chord may change, by frame."""

    song: Song
    length: int
    ballots: dict[int, Ballot]


@torch.no_grad()
def heard(model: Accompanist, song: Song, listening: Listening) -> Listened:
    """listening: what share its ears have is all one, but not whether they have any: they tell when
    all begin again."""
    length = min(FRAMES, len(frames_of(song, ChordVocabulary(model.c.qualities))))
    places = Places.of(song, length + listening.lookahead)
    beat = beat_length(places.compound)
    ballots = {}
    for frame, ensemble, pitches in listen(model, song, length, listening):
        place, _, compound = places.at(frame)
        if has_begun(pitches) and may_change(place, compound, is_silent=not ballots):
            ahead = places.told[frame + 1 : frame + listening.lookahead]
            dream = imagine(ensemble, int(pitches[-1]), ahead, asked=())
            own = ensemble.of_hypotheses(ensemble.h, ensemble.before, ensemble.weights, 1.0)
            *elders, young = ensemble.ears.voting
            ballots[frame] = Ballot(
                own,
                [ensemble.of_ear(elder) for elder in elders],
                ensemble.of_ear(young),
                ensemble.ears.share(young, ensemble.ears.voting),
                dream.coming(0, beat),
                ensemble.novelty,
            )
    return Listened(song, length, ballots)


def agreed(heard: Listened, way: Way, vocabulary: ChordVocabulary) -> list[Chord]:
    """What is played in each frame."""
    consensus = Consensus(vocabulary, **way.consensus)
    pitches = frames_of(heard.song, vocabulary).pitch
    places, chord, chords = Places.of(heard.song, heard.length), NO_CHORD, []
    for frame in range(heard.length):
        if frame in heard.ballots:
            ballot = heard.ballots[frame]
            of_late = places.heard(pitches[:frame], ballot.novelty_by(way))
            chord = consensus.chord(
                ballot.counted(way), chord, of_late, ballot.coming, *places.at(frame)
            )
        chords.append(chord)
    return chords


def take(heard: Listened, chords: list[Chord] | None, vocabulary: ChordVocabulary) -> Take:
    """Of these chords, or of the person's."""
    frames = excerpt(frames_of(heard.song, vocabulary), 0, heard.length)
    human = np.stack([frames.root, frames.quality, frames.bass], -1)
    return take_of_frames(vocabulary, frames, human if chords is None else np.array(chords))


def row(name: str, sets: list[list[Take]]) -> str:
    """The mean over the sets."""
    counts = (sum((counts_of(take) for take in takes), Counter()) for takes in sets)
    of_sets = [figures_of(of_set, FIGURES) for of_set in counts]
    means = ((figure, fmean(of_set[figure] for of_set in of_sets)) for figure in FIGURES)
    return line([name, *(cell(figure, (mean, None, None)) for figure, mean in means)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("Models/accompanist.safetensors"))
    parser.add_argument("--hypotheses", type=int, default=16)
    parser.add_argument("--songs", type=int, default=16, help="of each file, spread over it")
    parser.add_argument("--threads", type=int, default=1, help="processor threads to use")
    parser.add_argument("files", type=Path, nargs="+", help="songs (.jsonl)")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with reported("consensus_choices", "listen"):
        model = load(options.model)
        sets = []
        for path in options.files:
            songs = tqdm(evenly(list(read_file(path)), options.songs), path.stem, unit="song")
            seeds = (int(seed_of(path.stem, number, 1)) for number in itertools.count())
            longest = beat_length(compound=True)
            listenings = (
                Listening(options.hypotheses, seed, Way.ear, lookahead=longest) for seed in seeds
            )
            sets.append([heard(model, *each) for each in zip(songs, listenings, strict=False)])
    vocabulary = ChordVocabulary(model.c.qualities)
    print(heading([f"{options.hypotheses} hypotheses", *FIGURES]))
    for way in WAYS:
        played = [[take(h, agreed(h, way, vocabulary), vocabulary) for h in one] for one in sets]
        print(row(way.name, played), flush=True)
    print(row("human", [[take(h, None, vocabulary) for h in one] for one in sets]))


if __name__ == "__main__":
    main()
