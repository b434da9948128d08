"""Training in several processes (torchrun): each takes its part of the same batch, and their
gradients are added up, so that a run is the same as in one process up to rounding."""

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
    """Which of `count` processes this is, and where it computes."""

    rank: int = 0
    count: int = 1
    device: str = "cpu"

    @property
    def is_first(self) -> bool:
        """Whether it is for this one to write files and to talk."""
        return self.rank == 0

    def part(self, batch: Batch) -> Batch:
        """The excerpts that are this one's: every `count`th."""
        return batch.rows(slice(self.rank, None, self.count))

    def add_up(self, parameters: Iterable[nn.Parameter], loss: Tensor) -> Tensor:
        """Makes each gradient the sum over all processes; the sum of their losses back."""
        if self.count == 1:
            return loss
        # One message for all: its cost is in the waiting. A parameter without a gradient has none
        # in any process, since they all compute the same graph.
        parts = [p.grad for p in parameters if p.grad is not None] + [loss]
        together = torch.cat([part.flatten() for part in parts])
        distributed.all_reduce(together)
        sums = together.split([part.numel() for part in parts])
        for part, total in zip(parts, sums, strict=True):
            part.copy_(total.view_as(part))
        return loss


# Excerpts of 256 frames that are learned from together, by the kind of device: as memory allows.
ROWS_AT_ONCE = {"cpu": 16, "cuda": 128}


def in_parts(rows: int, device: str) -> Iterator[slice]:
    """Of so many rows, those that are learned from together."""
    at_once = ROWS_AT_ONCE[torch.device(device).type]
    return (slice(first, first + at_once) for first in range(0, rows, at_once))


def own_device(local_rank: int) -> str:
    """A GPU each, where there are GPUs; has them multiply float32 as TF32, at many times the
    speed."""
    if not torch.cuda.is_available():
        return "cpu"
    torch.set_float32_matmul_precision("high")
    return f"cuda:{local_rank}"


@contextmanager
def joined() -> Iterator[Processes]:
    """This process among those that torchrun started, or alone."""
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
