"""Training in several processes, which torchrun starts. Each computes the gradients of its part of
the batch, and these are summed: the run is the same as in one process up to rounding."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn

from ..data.batches import Batch


@dataclass(frozen=True)
class Processes:
    """Which of `count` processes this is, and the device it computes on."""

    rank: int = 0
    count: int = 1
    device: str = "cpu"

    @property
    def is_first(self) -> bool:
        """Whether this process writes files and shows progress."""
        return self.rank == 0

    def part(self, batch: Batch) -> Batch:
        """This process's excerpts of the batch: every `count`th."""
        return batch.rows(slice(self.rank, None, self.count))

    def add_up(self, parameters: Iterable[nn.Parameter], loss: Tensor) -> Tensor:
        """Sums each gradient over all processes. Returns the sum of their losses."""
        if self.count == 1:
            return loss
        # One message for all gradients: latency is its main cost. All processes compute the same
        # graph, so a parameter without a gradient has none in any of them.
        parts = [p.grad for p in parameters if p.grad is not None] + [loss]
        together = torch.cat([part.flatten() for part in parts])
        distributed.all_reduce(together)
        sums = together.split([part.numel() for part in parts])
        for part, total in zip(parts, sums, strict=True):
            part.copy_(total.view_as(part))
        return loss


# The most excerpts of 256 frames in one backward pass, by the kind of device: as memory allows.
ROWS_AT_ONCE = {"cpu": 16, "cuda": 128}


def in_parts(rows: int, device: str) -> Iterator[slice]:
    """Divides so many rows into parts of one backward pass each."""
    at_once = ROWS_AT_ONCE[torch.device(device).type]
    return (slice(first, first + at_once) for first in range(0, rows, at_once))


def own_device(local_rank: int) -> str:
    """This process's device: a GPU of its own where there are GPUs, else the CPU. GPUs multiply
    float32 as TF32, many times faster."""
    if not torch.cuda.is_available():
        return "cpu"
    torch.set_float32_matmul_precision("high")
    return f"cuda:{local_rank}"


@contextmanager
def joined() -> Iterator[Processes]:
    """Yields this process's place among those that torchrun started, or as the only one."""
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        yield Processes(device=own_device(0))
        return
    device = own_device(int(os.environ["LOCAL_RANK"]))
    if device != "cpu":
        torch.cuda.set_device(device)
    distributed.init_process_group("gloo" if device == "cpu" else "nccl")
    try:
        yield Processes(distributed.get_rank(), distributed.get_world_size(), device)
    finally:
        distributed.destroy_process_group()
