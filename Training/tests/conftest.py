"""What all tests share: small machines, and the same chance every time."""

import pytest
import torch

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def same_chance() -> None:
    torch.manual_seed(1)
