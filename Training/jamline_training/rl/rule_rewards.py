"""Rewards by rules: what an accompaniment is worth in each frame, knowing how the song goes on and
what the person played. No learned model is involved.

Rewards are (B, T), for B songs of T frames. `chosen` is (B, T, 4): kind, root, quality and bass in
each frame, as `network.generate` returns them. The person's chords are in the batch.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..data import frames as representation
from ..data.batches import Batch
from ..data.chord_vocabulary import NO_ROOT, tones_of
from ..data.inputs import INPUT_COLUMNS
from ..evaluation.metrics import LEAST_ONSETS

# A chord that lasts for more bars is penalised.
LONGEST_BARS = 8


def latest(is_new: Tensor) -> Tensor:
    """For each frame, (B, T), the latest frame up to it where is_new, (B, T), is true; −1 before
    the first."""
    frames = torch.arange(is_new.shape[1], device=is_new.device)
    return torch.where(is_new, frames, -1).cummax(1).values


def sounding(melody: Tensor) -> Tensor:
    """The pitch that sounds in each frame, or NO_PITCH, (B, T). melody: events, (B, T)."""
    since = latest(melody != representation.HOLD)
    event = melody.gather(1, since.clamp(min=0))
    is_note = (since >= 0) & (event >= representation.ONSET)
    return torch.where(is_note, event - representation.ONSET, representation.NO_PITCH)


@cache
def tone_table(qualities: tuple[str, ...]) -> Tensor:
    """(Q, 12, 12): whether a chord of a quality, with a bass so many semitones above its root, has
    the pitch class so many semitones above its root."""
    table = torch.zeros(len(qualities), 12, 12, dtype=torch.bool)
    for number, name in enumerate(qualities):
        for bass in range(12):
            table[number, bass, list(tones_of((0, number, bass), name))] = True
    return table


def tones(chords: Tensor, qualities: tuple[str, ...]) -> Tensor:
    """The pitch classes of chords, (…, 12). chords: (…, 3), root, quality and bass."""
    root, quality, bass = chords.unbind(-1)
    relative = tone_table(qualities).to(chords.device)[quality, bass]
    classes = torch.arange(12, device=chords.device)
    absolute = relative.gather(-1, (classes - root[..., None]) % 12)
    return absolute & (root != NO_ROOT)[..., None]


def bar_numbers(batch: Batch) -> Tensor:
    """(B, T): the number of bar lines so far."""
    return (places(batch) == 0).cumsum(1)


def places(batch: Batch) -> Tensor:
    """(B, T): frames since the bar line."""
    return batch.inputs[..., INPUT_COLUMNS.index("place")]


def person_chords(batch: Batch) -> Tensor:
    """The person's chords, (B, T, 4), in the form of `chosen`."""
    return torch.stack([batch.chord_onset, batch.root, batch.quality, batch.bass], -1)


def changes(chosen: Tensor) -> Tensor:
    """(B, T): whether a chord replaces another. A chord after silence is not a change."""
    sounds = chosen[..., 1] != NO_ROOT
    before = torch.cat([torch.zeros_like(sounds[:, :1]), sounds[:, :-1]], 1)
    return (chosen[..., 0] == representation.CHORD_ONSET) & sounds & before


def earlier_bars(batch: Batch) -> Tensor:
    """(B, T): the corresponding frame of the latest earlier bar with the same melody, or −1. Only
    whole bars of at least LEAST_ONSETS onsets count."""
    melody, starts = batch.melody.cpu().numpy(), (places(batch) == 0).cpu().numpy()
    lengths = batch.mask.sum(1).tolist()
    found = np.full(melody.shape, -1)
    for row, length in enumerate(lengths):
        lines = np.flatnonzero(starts[row, :length])
        seen: dict[bytes, int] = {}
        for first, last in zip(lines, lines[1:], strict=False):
            bar = melody[row, first:last]
            if (bar >= representation.ONSET).sum() < LEAST_ONSETS:
                continue
            if (before := seen.get(bar.tobytes())) is not None:
                found[row, first:last] = np.arange(before, before + last - first)
            seen[bar.tobytes()] = first
    return torch.from_numpy(found).to(batch.melody.device)


def closes(batch: Batch, chosen: Tensor) -> Tensor:
    """(B, T): where a phrase of eight bars closes, as `metrics.closes_of` defines it, on the tonic
    of the person's chords. A close is a step down a fifth or a fourth to the tonic: the last change
    in the phrase's last two bars, or the change at its end."""
    roots, changed = chosen[..., 1].cpu().numpy(), changes(chosen).cpu().numpy()
    person = batch.root.cpu().numpy()
    columns = ("place", "left", "bar")
    place, left, bar = (
        batch.inputs[..., INPUT_COLUMNS.index(name)].cpu().numpy() for name in columns
    )
    found = np.zeros(roots.shape, bool)
    for row, length in enumerate(batch.mask.sum(1).tolist()):
        sounding = person[row, :length][person[row, :length] != NO_ROOT]
        if not len(sounding):
            continue
        tonic = np.bincount(sounding).argmax()
        is_last = (left[row] == 0) & (bar[row] == representation.BARS_PER_PHRASE - 1)
        for last in np.flatnonzero(is_last[:length]):
            first = max(0, last + 1 - 2 * (place[row, last] + 1))
            steps = first + np.flatnonzero(changed[row, first : last + 1])[-1:]
            for at in (*steps, last + 1):
                if at >= length or not changed[row, at] or roots[row, at] != tonic:
                    continue
                if (roots[row, at] - roots[row, at - 1]) % 12 in (5, 7):
                    found[row, at] = True
                    break
    return torch.from_numpy(found).to(chosen.device)


