"""Plays along with known melodies, many songs at once: what the agent does, in PyTorch."""

from __future__ import annotations

import numpy as np
import torch

from . import frames as representation
from .ensemble import UNTOLD, decided
from .frames import Frames
from .model import Accompanist, Cache


@torch.no_grad()
def accompany(
    model: Accompanist,
    songs: list[Frames],
    temperature: float = 1.0,
    seed: int = 1,
    device: torch.device | str = "cpu",
) -> np.ndarray:
    """Frame by frame, from a cold start: (B, T, 3) root, quality and bass that sound, T being the
    longest song's frames."""
    length = max(map(len, songs))
    batch = len(songs)
    places = np.zeros((batch, length, 4), np.int64)
    melody = np.zeros((batch, length, 2), np.int64)  # kind, pitch
    melody[..., 1] = representation.NO_PITCH
    for row, song in enumerate(songs):
        n = len(song)
        bar = song.bar % representation.BARS_PER_PHRASE
        places[row, :n] = np.stack([song.place, song.left, bar, np.full(n, song.compound)], -1)
        melody[row, :n, 0] = representation.melody_kinds(song.melody)
        melody[row, :n, 1] = song.pitch
    random = torch.Generator(device).manual_seed(seed)

    def draw(logits: torch.Tensor, _: int, temperature: float) -> torch.Tensor:
        shares = (logits.float() / temperature).softmax(-1)
        return torch.multinomial(shares, 1, generator=random).squeeze(-1)

    cache = Cache(model.c, batch, length, device)
    told = torch.tensor([UNTOLD], device=device).repeat(batch, 1)
    heard = torch.tensor([[representation.KIND_START, representation.NO_PITCH]], device=device)
    heard = heard.repeat(batch, 1)
    places_t, melody_t = torch.from_numpy(places).to(device), torch.from_numpy(melody).to(device)
    played = np.zeros((batch, length, 3), np.int64)
    for frame in range(length):
        inputs = torch.cat([heard, told, places_t[:, frame]], -1)[:, None]
        h = model.states(inputs, cache)[:, 0]
        told = decided(model, h, told[:, 1:], draw, temperature)
        played[:, frame] = told[:, 1:].cpu().numpy()
        heard = melody_t[:, frame]
    return played
