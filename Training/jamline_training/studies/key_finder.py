"""Trains the key finder of the tools, and measures it: how often it names the right key.

`Sources/Shared/Keys/KeyFinder.swift` is the finder, and describes it. Here its weights are learned
by multinomial logistic regression over the 24 keys. The weights of a key are those of its mode,
transposed to its tonic, so no key is learned on its own.

    python -m jamline_training.studies.key_finder --corpus ~/corpus \\
        --write Sources/Shared/Keys/KeyWeights.swift

Each training song is heard up to eight bar lines: with all chords, and without those of the first
beats, in which an agent only listens.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..data.chord_vocabulary import NO_ROOT, ChordVocabulary
from ..data.corpus import Song, read_split
from ..data.files import write_text
from ..data.frames import (
    FRAMES_PER_BEAT, NO_PITCH, ONSET, QUALITIES, Frames, beat_length, frames_of,
)  # fmt: skip
from ..data.hints import KEYS
from ..errors import reported

KINDS = 8  # of chords, in the order of `ChordKind` in Swift
FAMILIES = (0, 0, 1, 2, 2, 3, 3, 0)  # of these kinds: major, dominant, minor, diminished
FEATURES = (
    "note", "noteOnBarLine", "noteOnBeat", "longNote", "firstNote",
    *(f"step {semitones}" for semitones in range(12)),
    *(f"chord {kind}" for kind in range(KINDS)),
    *(f"firstChord {family}" for family in range(4)),
    *(f"lateFirstChord {family}" for family in range(4)),
)  # fmt: skip
STEP, CHORD, FIRST, LATE = (
    FEATURES.index(f"{name} 0") for name in ("step", "chord", "firstChord", "lateFirstChord")
)
LISTENING_BEATS = 8  # jam-agent's default
BARS = (1, 2, 3, 4, 8)  # after which songs are learned from, and after three later ones
EARLY_BEATS = 6  # first chords later than this, counted from the first note, are late
MODULATION, MARGIN, FEWEST_NOTES = 800, 100, 3  # as in Swift; the first two in 1/100 nat
MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
DEGREE = (np.arange(12)[None] - np.arange(12)[:, None]) % 12  # (tonic, pitch class)
VOCABULARY = ChordVocabulary(QUALITIES)


def kind_of(intervals: frozenset[int]) -> int:
    """The kind of a chord, by its intervals above the root in semitones."""
    if 4 in intervals:
        return 2 if 10 in intervals else 1 if intervals & {9, 11} else 0
    if 3 in intervals:
        is_diminished = 6 in intervals and 7 not in intervals
        return (5 if is_diminished else 4) if 10 in intervals else 6 if is_diminished else 3
    return 7


KIND_OF_QUALITY = [kind_of(intervals) for intervals in VOCABULARY.intervals]


@dataclass(frozen=True)
class Evidence:
    """What tells the key, one element for each event.

    frame: when it is heard. feature: an index into FEATURES. note: a pitch class. frames: how many
    it counts for; an event counts for a beat.
    """

    frame: np.ndarray
    feature: np.ndarray
    note: np.ndarray
    frames: np.ndarray

    def until(self, end: int) -> np.ndarray:
        """The evidence of the frames before `end`, summed up in beats: (features, 12)."""
        total = np.zeros((len(FEATURES), 12), np.float32)
        heard = self.frame < end
        beats = self.frames[heard] / FRAMES_PER_BEAT
        np.add.at(total, (self.feature[heard], self.note[heard]), beats)
        return total


def evidence_of(song: Frames, enters: int) -> Evidence:
    """The evidence in a song. enters: the first frame whose chord is heard."""
    events: list[tuple[int, int, int, int]] = []
    beat = beat_length(song.compound)
    onsets = np.flatnonzero(song.melody >= ONSET)
    notes = song.pitch[onsets] % 12
    for index, (frame, note) in enumerate(zip(onsets.tolist(), notes.tolist(), strict=True)):
        place = int(song.place[frame])
        if place % beat == 0:
            on_bar_line = FEATURES.index("noteOnBarLine")
            events.append((frame, on_bar_line if place == 0 else on_bar_line + 1, note, 4))
        step = STEP + (note - notes[index - 1]) % 12 if index else FEATURES.index("firstNote")
        events.append((frame, step, note, 4))
        end = onsets[index + 1] if index + 1 < len(onsets) else len(song)
        if end > frame + 2 * beat:
            events.append((frame + 2 * beat, FEATURES.index("longNote"), note, 4))
    sounding = np.flatnonzero(song.pitch != NO_PITCH)
    events += [(int(frame), 0, int(song.pitch[frame]) % 12, 1) for frame in sounding]
    first = None
    for frame in np.flatnonzero(song.root != NO_ROOT):
        root, kind = int(song.root[frame]), KIND_OF_QUALITY[song.quality[frame]]
        if frame >= enters:
            events.append((int(frame), CHORD + kind, root, 1))
            first = first or (int(frame), FAMILIES[kind], root)
    if first:
        is_early = not len(onsets) or first[0] - onsets[0] <= EARLY_BEATS * FRAMES_PER_BEAT
        events.append((first[0], (FIRST if is_early else LATE) + first[1], first[2], 4))
    return Evidence(*np.array(events, np.int64).reshape(-1, 4).T)


def trusted_key(song: Frames) -> int | None:
    """The key that the corpus names, from 0, the major ones first; None unless the whole song bears
    it out: its last chord is on the tonic, third and mode agree, and no other key signature has
    more than 1.07 times as many of its notes."""
    chords = np.flatnonzero(song.root != NO_ROOT)
    if song.key == 0 or not len(chords) or not (song.pitch != NO_PITCH).any():
        return None
    minor, tonic = divmod(song.key - 1, 12)
    weight = np.bincount(song.pitch[song.pitch != NO_PITCH] % 12, minlength=12).astype(float)
    for frame in chords:
        for interval in VOCABULARY.intervals[song.quality[frame]]:
            weight[(song.root[frame] + interval) % 12] += 0.25
    is_more_minor = weight[(tonic + 3) % 12] > weight[(tonic + 4) % 12]
    last = VOCABULARY.intervals[song.quality[chords[-1]]]
    # A piece in minor may end in major.
    is_minor = is_more_minor if minor or not last & {3, 4} else 3 in last and 4 not in last
    relative = (tonic + 3) % 12 if minor else tonic
    fits = [sum(weight[(key + step) % 12] for step in MAJOR_SCALE) for key in range(12)]
    agrees = song.root[chords[-1]] == tonic and is_minor == bool(minor)
    return song.key - 1 if agrees and fits[relative] * 1.07 >= max(fits) else None


@dataclass(frozen=True)
class Heard:
    """A song whose key is known. end: the frame eight bars after the bar of the first note."""

    set: str
    key: int
    bar: int
    start: int
    evidence: Evidence

    @property
    def end(self) -> int:
        return self.start + 8 * self.bar


def heard(songs: list[Song], *, listens: bool) -> list[Heard]:
    """The songs whose keys can be trusted. listens: whether the first beats have no chords."""
    result = []
    for song in songs:
        frames = frames_of(song, VOCABULARY)
        key = trusted_key(frames)
        if key is None:
            continue
        first = int(np.flatnonzero(frames.melody >= ONSET)[0])
        bar = int(frames.place[first] + frames.left[first]) + 1
        enters = first + LISTENING_BEATS * FRAMES_PER_BEAT if listens else 0
        start = first - int(frames.place[first])
        result.append(Heard(song.set, key, bar, start, evidence_of(frames, enters)))
    return result


def rotated(weights: np.ndarray) -> np.ndarray:
    """weights: (2, features, 12), by mode and degree. Returns them by pitch class and key:
    (features, 12, 24)."""
    by_tonic = weights[:, :, DEGREE]  # (2, features, tonic, pitch class)
    return by_tonic.transpose(1, 3, 0, 2).reshape(weights.shape[1], 12, KEYS)


def fit(songs: list[Heard], seed: int, epochs: int, decay: float, rate: float) -> np.ndarray:
    """The weights in nats, (2, features, 12): Adam on the cross entropy, with weight decay. A set
    counts by the square root of its songs."""
    random = np.random.default_rng(seed)
    bars = [random.choice(np.arange(5, 25), 3, replace=False) for _ in songs]
    inputs = np.stack([
        song.evidence.until(song.start + int(count) * song.bar)
        for song, counts in zip(songs, bars, strict=True) for count in (*BARS, *counts)
    ])  # fmt: skip
    keys = np.repeat([song.key for song in songs], len(BARS) + 3)
    sizes = Counter(song.set for song in songs)
    share = np.repeat([sizes[song.set] ** -0.5 for song in songs], len(BARS) + 3)
    share = (share / share.mean()).astype(np.float32)
    weights = np.zeros((2, len(FEATURES), 12), np.float32)
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    batches = -(-len(inputs) // 512)
    for step in range(epochs * batches):
        if step % batches == 0:
            order = random.permutation(len(inputs))
        batch = order[step % batches * 512 :][:512]
        x = inputs[batch].reshape(len(batch), -1)
        logits = x @ rotated(weights).reshape(-1, KEYS)
        error = np.exp(logits - logits.max(1, keepdims=True))
        error /= error.sum(1, keepdims=True)
        error[np.arange(len(batch)), keys[batch]] -= 1
        slopes = x.T @ (error * share[batch, None]) / len(batch)
        slopes = slopes.reshape(len(FEATURES), 12, 2, 12)  # feature, pitch class, mode, tonic
        gradient = decay * weights
        for tonic in range(12):
            gradient += np.roll(slopes[..., tonic], -tonic, 1).transpose(2, 0, 1)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        corrected = mean / (1 - 0.9 ** (step + 1)), square / (1 - 0.99 ** (step + 1))
        pace = rate * (1.02 - step / (epochs * batches))
        weights -= pace * corrected[0] / (np.sqrt(corrected[1]) + 1e-8)
    return weights


def keys_found(song: Heard, weights: np.ndarray, frames: int) -> list[int]:
    """The key after each of the first frames, as `KeyFinder` finds it; −1 before it knows one.
    weights: in 1/100 nat."""
    gained = np.zeros((frames, KEYS), np.int64)
    e = song.evidence
    part = e.frame < frames
    is_note = (e.feature >= FEATURES.index("firstNote")) & (e.feature < CHORD)
    notes, chords = np.sort(e.frame[is_note]), e.frame[e.feature >= CHORD]
    known = min([*notes[FEWEST_NOTES - 1 : FEWEST_NOTES], *chords], default=frames)
    added = rotated(weights)[e.feature, e.note] * e.frames[:, None]
    np.add.at(gained, e.frame[part], added[part])
    scores, found, chosen, is_settled = np.zeros(KEYS, np.int64), [], -1, False
    margin = MARGIN * FRAMES_PER_BEAT
    for frame in range(frames):
        scores = scores + gained[frame]
        scores = np.maximum(scores - scores.max(), -MODULATION * FRAMES_PER_BEAT)
        if frame >= known and not (is_settled and scores[chosen] >= -margin):
            is_settled = is_settled or (scores > -margin).sum() == 1
            chosen = int(scores.argmax())
        found.append(chosen)
    return found


def signature(key: int) -> int:
    """The major key of its signature."""
    return (key + 3 * (key // 12)) % 12


def report(name: str, songs: list[Heard], weights: np.ndarray) -> str:
    """The shares of right keys and signatures by bar 8, and how often keys change until then."""
    found = [keys_found(song, weights, song.end) for song in songs]
    right = [keys[-1] == song.key for keys, song in zip(found, songs, strict=True)]
    signed = [
        signature(keys[-1]) == signature(song.key)
        for keys, song in zip(found, songs, strict=True)
    ]
    changes = sum(
        int((np.diff(keys[song.start + 2 * song.bar :]) != 0).sum())
        for keys, song in zip(found, songs, strict=True)
    )
    sets = Counter(song.set for song in songs)
    wrong = Counter(song.set for song, is_right in zip(songs, right, strict=True) if not is_right)
    parts = ", ".join(f"{key} {count - wrong[key]}/{count}" for key, count in sorted(sets.items()))
    return (
        f"{name}: {len(songs)} songs, key {np.mean(right):.3f}, signature {np.mean(signed):.3f}, "
        f"{changes / len(songs):.2f} changes a song from bar 3 to 8 ({parts})"
    )


def swift(weights: np.ndarray) -> str:
    """The source of the weights, integers (2, features, 12)."""
    rows = []
    for feature, name in enumerate(FEATURES):
        rows.append(f"    // {name}")
        rows += [f"    {', '.join(map(str, weights[mode, feature]))}," for mode in (0, 1)]
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--write", type=Path, help="the Swift file whose table is replaced")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--decay", type=float, default=0.002)
    parser.add_argument("--rate", type=float, default=0.02)
    options = parser.parse_args()
    with reported("key_finder", "train"):
        train = read_split(options.corpus, "train")
        songs = heard(train, listens=False) + heard(train, listens=True)
        exact = fit(songs, options.seed, options.epochs, options.decay, options.rate)
        weights = np.rint(100 * exact).astype(np.int64)
        for split in "valid", "test":
            measured = read_split(options.corpus, split)
            for name, listens in ("all chords", False), ("chords after 8 beats", True):
                print(report(f"{split}, {name}", heard(measured, listens=listens), weights))
        if options.write:
            head, _, rest = options.write.read_text().partition("[\n")
            tail = rest[rest.index("  ]") :]
            write_text(options.write, f"{head}[\n{swift(weights)}\n{tail}")


if __name__ == "__main__":
    main()