def rewards(batch: Batch, chosen: Tensor, qualities: tuple[str, ...]) -> dict[str, Tensor]:
    """The rewards by name:

    - note: the melody's pitch class is in the chord;
    - root: the chord has the person's root;
    - tones: the overlap of its tones with those of the person's chord (Dice's coefficient);
    - alike: in a bar whose melody came before, the chord has the root that it had then;
    - together: the chord changes where the person's does;
    - close: a phrase closes with the chord;
    - silence: −1 where the melody sounds without a chord, unless it has only just begun;
    - long: −1 where a chord has lasted for more than LONGEST_BARS bars.
    """
    person, pitch = person_chords(batch), sounding(batch.melody)
    sings = (pitch != representation.NO_PITCH) & batch.mask
    own, other = (tones(chords[..., 1:], qualities) for chords in (chosen, person))
    in_chord = own.gather(-1, (pitch % 12)[..., None])[..., 0]
    sounds = chosen[..., 1] != NO_ROOT
    both = sounds & (person[..., 1] != NO_ROOT) & batch.mask
    common = 2 * (own & other).sum(-1) / (own.sum(-1) + other.sum(-1)).clamp(min=1)
    earlier = earlier_bars(batch)
    is_same = chosen[..., 1].gather(1, earlier.clamp(min=0)) == chosen[..., 1]
    has_begun = torch.cat([torch.zeros_like(sings[:, :1]), sings[:, :-1]], 1).cummax(1).values
    bar = bar_numbers(batch)
    begun = latest(chosen[..., 0] == representation.CHORD_ONSET)
    lasted = bar - bar.gather(1, begun.clamp(min=0))
    parts = {
        "note": sings & in_chord,
        "root": both & (chosen[..., 1] == person[..., 1]),
        "tones": common * both,
        "alike": (earlier >= 0) & sounds & is_same,
        "together": changes(chosen) & changes(person) & batch.mask,
        "close": closes(batch, chosen),
        "silence": -(sings & ~sounds & has_begun).float(),
        "long": -(sounds & (lasted > LONGEST_BARS) & batch.mask).float(),
    }
    return {name: part.float() for name, part in parts.items()}


Habit = tuple[Tensor, Tensor]  # counts, (B, T), and what they are counted per, (B, T)


def habits(batch: Batch, chosen: Tensor, qualities: tuple[str, ...]) -> dict[str, Habit]:
    """Habits: what is worth nothing by itself, but should be as frequent as with a person.

    - changes: changes of chord per frame in which a chord sounds;
    - bar lines: changes on bar lines per change;
    - crowd: pitch classes beyond three per chord that begins.
    """
    changed = changes(chosen) & batch.mask
    sounds = (chosen[..., 1] != NO_ROOT) & batch.mask
    begins = (chosen[..., 0] == representation.CHORD_ONSET) & sounds
    more = tones(chosen[..., 1:], qualities).sum(-1) - 3
    found = {
        "changes": (changed, sounds),
        "bar lines": (changed & (places(batch) == 0), changed),
        "crowd": (more * begins, begins),
    }
    return {name: (of.float(), each.float()) for name, (of, each) in found.items()}


def ratio(habit: Habit) -> float:
    """How frequent a habit is."""
    of, each = habit
    return float(of.sum() / each.sum().clamp(min=1))


def counterfactual_returns(
    batch: Batch,
    chosen: Tensor,
    qualities: tuple[str, ...],
    weights: dict[str, float],
    discount: float,
) -> Tensor:
    """(B, T, 12, Q): the discounted reward that each root and quality would have had, if it had
    begun in a frame instead of the chosen chord and had lasted as long. It is known exactly, since
    melody and person do not depend on the chords. It is 0 where no chord begins.

    weights: of the rewards note, root and tones. discount: of a reward one frame later.
    """
    begins = chosen[..., 0] == representation.CHORD_ONSET
    since, (rows, length) = latest(begins), begins.shape
    frames = torch.arange(length, device=begins.device)
    counts = (since >= 0) & (chosen[..., 1] != NO_ROOT) & batch.mask
    weight = discount ** (frames - since).clamp(min=0) * counts
    chord = (
        since.clamp(min=0) + length * torch.arange(rows, device=begins.device)[:, None]
    ).flatten()

    def over_chords(part: Tensor) -> Tensor:
        """Sums a part, (B, T, 12), over the frames of each chord: (B, T, 12), where the chord
        begins."""
        part = (part * weight[..., None]).flatten(0, 1)
        return torch.zeros_like(part).index_add_(0, chord, part).view(rows, length, 12)

    pitch = sounding(batch.melody)
    sings = pitch != representation.NO_PITCH
    notes = over_chords(F.one_hot(pitch % 12, 12) * sings[..., None])
    person = person_chords(batch)[..., 1:]
    roots = over_chords(F.one_hot(person[..., 0], 13)[..., :12])
    theirs = tones(person, qualities)
    of_quality = tone_table(qualities).to(begins.device)[:, 0].float()  # (Q, 12), above the root
    sizes = of_quality.sum(1).long()
    classes = torch.arange(12, device=begins.device)
    above = (classes[:, None] + classes) % 12  # (12 roots, 12 above each)
    found = torch.zeros(rows, length, 12, len(qualities), device=begins.device)
    for size in sizes.unique().tolist():
        common = over_chords(2 * theirs / (size + theirs.sum(-1, keepdim=True)))
        of_tone = weights.get("note", 0.0) * notes + weights.get("tones", 0.0) * common
        which = sizes == size
        found[..., which] = of_tone[..., above] @ of_quality[which].T
    return found + weights.get("root", 0.0) * roots[..., None]
