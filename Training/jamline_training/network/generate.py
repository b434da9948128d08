"""Plays along with known melodies, many songs at once: what the agent does, in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from ..data.batches import collate
from ..data.frames import Frames
from ..data.inputs import CHORD, UNTOLD
from . import counter_rng
from .kv_cache import SteppedCache
from .model import Accompanist
from .sampling import choose, decided

SONGS_AT_ONCE = 64


@torch.no_grad()
def played(
    model: Accompanist,
    inputs: Tensor,
    mask: Tensor,
    seeds: np.ndarray,
    temperature: float = 1.0,
) -> Tensor:
    """What it chooses in each frame from a cold start, calculating in float32: kind, root, quality
    and bass, (B, T, 4).

    inputs: (B, T, 10), whose chords are not read; mask: (B, T), false in padding; seeds: (B,), for
    each its own chance.
    """
    rows, length, _ = inputs.shape
    told = model.beforehand(inputs, mask)
    cache = SteppedCache(model.c, rows, length, inputs.device)
    # By decision, frame and row.
    fractions = torch.from_numpy(
        np.stack([
            counter_rng.fraction(seeds, np.arange(length)[:, None], 0, decision)
            for decision in (counter_rng.STRIKE, counter_rng.ROOT, counter_rng.QUALITY, counter_rng.BASS)
        ])
    ).to(inputs.device)  # fmt: skip
    state = torch.tensor(UNTOLD, device=inputs.device).repeat(rows, 1)
    chosen = torch.zeros(rows, length, len(UNTOLD), dtype=torch.long, device=inputs.device)

    def advance() -> None:
        """Plays the next frame."""
        now = cache.frame.clone()
        step = inputs.index_select(1, now)
        step[:, 0, CHORD] = state
        of_now = fractions.index_select(1, now)[:, 0]

        def draw(logits: Tensor, decision: int, temperature: float) -> Tensor:
            return choose(logits, of_now[decision], temperature)

        h = model.states(step, cache, told if told is None else told.index_select(1, now))[:, 0]
        state.copy_(decided(model, h, state[:, 1:], draw, temperature))
        chosen.index_copy_(1, now, state[:, None])

    if length:
        advance()
    if length > 1 and inputs.is_cuda:
        advance = recorded(advance)
    for _ in range(length - 1):
        advance()
    return chosen


def recorded(step: Callable[[], None]) -> Callable[[], None]:
    """Does what a step of many small operations does, at once (a CUDA graph). The step is not
    taken here, and must have been taken once."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def in_turn(model: Accompanist, songs: list[Frames], seed: int = 1) -> Iterator[np.ndarray]:
    """As `accompany` at temperature 1, so many songs at once as memory allows: (T, 3) of each song,
    T being its frames."""
    device = next(model.parameters()).device
    for first in range(0, len(songs), SONGS_AT_ONCE):
        part = songs[first : first + SONGS_AT_ONCE]
        chords = accompany(model, part, 1.0, seed * 1000 + first, device)
        yield from (chosen[: len(song)] for song, chosen in zip(part, chords, strict=True))


def accompany(
    model: Accompanist,
    songs: list[Frames],
    temperature: float = 1.0,
    seed: int = 1,
    device: torch.device | str = "cpu",
) -> np.ndarray:
    """Frame by frame, from a cold start: (B, T, 3) root, quality and bass that sound, T being the
    longest song's frames."""
    batch = collate([(song, 0) for song in songs], max(map(len, songs))).to(device)
    seeds = counter_rng.mix(np.asarray(seed, np.uint64)) ^ np.arange(len(songs), dtype=np.uint64)
    return played(model, batch.inputs, batch.mask, seeds, temperature)[..., 1:].cpu().numpy()
