"""What an accompaniment is worth, frame by frame, by rules that know how the song went on: the
rewards of reinforcement learning that need no learned judge.

Each is (B, T), of B songs and T frames. Chords that are chosen are (B, T, 4): kind, root, quality
and bass in each frame, as `generate.played` has them; the person's stand in the batch.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..data import frames as representation
from ..data.batches import Batch
from ..data.chord_vocabulary import tones_of
from ..data.inputs import INPUT_COLUMNS
from ..evaluation.metrics import LEAST_ONSETS

# No chord lasts longer, in bars, without being a bore.
LONGEST_BARS = 8


def latest(is_new: Tensor) -> Tensor:
    """Of (B, T): the frame, up to each, in which something was new last; −1 before the first."""
    frames = torch.arange(is_new.shape[1], device=is_new.device)
    return torch.where(is_new, frames, -1).cummax(1).values


def sounding(melody: Tensor) -> Tensor:
    """Melody events (B, T); the pitch that sounds in each frame, NO_PITCH where none does."""
    since = latest(melody != representation.HOLD)
    event = melody.gather(1, since.clamp(min=0))
    is_note = (since >= 0) & (event >= representation.ONSET)
    return torch.where(is_note, event - representation.ONSET, representation.NO_PITCH)


@cache
def tone_table(qualities: tuple[str, ...]) -> Tensor:
    """(Q, 12, 12): whether a chord of this quality, over a bass this far above its root, has the
    pitch class this far above its root."""
    table = torch.zeros(len(qualities), 12, 12, dtype=torch.bool)
    for number, name in enumerate(qualities):
        for bass in range(12):
            table[number, bass, list(tones_of((0, number, bass), name))] = True
    return table


def tones(chords: Tensor, qualities: tuple[str, ...]) -> Tensor:
    """(…, 3) root, quality and bass; (…, 12) back, which pitch classes they have."""
    root, quality, bass = chords.unbind(-1)
    relative = tone_table(qualities).to(chords.device)[quality, bass]
    classes = torch.arange(12, device=chords.device)
    absolute = relative.gather(-1, (classes - root[..., None]) % 12)
    return absolute & (root != representation.NO_ROOT)[..., None]


def bar_numbers(batch: Batch) -> Tensor:
    """(B, T): how many bar lines came so far."""
    return (places(batch) == 0).cumsum(1)


def places(batch: Batch) -> Tensor:
    """(B, T): frames since the bar line."""
    return batch.inputs[..., INPUT_COLUMNS.index("place")]


def persons(batch: Batch) -> Tensor:
    """The person's chords, as those that are chosen are written."""
    return torch.stack([batch.strike, batch.root, batch.quality, batch.bass], -1)


def changes(chosen: Tensor) -> Tensor:
    """(B, T): whether a chord gives way to another; what begins after silence is no change."""
    sounds = chosen[..., 1] != representation.NO_ROOT
    before = torch.cat([torch.zeros_like(sounds[:, :1]), sounds[:, :-1]], 1)
    return (chosen[..., 0] == representation.CHORD_STRIKE) & sounds & before


def twins(batch: Batch) -> Tensor:
    """(B, T): the same frame of the latest bar before with the very same melody, −1 where there is
    none. A bar counts if it is whole and has LEAST_ONSETS onsets."""
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
    """(B, T): where a phrase of eight bars closes, as `metrics.closes_of` has it, on the tonic of
    the person's chords: with a step down a fifth or a fourth to it, at the last change within the
    phrase's last two bars, or at its end."""
    roots, changed = chosen[..., 1].cpu().numpy(), changes(chosen).cpu().numpy()
    person = batch.root.cpu().numpy()
    columns = ("place", "left", "bar")
    place, left, bar = (
        batch.inputs[..., INPUT_COLUMNS.index(name)].cpu().numpy() for name in columns
    )
    found = np.zeros(roots.shape, bool)
    for row, length in enumerate(batch.mask.sum(1).tolist()):
        sounding = person[row, :length][person[row, :length] != representation.NO_ROOT]
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


