"""Baselines: simple accompanists to compare the agent with. Like the agent, they choose a frame's
chord from the frames before it, and rest until the first note."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from ..data.frames import FRAMES_PER_BEAT
from ..data.takes import Harmony, Take

NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
Baseline = Callable[[Take], list[str]]


def rotations(profile: Iterable[float]) -> np.ndarray:
    """(12, 12): a profile of intervals above the root, as a profile of pitch classes for every
    root."""
    return np.stack([np.roll(list(profile), root) for root in range(12)])


def triads(root: float, third: float, fifth: float) -> np.ndarray:
    """(24, 12): C to B major, then C to B minor, with these weights of their tones."""
    major, minor = np.zeros((2, 12))
    major[[0, 4, 7]] = minor[[0, 3, 7]] = root, third, fifth
    return np.concatenate([rotations(major), rotations(minor)])


TRIADS = triads(1, 1, 1)
# To choose among triads that fit equally: the root counts more than the fifth, and that more than
# the third.
PREFERENCES = triads(3, 1, 2)
TRIAD_NAMES = (*NAMES, *(f"{name}m" for name in NAMES))


def pitch_classes(take: Take) -> np.ndarray:
    """(F, 12): 1 at the pitch class that sounds in each frame."""
    matrix = np.zeros((len(take), 12))
    frames = np.flatnonzero(take.melody)
    matrix[frames, take.pitch[frames] % 12] = 1
    return matrix


def held(take: Take, every: int, choose: Callable[[int, str], str]) -> list[str]:
    """Chords that are chosen every `every` frames of the bar, given the frame and the sounding
    chord, and held in between."""
    chords: list[str] = []
    sounding = "N"
    for frame in range(len(take)):
        if take.place[frame] % every == 0:
            sounding = choose(frame, sounding)
        chords.append(sounding)
    return chords


def best(melody: np.ndarray, sounding: str, among: np.ndarray | None = None) -> str:
    """The triad among TRIADS, or among some of them, that fits a melody, (12,), best. Of equals,
    the sounding one, or else the best by PREFERENCES."""
    fits = TRIADS @ melody
    fits = fits if among is None else np.where(among, fits, -1)
    equals = np.flatnonzero(fits == fits.max())
    if sounding in TRIAD_NAMES and TRIAD_NAMES.index(sounding) in equals:
        return sounding
    return TRIAD_NAMES[equals[np.argmax((PREFERENCES @ melody)[equals])]]


def rule_player(take: Take, every: int, window: int) -> list[str]:
    """Every `every` frames of the bar, the triad that fits the last `window` frames best."""
    sounded = pitch_classes(take)

    def choose(frame: int, sounding: str) -> str:
        recent = sounded[max(0, frame - window) : frame].sum(axis=0)
        return best(recent, sounding) if recent.any() else sounding

    return held(take, every, choose)


# How well pitch classes fit into a key, from its tonic up (Krumhansl and Kessler 1982).
MAJOR_KEY = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR_KEY = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
KEYS = np.concatenate([rotations(MAJOR_KEY), rotations(MINOR_KEY)])
# I ii iii IV V vi and i III iv V VI VII: semitones above the tonic, and whether minor.
MAJOR_STEPS = ((0, 0), (2, 1), (4, 1), (5, 0), (7, 0), (9, 1))
MINOR_STEPS = ((0, 1), (3, 0), (5, 1), (7, 0), (8, 0), (10, 0))


def diatonic(key: int) -> np.ndarray:
    """Which of TRIADS belong to a key. Keys 0 to 11 are major, 12 to 23 minor."""
    steps = MINOR_STEPS if key >= 12 else MAJOR_STEPS
    belongs = np.zeros(len(TRIADS), bool)
    belongs[[(key + interval) % 12 + 12 * minor for interval, minor in steps]] = True
    return belongs


def key_finder(take: Take, window: int = 2 * FRAMES_PER_BEAT, memory: float = 32) -> list[str]:
    """Every half bar, the triad of the key that fits the last `window` frames best. The key is the
    one whose profile correlates most with the melody so far (Krumhansl and Schmuckler), weighted by
    exp(−age in beats / memory)."""
    sounded = pitch_classes(take)
    weights = np.exp(-np.arange(len(take)) / (memory * FRAMES_PER_BEAT))
    profiles = KEYS - KEYS.mean(axis=1, keepdims=True)
    profiles /= np.linalg.norm(profiles, axis=1, keepdims=True)

    def choose(frame: int, sounding: str) -> str:
        recent = sounded[max(0, frame - window) : frame].sum(axis=0)
        if not recent.any():
            return sounding
        past = weights[:frame][::-1] @ sounded[:frame]
        key = int(np.argmax(profiles @ (past - past.mean())))
        return best(recent, sounding, diatonic(key))

    return held(take, max(1, take.bar // 2), choose)


# The kinds of chords of the hidden Markov model.
MAJOR, MINOR, SEVENTH = range(3)
SUFFIXES = ("", "m", "7")


def chord_kinds(harmony: Harmony) -> np.ndarray:
    """The kind of each frame's chord, (F,). SEVENTH is a major chord with a minor seventh."""

    def has(interval: int) -> np.ndarray:
        return harmony.tones[np.arange(len(harmony.root)), (harmony.root + interval) % 12]

    kinds = np.where(has(4) & has(10), SEVENTH, MAJOR)
    return np.where(has(3) & ~has(4), MINOR, kinds)


