"""The losses of pre-training, and nats on held-out songs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional as F

from ..data import frames as representation
from ..data.batches import Batch, collate, excerpt
from ..data.chord_vocabulary import ChordVocabulary
from ..data.corpus import Song
from ..data.frames import frames_of
from ..data.hints import HINTS
from ..data.inputs import without_chords
from ..network.model import Accompanist


def losses(
    model: Accompanist, batch: Batch, teacher: Accompanist | None = None, taught: float = 0.0
) -> dict[str, Tensor]:
    """Each part's negative log likelihood in nats, summed over the batch: whether a chord is struck
    and the melody at every frame; root where one is struck; quality and bass where that is no N.

    Of a frame the chord comes first and the melody is given it; the other way round in songs whose
    condition says so. Where no chords are told, only `untold` is learned: root, quality and bass of
    what sounds, at every frame; a share `taught` of that from the teacher. Who sees the melody
    learns nothing of it.
    """
    h = model.read(batch)
    alone = batch.mask & batch.untold[:, None]
    untold = sum(chord_nats(model, h, batch, alone).values())
    if taught and alone.any():
        untold = (1 - taught) * untold + taught * taught_nats(model, h, batch, alone, teacher)
    turned = batch.conditions[:, HINTS.index("melody_first")].bool()[:, None, None]
    of_melody = F.embedding(batch.melody, model.melody_table())
    of_chord = model.chord(batch.strike, batch.root, batch.quality, batch.bass)
    h_melody = torch.where(turned, h, h + of_chord)
    h = torch.where(turned, h + of_melody, h)
    told = batch.mask & ~batch.untold[:, None]
    struck = told & (batch.strike == representation.CHORD_STRIKE)
    persons = told & ~batch.own & ~batch.unheard
    if model.sees_melody:
        persons = torch.zeros_like(persons)
    melody = model.melody_head(h_melody[persons], model.melody_table())
    return {
        "strike": nats(model.strike_logits(h[told]), batch.strike[told]),
        **chord_nats(model, h, batch, struck),
        "melody": nats(melody, batch.melody[persons]),
        "untold": untold,
    }


def nats(logits: Tensor, target: Tensor) -> Tensor:
    return F.cross_entropy(logits.float(), target, reduction="sum")


def chord_nats(model: Accompanist, h: Tensor, batch: Batch, frames: Tensor) -> dict[str, Tensor]:
    """Of the chords that sound in `frames`, (B, T): root, and unless that is N quality and bass."""
    sounding = frames & (batch.root != representation.NO_ROOT)
    root, quality, bass = batch.root[sounding], batch.quality[sounding], batch.bass[sounding]
    return {
        "root": nats(model.root_logits(h[frames]), batch.root[frames]),
        "quality": nats(model.quality_logits(h[sounding], root), quality),
        "bass": nats(model.bass_logits(h[sounding], root, quality), bass),
    }


def taught_nats(
    model: Accompanist, h: Tensor, batch: Batch, frames: Tensor, teacher: Accompanist
) -> Tensor:
    """As chord_nats in sum, where what sounds is not the person's chord for sure, but each with the
    odds that a teacher gives it who sees the melody to come (distillation: arXiv 1503.02531);
    quality and bass on the person's root. frames: of rows that are told no chords."""
    rows = frames.any(dim=1)
    with torch.no_grad():
        known = teacher.states(
            batch.inputs[rows], told=teacher.beforehand(batch.inputs[rows], batch.mask[rows])
        )
    here = frames[rows]
    h, known, root = h[rows][here], known[here], batch.root[rows][here]
    sounding = root != representation.NO_ROOT
    heads = [(model.root_logits(h), teacher.root_logits(known))]
    h, known, root = h[sounding], known[sounding], root[sounding]
    quality = batch.quality[rows][here][sounding]
    heads.append((model.quality_logits(h, root), teacher.quality_logits(known, root)))
    basses = (one.bass_logits(of, root, quality) for one, of in ((model, h), (teacher, known)))
    heads.append(tuple(basses))
    return sum(
        F.cross_entropy(own.float(), other.float().softmax(-1), reduction="sum")
        for own, other in heads
    )


Precision = Callable[[], AbstractContextManager]


@torch.no_grad()
def validation(
    model: Accompanist, batches: list[Batch], precision: Precision, untold: bool = False
) -> dict[str, float]:
    """Nats a frame of each part, and in total, over the batches. untold: whether to ask, too, how
    well it hears which chords sound where it is told of none; that is no part of the total."""
    totals: dict[str, float] = {}
    count = sum(int(batch.mask.sum()) for batch in batches)
    for batch in batches:
        with precision():
            parts = losses(model, batch)
            if untold:
                everywhere = torch.ones_like(batch.untold)
                unheard = replace(batch, inputs=without_chords(batch.inputs), untold=everywhere)
                parts["untold"] = losses(model, unheard)["untold"]
        for name, value in parts.items():
            totals[name] = totals.get(name, 0.0) + float(value)
    parts = {name: value / count for name, value in totals.items()}
    return {**parts, "total": sum(parts.values()) - parts["untold"]}


def openings(songs: list[Song], vocabulary: ChordVocabulary, length: int) -> list[Batch]:
    """The songs' first `length` frames, untransposed."""
    parts = [(excerpt(frames_of(song, vocabulary), 0, length), 0) for song in songs]
    return [collate(parts[i : i + 16], length) for i in range(0, len(parts), 16)]
