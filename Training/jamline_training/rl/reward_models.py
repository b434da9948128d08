"""Learned rewards: networks that judge whether chords go with a melody.

As in ReaLchords (arXiv 2506.14723), four kinds, each trained twice from different seeds:

- *contrastive*: a melody and its chords are embedded alike, those of other songs apart (InfoNCE);
- *discriminative*: true pairs are told from pairs of a melody and chords that are not its own;
- and of both a *rhythm* twin that knows when notes and chords begin and end, but not which.

All are multi-scale: they learn from windows of 256, 128, … 16 frames, each as often.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..data import frames as representation
from ..data.batches import Batch
from ..data.inputs import INPUT_COLUMNS
from ..network.configuration import Configuration
from ..network.layers import Layer, RMSNorm
from ..network.rotary import rotations

LONGEST, SHORTEST = 256, 16
SCALES = tuple(LONGEST >> step for step in range(5))
COLUMNS = INPUT_COLUMNS[:7]  # melody_kind, pitch, chord_kind, root, quality, bass, place
MELODY, CHORDS = COLUMNS[:2], COLUMNS[2:6]
KINDS = ("contrastive", "discriminative", "contrastive rhythm", "discriminative rhythm")
SEEDS = (1, 2)


def pairs_of(batch: Batch, chosen: Tensor) -> tuple[Tensor, Tensor]:
    """What sounds in each frame of the batch's melodies and of the chords (B, T, 4) to them:
    (B, T − 1, 7), as COLUMNS says; and where there is music at all, (B, T − 1)."""
    melody = batch.inputs[:, 1:, :2]  # A frame's events are what the next one reads.
    place = batch.inputs[:, :-1, COLUMNS.index("place"), None]
    music = batch.mask[:, 1:] & batch.mask[:, :-1]
    return torch.cat([melody, chosen[:, :-1], place], -1), music


def windows(pairs: Tensor, mask: Tensor, scale: int) -> tuple[Tensor, Tensor]:
    """(B, T, 7) and (B, T), cut into windows of so many frames: (B, N, scale, 7), (B, N, scale);
    what is missing of the last is padding."""
    short = -pairs.shape[1] % scale
    pairs, mask = F.pad(pairs, (0, 0, 0, short)), F.pad(mask, (0, short))
    return pairs.unflatten(1, (-1, scale)), mask.unflatten(1, (-1, scale))


class Encoder(nn.Module):
    """A few layers without a mask over what sounds, and the mean of their states.

    which: the columns that it reads; is_rhythm: of these, the kinds alone.
    """

    def __init__(self, which: tuple[str, ...], is_rhythm: bool, sizes: Configuration) -> None:
        super().__init__()
        self.c = sizes
        self.which = [name for name in which if not is_rhythm or name.endswith("kind")]
        rows = {"melody_kind": 4, "pitch": 129, "chord_kind": 3, "root": 13,
                "quality": len(sizes.qualities), "bass": 12, "place": sizes.longest_bar}  # fmt: skip
        self.tables = nn.ModuleDict({n: nn.Embedding(rows[n], sizes.width) for n in self.which})
        if "pitch" in self.which:
            self.tables["pitch_class"] = nn.Embedding(13, sizes.width)
        for table in self.tables.values():
            nn.init.normal_(table.weight, std=0.5)
        self.stack = nn.ModuleList(Layer(sizes, index) for index in range(sizes.layers))
        self.norm = RMSNorm(sizes.width, sizes.norm_epsilon)
        self.out = nn.Linear(sizes.width, sizes.width, bias=False)

    def forward(self, pairs: Tensor, mask: Tensor) -> Tensor:
        """pairs: (N, T, 7); mask: (N, T), true somewhere in each row; (N, D) back."""
        x = sum(self.tables[name](pairs[..., COLUMNS.index(name)]) for name in self.which)
        if "pitch" in self.which:
            pitch = pairs[..., COLUMNS.index("pitch")]
            silent = pitch == representation.NO_PITCH
            x = x + self.tables["pitch_class"](torch.where(silent, 12, pitch % 12))
        cosine, sine = rotations(self.c, 0, x.shape[1], x.device, x.dtype)
        for layer in self.stack:
            x = layer(x, cosine, sine, seen=mask)
        x = self.norm(x) * mask[..., None]
        return self.out(x.sum(1) / mask.sum(1, keepdim=True))


def sizes_of(is_rhythm: bool) -> Configuration:
    """A rhythm has less to it."""
    width, layers = (48, 2) if is_rhythm else (96, 3)
    return Configuration(width=width, layers=layers, heads=4, feed_forward=3 * width)


class Contrastive(nn.Module):
    """Melody and chords, embedded each by themselves; alike where they belong together."""

    def __init__(self, is_rhythm: bool) -> None:
        super().__init__()
        sizes = sizes_of(is_rhythm)
        self.melody = Encoder(MELODY, is_rhythm, sizes)
        self.chords = Encoder(CHORDS, is_rhythm, sizes)
        self.scale = nn.Parameter(torch.tensor(2.0))

    def embedded(self, pairs: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """(N, D) each, of length 1: the melodies and the chords."""
        melody, chords = self.melody(pairs, mask), self.chords(pairs, mask)
        return F.normalize(melody, dim=-1), F.normalize(chords, dim=-1)

    def forward(self, pairs: Tensor, mask: Tensor) -> Tensor:
        """How alike the two of each pair are, (N,): −1 to 1."""
        melody, chords = self.embedded(pairs, mask)
        return (melody * chords).sum(-1)

    def loss(self, pairs: Tensor, mask: Tensor, random: np.random.Generator) -> Tensor:
        """InfoNCE (arXiv 1807.03748): each melody is to find its chords among all, and they it."""
        melody, chords = self.embedded(pairs, mask)
        logits = self.scale.exp() * melody @ chords.T
        own = torch.arange(len(pairs), device=pairs.device)
        return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


class Discriminative(nn.Module):
    """Melody and chords together: are they of one song?"""

    def __init__(self, is_rhythm: bool) -> None:
        super().__init__()
        sizes = sizes_of(is_rhythm)
        self.both = Encoder(MELODY + CHORDS, is_rhythm, sizes)
        self.verdict = nn.Linear(sizes.width, 1)

    def forward(self, pairs: Tensor, mask: Tensor) -> Tensor:
        """(N,): log odds that the chords are the melody's own."""
        return self.verdict(F.gelu(self.both(pairs, mask)))[:, 0]

    def loss(self, pairs: Tensor, mask: Tensor, random: np.random.Generator) -> Tensor:
        """Each pair against one with chords of another."""
        strange, there = strangers(pairs, mask, random)
        verdicts = self(torch.cat([pairs, strange]), torch.cat([mask, there]))
        own, others = verdicts.chunk(2)
        return (F.softplus(-own).mean() + F.softplus(others).mean()) / 2


