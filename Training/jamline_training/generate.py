"""Plays along with known melodies, many songs at once: what the agent does, in PyTorch."""

from __future__ import annotations

import numpy as np
import torch

from . import frames as representation
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

    def draw(logits: torch.Tensor) -> torch.Tensor:
        shares = (logits.float() / temperature).softmax(-1)
        return torch.multinomial(shares, 1, generator=random).squeeze(-1)

    cache = Cache(model.c, batch, length, device)
    chord = torch.tensor([[representation.NO_ROOT, 0, 0]], device=device).repeat(batch, 1)
    strike = torch.full((batch,), representation.CHORD_START, device=device)
    heard = torch.tensor([[representation.KIND_START, representation.NO_PITCH]], device=device)
    heard = heard.repeat(batch, 1)
    places_t, melody_t = torch.from_numpy(places).to(device), torch.from_numpy(melody).to(device)
    played = np.zeros((batch, length, 3), np.int64)
    for frame in range(length):
        inputs = torch.cat([heard, strike[:, None], chord, places_t[:, frame]], -1)[:, None]
        h = model.states(inputs, cache)[:, 0]
        strike = draw(model.strike_logits(h))
        root = draw(model.root_logits(h))
        sounding = root != representation.NO_ROOT
        quality = torch.where(sounding, draw(model.quality_logits(h, root)), 0)
        bass = torch.where(sounding, draw(model.bass_logits(h, root, quality)), 0)
        struck = strike == representation.CHORD_STRIKE
        chord = torch.where(struck[:, None], torch.stack([root, quality, bass], -1), chord)
        played[:, frame] = chord.cpu().numpy()
        heard = melody_t[:, frame]
    return played
