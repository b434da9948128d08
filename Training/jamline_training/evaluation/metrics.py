"""The figures of an accompaniment. Each song has its counts, and figures are computed from sums of
counts over songs, so that songs can be resampled (`bootstrap`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise

import numpy as np

from ..data.frames import FRAMES_PER_BEAT
from ..data.takes import Harmony, Take

FRAMES_PER_FOUR_BEATS = 4 * FRAMES_PER_BEAT
# The least onsets of a bar whose repetition counts. A bar of a long note or two says little.
LEAST_ONSETS = 3
BARS_PER_PHRASE = 8
# Longer intervals and chords share a last bin.
LONGEST_INTERVAL, LONGEST_CHORD = 17, 33
# How many chord bigrams are drawn to count the different ones among them.
BIGRAMS_DRAWN = 100


@dataclass(frozen=True)
class Ratio:
    """A figure that is a ratio of two sums, times `scale`."""

    numerator: str
    denominator: str
    scale: float = 1


RATIOS = {
    # Of the frames in which melody and chord sound: the melody's pitch class is in the chord.
    "note in chord": Ratio("in_chord", "both"),
    # Of the frames in which both accompanists sound: the root is the human's.
    "root agreement": Ratio("same_root", "compared"),
    # Of the changes from a chord to another (silence between them is none): on a bar line.
    "changes on bar lines": Ratio("changes_on_bar_lines", "changes"),
    # Of such changes in bars of four beats: on the second beat.
    "changes on beat 2": Ratio("changes_on_beat_2", "changes_in_four"),
    # Per frames in which chords sound, so that waiting for the melody does not count as constancy.
    "changes per 4 beats": Ratio("changes", "sounding", FRAMES_PER_FOUR_BEATS),
    # Over pairs of whole bars of a song with the same melody (onsets and pitches in every frame; at
    # least LEAST_ONSETS onsets): the share of frames with the same root in both, or none in both.
    "same bar, same root": Ratio("echoes", "echoed"),
    # Of the phrases of eight bars, counted from the first bar: a close at their end (`closes_of`).
    "phrases closed": Ratio("phrases_closed", "phrases"),
    # Of the frames in which the melody sounds: no chord does.
    "silence over melody": Ratio("melody_alone", "melody"),
    # The mean number of pitch classes of the chords that begin, the bass included.
    "pitch classes": Ratio("pitch_classes", "onsets"),
    # Chords that begin: chords that were not in the frame before.
    "onsets per 4 beats": Ratio("onsets", "frames", FRAMES_PER_FOUR_BEATS),
}
SHAPES = (
    # Earth mover's distance ×1000 between the distributions, the accompanist's and the human's, of
    # the frames from the melody's latest onset to a chord's (0 … 17, and a bin for longer or none):
    # probability times bins moved.
    "onset-interval EMD",
    # Entropy in nats of how many frames chords sound (1 … 33, and a bin for longer).
    "chord-length entropy",
    # Entropy in nats of the names of the chords that begin.
    "chord-name entropy",
    # Changes as pairs of names: the different ones to be expected among BIGRAMS_DRAWN of them,
    # drawn without replacement, as a share (rarefaction, Hurlbert 1971). Unlike the plain number,
    # or its share of all changes, it does not depend on how many changes there are.
    "distinct bigrams",
)
FIGURES = (*RATIOS, *SHAPES)


def counts_of(take: Take) -> Counter[str]:
    """The counts of one song that RATIOS are computed from."""
    chords, human, melody = take.harmony, take.reference, take.melody
    compared = chords.sounds & human.sounds
    in_four = chords.changes & (take.bar == FRAMES_PER_FOUR_BEATS)
    echoes, echoed = echoes_of(take)
    closed, phrases = closes_of(take)
    return Counter(
        frames=len(take),
        sounding=int(chords.sounds.sum()),
        melody=int(melody.sum()),
        both=int(take.both.sum()),
        melody_alone=int((melody & ~chords.sounds).sum()),
        in_chord=int(take.in_chord.sum()),
        compared=int(compared.sum()),
        same_root=int((compared & (chords.root == human.root)).sum()),
        onsets=int(chords.begins.sum()),
        pitch_classes=int(chords.tones[chords.begins].sum()),
        changes=int(chords.changes.sum()),
        changes_on_bar_lines=int((chords.changes & (take.place == 0)).sum()),
        changes_on_beat_2=int((in_four & (take.place == FRAMES_PER_BEAT)).sum()),
        changes_in_four=int(in_four.sum()),
        echoes=echoes,
        echoed=echoed,
        phrases_closed=closed,
        phrases=phrases,
    )


def echoes_of(take: Take) -> tuple[int, int]:
    """Over all pairs of bars with the same melody: the frames with the same root in both, and all
    frames."""
    bars: dict[bytes, list[int]] = {}
    for first in range(-take.first % take.bar, len(take) - take.bar + 1, take.bar):
        bar = slice(first, first + take.bar)
        if take.onset[bar].sum() >= LEAST_ONSETS:
            melody = np.stack([take.pitch[bar], take.onset[bar]]).tobytes()
            bars.setdefault(melody, []).append(first)
    same = frames = 0
    root = take.harmony.root
    for alike in bars.values():
        for first, second in combinations(alike, 2):
            roots = root[first : first + take.bar], root[second : second + take.bar]
            same += int((roots[0] == roots[1]).sum())
            frames += take.bar
    return same, frames


def closes_of(take: Take) -> tuple[int, int]:
    """The number of phrases of eight whole bars that close, and of all such phrases.

    A phrase closes with a step down a fifth (V–I) or a fourth (IV–I) to the tonic, which is taken
    to be the root that sounds longest in the take. The step is the last change in the phrase's last
    two bars, or the change to the chord that begins the next phrase.
    """
    phrase = BARS_PER_PHRASE * take.bar
    root = take.harmony.root
    tonic = np.bincount(root[take.harmony.sounds], minlength=12).argmax()
    changes = np.flatnonzero(take.harmony.changes)
    closed = phrases = 0
    for end in range(-take.first % phrase + phrase, len(take) + 1, phrase):
        phrases += 1
        last = changes[(changes >= end - 2 * take.bar) & (changes < end)][-1:]
        steps = [*last, *changes[changes == end]]
        closed += any(
            root[at] == tonic and (root[at] - root[at - 1]) % 12 in (5, 7) for at in steps
        )
    return closed, phrases


def onset_intervals(take: Take, chords: Harmony) -> np.ndarray:
    """A histogram of chord onsets by frames since the melody's latest onset: 0 … LONGEST_INTERVAL,
    and others."""
    intervals = np.minimum(take.since_onset[chords.begins], LONGEST_INTERVAL + 1)
    return np.bincount(intervals, minlength=LONGEST_INTERVAL + 2)


def chord_lengths(chords: Harmony) -> np.ndarray:
    """A histogram of chords by their length in frames: 0 … LONGEST_CHORD, and longer."""
    edges = chords.names[1:] != chords.names[:-1]
    starts = np.concatenate([[0], np.flatnonzero(edges) + 1, [len(chords.names)]])
    lengths = [end - start for start, end in pairwise(starts) if chords.sounds[start:end].any()]
    lengths = np.minimum(np.array(lengths, np.int64), LONGEST_CHORD + 1)
    return np.bincount(lengths, minlength=LONGEST_CHORD + 2)


def bigrams_of(chords: Harmony) -> Counter[str]:
    """The chord changes as pairs of names."""
    at = np.flatnonzero(chords.changes)
    return Counter(f"{chords.names_before[frame]} {chords.names[frame]}" for frame in at)


def table_of(counters: Sequence[Counter[str]]) -> np.ndarray:
    """(songs, names): how often each name occurs in each song."""
    names = {name: None for counter in counters for name in counter}
    return np.array([[counter[name] for name in names] for counter in counters], float)


def entropy(histograms: np.ndarray) -> np.ndarray:
    """The entropy of each row of counts in nats; 0 of an empty row."""
    total = np.maximum(histograms.sum(axis=-1, keepdims=True), 1e-12)
    shares = histograms / total
    return -(shares * np.log(np.where(shares > 0, shares, 1))).sum(axis=-1)


def transport(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The earth mover's distance between rows of counts as distributions, with bins 1 apart."""

    def cumulated(histograms: np.ndarray) -> np.ndarray:
        total = np.maximum(histograms.sum(axis=-1, keepdims=True), 1e-12)
        return np.cumsum(histograms / total, axis=-1)

    return np.abs(cumulated(first) - cumulated(second)).sum(axis=-1)


