"""Generation: a network plays chords to known melodies, frame by frame and many songs at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from ..data.batches import collate
from ..data.frames import Frames
from ..data.inputs import CHORD, MASKED_CHORD
from . import counter_rng
from .kv_cache import SteppedKVCache
from .model import Accompanist
from .sampling import choose, choose_chord

SONGS_AT_ONCE = 64
CHORD_DECISIONS = (
    counter_rng.CHORD_ONSET, counter_rng.ROOT, counter_rng.QUALITY, counter_rng.BASS,
)  # fmt: skip


@torch.no_grad()
def generate(
    model: Accompanist,
    inputs: Tensor,
    mask: Tensor,
    seeds: np.ndarray,
    temperature: float = 1.0,
) -> Tensor:
    """The chord events that a network plays from a cold start, in float32: kind, root, quality and
    bass of each frame, (B, T, 4).

    inputs: (B, T, 10); its chords are ignored. mask: (B, T), false in padding. seeds: (B,), the
    seed of each row's random numbers.
    """
    rows, length, _ = inputs.shape
    condition = model.condition_on(inputs, mask)
    cache = SteppedKVCache(model.c, rows, length, inputs.device)
    frames = np.arange(length)[:, None]
    # (decisions, T, B)
    fractions = torch.from_numpy(
        np.stack([counter_rng.fraction(seeds, frames, 0, each) for each in CHORD_DECISIONS])
    ).to(inputs.device)
    state = torch.tensor(MASKED_CHORD, device=inputs.device).repeat(rows, 1)
    chosen = torch.zeros(rows, length, len(MASKED_CHORD), dtype=torch.long, device=inputs.device)

    def advance() -> None:
        """Plays the next frame."""
        now = cache.frame.clone()
        step = inputs.index_select(1, now)
        step[:, 0, CHORD] = state
        of_now = fractions.index_select(1, now)[:, 0]
        of_step = condition if condition is None else condition.index_select(1, now)

        def draw(logits: Tensor, decision: int, temperature: float) -> Tensor:
            return choose(logits, of_now[decision], temperature)

        h = model.states(step, cache, of_step)[:, 0]
        state.copy_(choose_chord(model, h, state[:, 1:], draw, temperature))
        chosen.index_copy_(1, now, state[:, None])

    if length:
        advance()
    if length > 1 and inputs.is_cuda:
        advance = as_cuda_graph(advance)
    for _ in range(length - 1):
        advance()
    return chosen


def as_cuda_graph(step: Callable[[], None]) -> Callable[[], None]:
    """Records the operations of a step as a CUDA graph, which replays them in one launch. Recording
    does not run the step, which must have run once before."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def accompany_each(model: Accompanist, songs: list[Frames], seed: int = 1) -> Iterator[np.ndarray]:
    """The chords of `accompany` for each song, (T, 3) for a song of T frames, at temperature 1.
    Runs SONGS_AT_ONCE songs at once, to bound the memory."""
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
    """The root, quality and bass that a network plays in each frame from a cold start: (B, T, 3), T
    being the frames of the longest song."""
    batch = collate([(song, 0) for song in songs], max(map(len, songs))).to(device)
    seeds = counter_rng.mix(np.asarray(seed, np.uint64)) ^ np.arange(len(songs), dtype=np.uint64)
    return generate(model, batch.inputs, batch.mask, seeds, temperature)[..., 1:].cpu().numpy()