def worth(batch: Batch, chosen: Tensor, qualities: tuple[str, ...]) -> dict[str, Tensor]:
    """By name:

    - note: the melody's pitch class is in the chord;
    - root: the chord has the person's root;
    - tones: how many tones it has in common with the person's (Dice's coefficient);
    - alike: a bar whose melody came before is answered by the root it had then;
    - together: it changes where the person's does;
    - close: a phrase closes with it;
    - silence: −1 where the melody sounds, and no chord though something was heard before;
    - long: −1 where a chord has lasted more than LONGEST_BARS bars.
    """
    person, pitch = persons(batch), sounding(batch.melody)
    sings = (pitch != representation.NO_PITCH) & batch.mask
    own, other = (tones(chords[..., 1:], qualities) for chords in (chosen, person))
    in_chord = own.gather(-1, (pitch % 12)[..., None])[..., 0]
    sounds = chosen[..., 1] != representation.NO_ROOT
    both = sounds & (person[..., 1] != representation.NO_ROOT) & batch.mask
    common = 2 * (own & other).sum(-1) / (own.sum(-1) + other.sum(-1)).clamp(min=1)
    twin = twins(batch)
    echo = chosen[..., 1].gather(1, twin.clamp(min=0)) == chosen[..., 1]
    heard = torch.cat([torch.zeros_like(sings[:, :1]), sings[:, :-1]], 1).cummax(1).values
    bar = bar_numbers(batch)
    struck = latest(chosen[..., 0] == representation.CHORD_STRIKE)
    lasted = bar - bar.gather(1, struck.clamp(min=0))
    parts = {
        "note": sings & in_chord,
        "root": both & (chosen[..., 1] == person[..., 1]),
        "tones": common * both,
        "alike": (twin >= 0) & sounds & echo,
        "together": changes(chosen) & changes(person) & batch.mask,
        "close": closes(batch, chosen),
        "silence": -(sings & ~sounds & heard).float(),
        "long": -(sounds & (lasted > LONGEST_BARS) & batch.mask).float(),
    }
    return {name: part.float() for name, part in parts.items()}


Habit = tuple[Tensor, Tensor]  # of what, (B, T), and for each of what, (B, T)


def habits(batch: Batch, chosen: Tensor, qualities: tuple[str, ...]) -> dict[str, Habit]:
    """What is worth nothing by itself, but should come as often as with a person:

    - changes: from a chord to another, for each frame in which one sounds;
    - bar lines: those changes that are on one, for each change;
    - crowd: pitch classes beyond three, for each chord that begins.
    """
    changed = changes(chosen) & batch.mask
    sounds = (chosen[..., 1] != representation.NO_ROOT) & batch.mask
    begins = (chosen[..., 0] == representation.CHORD_STRIKE) & sounds
    more = tones(chosen[..., 1:], qualities).sum(-1) - 3
    found = {
        "changes": (changed, sounds),
        "bar lines": (changed & (places(batch) == 0), changed),
        "crowd": (more * begins, begins),
    }
    return {name: (of.float(), each.float()) for name, (of, each) in found.items()}


def ratio(habit: Habit) -> float:
    of, each = habit
    return float(of.sum() / each.sum().clamp(min=1))


def prospects(
    batch: Batch,
    chosen: Tensor,
    qualities: tuple[str, ...],
    weights: dict[str, float],
    discount: float,
) -> Tensor:
    """(B, T, 12, Q): what each root and quality would have been worth, had it been struck in a
    frame instead of the chord that was, and held as long: melody and person do not depend on it.
    Only where a chord was struck; elsewhere 0. weights: of `worth`'s note, root and tones;
    discount: of each frame later.
    """
    struck = chosen[..., 0] == representation.CHORD_STRIKE
    since, (rows, length) = latest(struck), struck.shape
    frames = torch.arange(length, device=struck.device)
    counts = (since >= 0) & (chosen[..., 1] != representation.NO_ROOT) & batch.mask
    weight = discount ** (frames - since).clamp(min=0) * counts
    chord = (
        since.clamp(min=0) + length * torch.arange(rows, device=struck.device)[:, None]
    ).flatten()

    def over_chords(part: Tensor) -> Tensor:
        """Sums of (B, T, 12) over the frames of each chord: (B, T, 12), where it was struck."""
        part = (part * weight[..., None]).flatten(0, 1)
        return torch.zeros_like(part).index_add_(0, chord, part).view(rows, length, 12)

    pitch = sounding(batch.melody)
    sings = pitch != representation.NO_PITCH
    notes = over_chords(F.one_hot(pitch % 12, 12) * sings[..., None])
    person = persons(batch)[..., 1:]
    roots = over_chords(F.one_hot(person[..., 0], 13)[..., :12])
    theirs = tones(person, qualities)
    spelled = tone_table(qualities).to(struck.device)[:, 0].float()  # (Q, 12), above the root
    sizes = spelled.sum(1).long()
    classes = torch.arange(12, device=struck.device)
    above = (classes[:, None] + classes) % 12  # (12 roots, 12 above each)
    found = torch.zeros(rows, length, 12, len(qualities), device=struck.device)
    for size in sizes.unique().tolist():
        common = over_chords(2 * theirs / (size + theirs.sum(-1, keepdim=True)))
        of_tone = weights.get("note", 0.0) * notes + weights.get("tones", 0.0) * common
        which = sizes == size
        found[..., which] = of_tone[..., above] @ spelled[which].T
    return found + weights.get("root", 0.0) * roots[..., None]