def rarefied(counts: np.ndarray, drawn: int) -> np.ndarray:
    """For each row of counts of kinds: the expected number of kinds among `drawn` individuals,
    drawn without replacement, as a share of `drawn`. It is nan if there are fewer individuals."""
    total = counts.sum(axis=-1).astype(int)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, total.max(initial=drawn) + 1)))])

    def choose(size: np.ndarray) -> np.ndarray:
        """The log of the number of ways to draw from `size` individuals; −inf if these are too
        few."""
        left = size - drawn
        ways = logs[size] - logs[np.maximum(left, 0)] - logs[drawn]
        return np.where(left >= 0, ways, -np.inf)

    rest = (total[..., None] - counts).astype(int)
    enough = total >= drawn
    all_ways = np.where(enough, choose(total), 0)
    expected = (1 - np.exp(choose(rest) - all_ways[..., None])).sum(axis=-1)
    return np.where(enough, expected / drawn, np.nan)


class Measured:
    """The counts of songs. `figures` computes figures of weighted sums of them."""

    def __init__(self, takes: Sequence[Take]) -> None:
        self.takes = takes

    @cached_property
    def counts(self) -> dict[str, np.ndarray]:
        """(songs,) each."""
        counted = [counts_of(take) for take in self.takes]
        names = {name for ratio in RATIOS.values() for name in (ratio.numerator, ratio.denominator)}
        return {name: np.array([c[name] for c in counted], float) for name in names}

    @cached_property
    def histograms(self) -> dict[str, np.ndarray]:
        """(songs, bins) each."""
        takes = self.takes
        names = [Counter(t.harmony.names[t.harmony.begins].tolist()) for t in takes]
        return {
            "intervals": np.stack([onset_intervals(t, t.harmony) for t in takes]).astype(float),
            "human intervals": np.stack([onset_intervals(t, t.reference) for t in takes]).astype(
                float
            ),
            "lengths": np.stack([chord_lengths(t.harmony) for t in takes]).astype(float),
            "names": table_of(names),
            "bigrams": table_of([bigrams_of(t.harmony) for t in takes]),
        }

    def figures(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """Every figure, (samples,). weights: (samples, songs), how often each song counts."""
        sums = {name: weights @ counts for name, counts in self.counts.items()}
        shapes = {name: weights @ table for name, table in self.histograms.items()}
        found = {}
        for name, ratio in RATIOS.items():
            below = sums[ratio.denominator]
            over = np.where(below > 0, below, np.nan)
            found[name] = ratio.scale * sums[ratio.numerator] / over
        distance = transport(shapes["intervals"], shapes["human intervals"])
        return found | {
            "onset-interval EMD": 1000 * distance,
            "chord-length entropy": entropy(shapes["lengths"]),
            "chord-name entropy": entropy(shapes["names"]),
            "distinct bigrams": rarefied(shapes["bigrams"], BIGRAMS_DRAWN),
        }