def strangers(pairs: Tensor, mask: Tensor, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Each melody with the chords of another row, none with its own; where both have music."""
    places = random.permutation(len(pairs))
    other = np.empty_like(places)
    other[places] = np.roll(places, 1)
    other = torch.from_numpy(other).to(pairs.device)
    both = torch.cat([pairs[..., :2], pairs[other][..., 2:6], pairs[..., 6:]], -1)
    there = mask & mask[other]
    there[:, 0] = True
    return both, there


def network(kind: str) -> nn.Module:
    """One of KINDS, untrained."""
    made = Contrastive if kind.startswith("contrastive") else Discriminative
    return made(kind.endswith("rhythm"))


def judged(judge: nn.Module, batch: Batch, chosen: Tensor, scale: int) -> Tensor:
    """(B, T): a judge's verdict on the window that each frame is in; 0 where there is no music."""
    pairs, mask = windows(*pairs_of(batch, chosen), scale)
    sounds = mask.any(-1).flatten()
    verdicts = judge(pairs.flatten(0, 1)[sounds], mask.flatten(0, 1)[sounds])
    spread = torch.zeros_like(sounds, dtype=verdicts.dtype).masked_scatter(sounds, verdicts)
    frames = spread.view(*mask.shape[:2], 1).expand(-1, -1, scale).flatten(1)
    return F.pad(frames, (0, 1))[:, : batch.mask.shape[1]] * batch.mask


class Ensemble(nn.Module):
    """All the judges. Their verdicts are taken in units of their own spread, so that none of them
    outweighs the others."""

    def __init__(self, judges: dict[str, nn.Module]) -> None:
        super().__init__()
        self.judges = nn.ModuleDict(judges)

    @staticmethod
    def load(path: Path) -> Ensemble:
        content = torch.load(path, map_location="cpu", weights_only=True)
        judges = {}
        for name, states in content["judges"].items():
            judges[name] = network(name.rsplit(" ", 1)[0])
            judges[name].load_state_dict(states)
        return Ensemble(judges).eval()

    @torch.no_grad()
    def forward(self, batch: Batch, chosen: Tensor, scale: int) -> dict[str, Tensor]:
        """(B, T) by kind: the mean verdict, over its seeds, on the window that each frame is in;
        of mean 0 and deviation 1 over the batch, and 0 where there is no music."""
        found: dict[str, Tensor] = {}
        for name, judge in self.judges.items():
            verdicts, kind = judged(judge, batch, chosen, scale), name.rsplit(" ", 1)[0]
            music = verdicts[batch.mask]
            verdicts = (verdicts - music.mean()) / (music.std() + 1e-6) * batch.mask
            found[kind] = found.get(kind, 0) + verdicts / len(SEEDS)
        return found
