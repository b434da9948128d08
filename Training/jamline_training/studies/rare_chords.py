"""Measures how well a network knows rare chords: probability and accuracy of the chords that begin,
given the true past, by how often their type (quality and bass) occurs in the training songs.

This is the long-tail question (arXiv 2211.08411), for spelled chords (root, quality and bass in
turn) and for opaque ones (one symbol each).
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..data.batches import collate, excerpt
from ..data.chord_vocabulary import NO_ROOT, ChordVocabulary
from ..data.corpus import Song, read_split
from ..data.files import write_json, written_whole
from ..data.frames import Frames, frames_of
from ..errors import reported
from ..evaluation.table import heading, line
from ..network.model import Accompanist
from ..network.variants import Opaque, symbol_log_probabilities
from .ablations import add_model_options, models_of

FRAMES = 512
BOUNDS = (0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 1_000_000)
"""The bounds of the bins, in times seen: from each one to the next, exclusive."""


@dataclass(frozen=True)
class Outcomes:
    """A model's predictions of chords that begin, one element for each.

    song: the song's number. seen: how often the chord's type occurs in the training songs.
    probability: of the whole chord. right: whether the chord was the likeliest. of_type,
    right_type: the same for quality and bass, given the right root.
    """

    song: np.ndarray
    seen: np.ndarray
    probability: np.ndarray
    right: np.ndarray
    of_type: np.ndarray
    right_type: np.ndarray


FIGURES = ("probability", "right", "of_type", "right_type")


def types_of(frames: Frames) -> list[tuple[int, int]]:
    """Quality and bass of each chord that begins."""
    begins = np.flatnonzero((frames.chord_onset == 1) & (frames.root != NO_ROOT))
    return [(int(frames.quality[i]), int(frames.bass[i])) for i in begins]


def times_seen(songs: list[Song], vocabulary: ChordVocabulary) -> Counter[tuple[int, int]]:
    """How often each type occurs in the songs."""
    return Counter(kind for song in songs for kind in types_of(frames_of(song, vocabulary)))


@torch.no_grad()
def outcomes(model: Accompanist, song: int, frames: Frames, seen: Counter) -> Outcomes:
    """The predictions of the N chords that begin in a song."""
    qualities = len(model.c.qualities)
    batch = collate([(frames, 0)], len(frames))
    begins = (batch.chord_onset[0] == 1) & (batch.root[0] != NO_ROOT)
    h = model.states_of(batch)[0, begins]
    logs = torch.cat([symbol_log_probabilities(model, part) for part in h.split(64)])
    root, quality, bass = (getattr(batch, n)[0, begins] for n in ("root", "quality", "bass"))
    kind = quality * 12 + bass
    whole = 1 + root * qualities * 12 + kind  # in the order of the columns
    row = torch.arange(len(root))
    of_root = logs[:, 1:].view(len(root), 12, qualities * 12)[row, root].log_softmax(-1)
    return Outcomes(
        np.full(len(root), song),
        np.array([seen[kind] for kind in types_of(frames)], np.int64),
        logs[row, whole].exp().numpy(),
        (logs.argmax(-1) == whole).numpy(),
        of_root[row, kind].exp().numpy(),
        (of_root.argmax(-1) == kind).numpy(),
    )


def all_outcomes(model: Accompanist, songs: list[Frames], seen: Counter) -> Outcomes:
    """The predictions of the chords that begin in all songs."""
    with_chords = [(n, song) for n, song in enumerate(songs) if types_of(song)]
    parts = [outcomes(model, number, song, seen) for number, song in with_chords]
    return joined(parts)


def joined(parts: list[Outcomes]) -> Outcomes:
    """All predictions in one."""
    names = Outcomes.__dataclass_fields__
    return Outcomes(*(np.concatenate([getattr(part, n) for part in parts]) for n in names))


def interval(values: np.ndarray, songs: np.ndarray, draws: int = 500) -> tuple[float, float]:
    """The 95 % bootstrap interval of the mean, over songs."""
    numbers, inverse = np.unique(songs, return_inverse=True)
    sums, counts = np.bincount(inverse, values), np.bincount(inverse)
    drawn = np.random.default_rng(1).integers(len(numbers), size=(draws, len(numbers)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def binned(o: Outcomes, models: int = 1) -> list[dict]:
    """The figures of each bin with chords, with their intervals. `seen` is the geometric mean in
    the bin. models: how many models predicted each chord, which counts as one chord all the
    same."""
    rows = []
    for first, last in zip(BOUNDS, BOUNDS[1:], strict=False):
        inside = (o.seen >= first) & (o.seen < last)
        if not inside.any():
            continue
        row = {"from": first, "to": last, "chords": int(inside.sum()) // models}
        row["seen"] = float(np.exp(np.log1p(o.seen[inside]).mean()) - 1)
        for name in FIGURES:
            values = getattr(o, name)[inside].astype(float)
            row[name] = [float(values.mean()), *interval(values, o.song[inside])]
        rows.append(row)
    return rows


def kind_of(model: Accompanist) -> str:
    """How a model represents chords."""
    return "opaque" if isinstance(model, Opaque) else "spelled"


COLUMNS = ("times seen", "model", "chords", "p(chord)", "chord right", "p(type given root)",
           "type right, given root")  # fmt: skip


def table(curves: dict[str, list[dict]]) -> str:
    """The bins as a table."""
    lines = [heading(COLUMNS)]
    for row, name in sorted(
        ((row, name) for name, rows in curves.items() for row in rows),
        key=lambda pair: (pair[0]["from"], pair[1]),
    ):
        cells = [f"{row[f][0]:.3f} ({row[f][1]:.3f}–{row[f][2]:.3f})" for f in FIGURES]
        span = f"{row['from']}–{row['to'] - 1}"
        lines.append(line([span, name, str(row["chords"]), *cells]))
    return "\n".join(lines)


def plot(curves: dict[str, list[dict]], path: Path) -> None:
    """Writes path.png and path.svg: whole chords on the left, types given the root on the right."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
    pairs = (("right", "probability", "whole chord"), ("right_type", "of_type", "type, given root"))
    for axis, (right, probability, title) in zip(axes, pairs, strict=True):
        for colour, (name, rows) in enumerate(sorted(curves.items())):
            x = [1 + row["seen"] for row in rows]
            for figure_name, style, what in ((right, "-o", "likeliest"), (probability, "--", "p")):
                mean, low, high = np.array([row[figure_name] for row in rows]).T
                axis.plot(x, mean, style, color=f"C{colour}", label=f"{name}: {what}")
                axis.fill_between(x, low, high, color=f"C{colour}", alpha=0.12, linewidth=0)
        axis.set(xscale="log", xlabel="1 + times its type was seen in training songs", title=title)
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("mean over held-out chords (95 % over songs)")
    axes[0].legend()
    for kind in ("png", "svg"):
        with written_whole(path.with_suffix(f".{kind}")) as beside:
            figure.savefig(beside, format=kind, dpi=150)
    pyplot.close(figure)


def compare(options: argparse.Namespace) -> None:
    """Prints the table and draws the plot."""
    models = models_of(options)
    vocabulary = ChordVocabulary(next(iter(models.values())).c.qualities)
    seen = times_seen(read_split(options.corpus, "train"), vocabulary)
    splits = options.splits.split(",")
    songs = [song for split in splits for song in read_split(options.corpus, split)]
    held_out = [excerpt(frames_of(song, vocabulary), 0, FRAMES) for song in songs]
    kinds: dict[str, list[Outcomes]] = {}
    for model in models.values():
        kinds.setdefault(kind_of(model), []).append(all_outcomes(model, held_out, seen))
    curves = {kind: binned(joined(parts), len(parts)) for kind, parts in kinds.items()}
    print(table(curves))
    if options.plot:
        plot(curves, options.plot)
        write_json(options.plot.with_suffix(".json"), curves)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--splits", default="valid", help="splits of held-out songs (SPLIT,…)")
    parser.add_argument("--plot", type=Path, help="write PLOT.png, PLOT.svg and PLOT.json")
    add_model_options(parser)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with reported("rare_chords", "measure the models"):
        compare(options)


if __name__ == "__main__":
    main()