class HiddenMarkov:
    """A hidden Markov model with chords as states, which change from beat to beat and emit the
    melody: an online version of the harmoniser of Simon, Morris and Basu (2008).

    States are kind · 12 + root. The tables are counted relative to the root, so that all keys are
    alike. emission: (3, 12), of intervals above the root, for each kind. transition: (2, 36, 36),
    [0] within the bar, [1] over the bar line.
    """

    def __init__(self, takes: Iterable[Take], certainty: float = 1.5) -> None:
        """takes: the songs to count. certainty: how many independent observations a beat of melody
        counts for; the default is best on the validation songs."""
        intervals = np.ones((3, 12))
        steps = np.full((2, 3, 3, 12), 0.1)
        for take in takes:
            self.count(take, intervals, steps)
        self.emission = intervals / intervals.sum(axis=1, keepdims=True)
        self.log_emission = np.concatenate([rotations(np.log(e)) for e in self.emission])
        shares = steps / steps.sum(axis=(2, 3), keepdims=True)
        # (2, 3 from, 12 from, 3 to, 12 to)
        roots = (np.arange(12) - np.arange(12)[:, None]) % 12
        self.transition = shares[:, :, :, roots].transpose(0, 1, 3, 2, 4).reshape(2, 36, 36)
        self.certainty = certainty

    @staticmethod
    def count(take: Take, intervals: np.ndarray, steps: np.ndarray) -> None:
        """Adds the counts of the human's chords."""
        human = take.reference
        kinds = chord_kinds(human)
        both = np.flatnonzero(human.sounds & take.melody)
        above = (take.pitch[both] - human.root[both]) % 12
        np.add.at(intervals, (kinds[both], above), 1 / FRAMES_PER_BEAT)
        beats = np.flatnonzero(take.place % FRAMES_PER_BEAT == 0)
        before, after = beats[:-1], beats[1:]
        known = human.sounds[before] & human.sounds[after]
        before, after = before[known], after[known]
        step = (human.root[after] - human.root[before]) % 12
        over = (take.place[after] == 0).astype(int)
        np.add.at(steps, (over, kinds[before], kinds[after], step), 1)

    def __call__(self, take: Take) -> list[str]:
        """At each beat, the likeliest state given the beats before."""
        sounded = pitch_classes(take)
        expected = np.full(36, 1 / 36)
        since = 0

        def choose(frame: int, sounding: str) -> str:
            nonlocal expected, since
            melody = sounded[since:frame].sum(axis=0) / FRAMES_PER_BEAT
            likelihood = self.certainty * (self.log_emission @ melody)
            posterior = expected * np.exp(likelihood - likelihood.max())
            if frame > 0:
                over_bar_line = int(take.place[frame] == 0)
                expected = posterior @ self.transition[over_bar_line] / posterior.sum()
            since = frame
            if sounding == "N" and not sounded[:frame].any():
                return sounding
            kind, root = divmod(int(np.argmax(expected)), 12)
            return NAMES[root] + SUFFIXES[kind]

        return held(take, FRAMES_PER_BEAT, choose)


def baselines(training: Iterable[Take]) -> dict[str, Baseline]:
    """All baselines by name. training: the takes that the hidden Markov model is counted in."""
    return {
        "rule player, every beat": lambda take: rule_player(
            take, FRAMES_PER_BEAT, 2 * FRAMES_PER_BEAT
        ),
        "rule player, every bar": lambda take: rule_player(take, take.bar, 4 * FRAMES_PER_BEAT),
        "key finder": key_finder,
        "hidden Markov model": HiddenMarkov(training),
    }
