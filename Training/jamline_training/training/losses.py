"""The losses of pre-training, and nats a frame on held-out songs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional as F

from ..data.batches import Batch, collate, excerpt
from ..data.chord_vocabulary import NO_ROOT, ChordVocabulary
from ..data.corpus import Song
from ..data.frames import CHORD_ONSET, frames_of
from ..data.hints import HINTS
from ..data.inputs import mask_chords
from ..network.model import Accompanist

# Parts of the loss: whether a chord begins, and which chord sounds given the melody alone.
ONSET_PART, MELODY_ONLY_PART = "chord onset", "melody only"


def losses(
    model: Accompanist,
    batch: Batch,
    teacher: Accompanist | None = None,
    distillation_weight: float = 0.0,
) -> dict[str, Tensor]:
    """The negative log likelihood of each part in nats, summed over the batch.

    Chord onset and melody are learned in every frame, the root where a chord begins, quality and
    bass where that chord is not N. Within a frame the melody is given the chord, or the chord the
    melody if the hint melody_first says so. A network that sees the melody does not learn it.

    With chords masked, only "melody only" is learned: root, quality and bass of the sounding chord
    in every frame. distillation_weight is how much of that is agreement with the teacher.
    """
    h = model.states_of(batch)
    alone = batch.mask & batch.chords_masked[:, None]
    melody_only = sum(chord_nats(model, h, batch, alone).values())
    if distillation_weight and alone.any():
        distilled = distillation_nats(model, h, batch, alone, teacher)
        melody_only = (1 - distillation_weight) * melody_only + distillation_weight * distilled
    is_first = batch.hints[:, HINTS.index("melody_first")].bool()[:, None, None]
    of_melody = F.embedding(batch.melody, model.melody_table())
    of_chord = model.chord(batch.chord_onset, batch.root, batch.quality, batch.bass)
    h_melody = torch.where(is_first, h, h + of_chord)
    h = torch.where(is_first, h + of_melody, h)
    with_chords = batch.mask & ~batch.chords_masked[:, None]
    onsets = with_chords & (batch.chord_onset == CHORD_ONSET)
    learned = with_chords & ~batch.self_generated & ~batch.melody_masked
    if model.sees_melody:
        learned = torch.zeros_like(learned)
    melody = model.melody_head(h_melody[learned], model.melody_table())
    return {
        ONSET_PART: nats(model.chord_onset_logits(h[with_chords]), batch.chord_onset[with_chords]),
        **chord_nats(model, h, batch, onsets),
        "melody": nats(melody, batch.melody[learned]),
        MELODY_ONLY_PART: melody_only,
    }


def nats(logits: Tensor, target: Tensor) -> Tensor:
    """Cross entropy in nats, summed."""
    return F.cross_entropy(logits.float(), target, reduction="sum")


def chord_nats(model: Accompanist, h: Tensor, batch: Batch, frames: Tensor) -> dict[str, Tensor]:
    """The nats of the chords that sound in `frames`, (B, T): of root and, unless that is N, of
    quality and bass."""
    sounding = frames & (batch.root != NO_ROOT)
    root, quality, bass = batch.root[sounding], batch.quality[sounding], batch.bass[sounding]
    return {
        "root": nats(model.root_logits(h[frames]), batch.root[frames]),
        "quality": nats(model.quality_logits(h[sounding], root), quality),
        "bass": nats(model.bass_logits(h[sounding], root, quality), bass),
    }


def distillation_nats(
    model: Accompanist, h: Tensor, batch: Batch, frames: Tensor, teacher: Accompanist
) -> Tensor:
    """The sum of `chord_nats`, but with a teacher's distribution as the target instead of the
    person's chord (distillation: arXiv 1503.02531). The teacher sees the melody to come. Quality
    and bass are those on the person's root. frames: (B, T), in rows whose chords are masked."""
    rows = frames.any(dim=1)
    with torch.no_grad():
        condition = teacher.condition_on(batch.inputs[rows], batch.mask[rows])
        known = teacher.states(batch.inputs[rows], condition=condition)
    here = frames[rows]
    h, known, root = h[rows][here], known[here], batch.root[rows][here]
    sounding = root != NO_ROOT
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
    model: Accompanist, batches: list[Batch], precision: Precision, melody_only: bool = False
) -> dict[str, float]:
    """Nats a frame of each part, and in total, over the batches. melody_only: whether to measure
    that part too, with all chords masked. The total does not include it."""
    totals: dict[str, float] = {}
    count = sum(int(batch.mask.sum()) for batch in batches)
    for batch in batches:
        with precision():
            parts = losses(model, batch)
            if melody_only:
                everywhere = torch.ones_like(batch.chords_masked)
                inputs = mask_chords(batch.inputs)
                masked = replace(batch, inputs=inputs, chords_masked=everywhere)
                parts[MELODY_ONLY_PART] = losses(model, masked)[MELODY_ONLY_PART]
        for name, value in parts.items():
            totals[name] = totals.get(name, 0.0) + float(value)
    parts = {name: value / count for name, value in totals.items()}
    return {**parts, "total": sum(parts.values()) - parts[MELODY_ONLY_PART]}


def openings(songs: list[Song], vocabulary: ChordVocabulary, length: int) -> list[Batch]:
    """Batches of the songs' first `length` frames, not transposed."""
    parts = [(excerpt(frames_of(song, vocabulary), 0, length), 0) for song in songs]
    return [collate(parts[i : i + 16], length) for i in range(0, len(parts), 16)]
