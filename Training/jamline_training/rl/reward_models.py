"""Reward models: networks that score how well chords go with a melody.

There are four kinds, as in ReaLchords (arXiv 2506.14723), each trained with two seeds:

- *contrastive*: embeds a melody and its chords alike, and those of other songs apart (InfoNCE);
- *discriminative*: classifies pairs of melody and chords as true or mismatched;
- *rhythm* variants of both, which see when notes and chords begin and end, but not which they are.

All are multi-scale: they learn from windows of 256, 128, 64, 32 and 16 frames, each as often.
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
from ..network import checkpoint
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
    """Pairs of melody and chords: the events of each frame, (B, T − 1, 7), as in COLUMNS, and
    whether the frame has music, (B, T − 1). chosen: (B, T, 4), the chords."""
    melody = batch.inputs[:, 1:, :2]  # A frame's events are in the input of the next one.
    place = batch.inputs[:, :-1, COLUMNS.index("place"), None]
    music = batch.mask[:, 1:] & batch.mask[:, :-1]
    return torch.cat([melody, chosen[:, :-1], place], -1), music


def windows(pairs: Tensor, mask: Tensor, scale: int) -> tuple[Tensor, Tensor]:
    """Cuts pairs, (B, T, 7), and their mask, (B, T), into windows: (B, N, scale, 7) and (B, N,
    scale). The last window is padded."""
    short = -pairs.shape[1] % scale
    pairs, mask = F.pad(pairs, (0, 0, 0, short)), F.pad(mask, (0, short))
    return pairs.unflatten(1, (-1, scale)), mask.unflatten(1, (-1, scale))


class Encoder(nn.Module):
    """A few layers without a causal mask, and the mean of their states.

    which: the columns that it reads. is_rhythm: whether it reads only the kinds among them.
    """

    def __init__(self, which: tuple[str, ...], is_rhythm: bool, sizes: Configuration) -> None:
        super().__init__()
        self.c = sizes
        self.which = [name for name in which if not is_rhythm or name.endswith("kind")]
        rows = {
            "melody_kind": 4, "pitch": 129, "chord_kind": 3, "root": 13,
            "quality": len(sizes.qualities), "bass": 12, "place": sizes.longest_bar,
        }  # fmt: skip
        self.tables = nn.ModuleDict({n: nn.Embedding(rows[n], sizes.width) for n in self.which})
        if "pitch" in self.which:
            self.tables["pitch_class"] = nn.Embedding(13, sizes.width)
        for table in self.tables.values():
            nn.init.normal_(table.weight, std=0.5)
        self.stack = nn.ModuleList(Layer(sizes, index) for index in range(sizes.layers))
        self.norm = RMSNorm(sizes.width, sizes.norm_epsilon)
        self.out = nn.Linear(sizes.width, sizes.width, bias=False)

    def forward(self, pairs: Tensor, mask: Tensor) -> Tensor:
        """pairs: (N, T, 7). mask: (N, T), true somewhere in each row. Returns (N, D)."""
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
    """The sizes of an encoder. A rhythm needs a smaller one."""
    width, layers = (48, 2) if is_rhythm else (96, 3)
    return Configuration(width=width, layers=layers, heads=4, feed_forward=3 * width)


class Contrastive(nn.Module):
    """Embeds melody and chords separately, and alike where they belong together."""

    def __init__(self, is_rhythm: bool) -> None:
        super().__init__()
        sizes = sizes_of(is_rhythm)
        self.melody = Encoder(MELODY, is_rhythm, sizes)
        self.chords = Encoder(CHORDS, is_rhythm, sizes)
        self.scale = nn.Parameter(torch.tensor(2.0))

    def embedded(self, pairs: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """The embeddings of melodies and chords, (N, D) each, normalised."""
        melody, chords = self.melody(pairs, mask), self.chords(pairs, mask)
        return F.normalize(melody, dim=-1), F.normalize(chords, dim=-1)

    def forward(self, pairs: Tensor, mask: Tensor) -> Tensor:
        """The cosine similarity of each pair, (N,): −1 to 1."""
        melody, chords = self.embedded(pairs, mask)
        return (melody * chords).sum(-1)

    def loss(self, pairs: Tensor, mask: Tensor, random: np.random.Generator) -> Tensor:
        """InfoNCE (arXiv 1807.03748): each melody must find its chords among all, and the
        reverse."""
        melody, chords = self.embedded(pairs, mask)
        logits = self.scale.exp() * melody @ chords.T
        own = torch.arange(len(pairs), device=pairs.device)
        return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


class Discriminative(nn.Module):
    """Classifies whether melody and chords are of one song."""

    def __init__(self, is_rhythm: bool) -> None:
        super().__init__()
        sizes = sizes_of(is_rhythm)
        self.both = Encoder(MELODY + CHORDS, is_rhythm, sizes)
        self.output = nn.Linear(sizes.width, 1)

    def forward(self, pairs: Tensor, mask: Tensor) -> Tensor:
        """(N,): log odds that the chords are the melody's own."""
        return self.output(F.gelu(self.both(pairs, mask)))[:, 0]

    def loss(self, pairs: Tensor, mask: Tensor, random: np.random.Generator) -> Tensor:
        """Binary cross entropy of the pairs and as many mismatched ones."""
        mismatched, there = mismatches(pairs, mask, random)
        logits = self(torch.cat([pairs, mismatched]), torch.cat([mask, there]))
        own, others = logits.chunk(2)
        return (F.softplus(-own).mean() + F.softplus(others).mean()) / 2


def mismatches(pairs: Tensor, mask: Tensor, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Pairs of each melody with the chords of another row, and a mask of where both have music."""
    places = random.permutation(len(pairs))
    other = np.empty_like(places)
    other[places] = np.roll(places, 1)
    other = torch.from_numpy(other).to(pairs.device)
    both = torch.cat([pairs[..., :2], pairs[other][..., 2:6], pairs[..., 6:]], -1)
    there = mask & mask[other]
    there[:, 0] = True
    return both, there


def network(kind: str) -> nn.Module:
    """An untrained reward model of one of KINDS."""
    made = Contrastive if kind.startswith("contrastive") else Discriminative
    return made(kind.endswith("rhythm"))


def windowed_scores(model: nn.Module, batch: Batch, chosen: Tensor, scale: int) -> Tensor:
    """(B, T): a model's score of the window that each frame is in; 0 where there is no music.
    chosen: (B, T, 4), the chords."""
    pairs, mask = windows(*pairs_of(batch, chosen), scale)
    sounds = mask.any(-1).flatten()
    scores = model(pairs.flatten(0, 1)[sounds], mask.flatten(0, 1)[sounds])
    spread = torch.zeros_like(sounds, dtype=scores.dtype).masked_scatter(sounds, scores)
    frames = spread.view(*mask.shape[:2], 1).expand(-1, -1, scale).flatten(1)
    return F.pad(frames, (0, 1))[:, : batch.mask.shape[1]] * batch.mask


class RewardModels(nn.Module):
    """All reward models. Their scores are standardised, so that no kind outweighs the others."""

    def __init__(self, models: dict[str, nn.Module]) -> None:
        super().__init__()
        self.models = nn.ModuleDict(models)

    @staticmethod
    def load(path: Path) -> RewardModels:
        """The reward models of a rewards.pt."""
        models = {}
        for name, weights in checkpoint.read(path)["reward models"].items():
            models[name] = network(name.rsplit(" ", 1)[0])
            models[name].load_state_dict(weights)
        return RewardModels(models).eval()

    @torch.no_grad()
    def forward(self, batch: Batch, chosen: Tensor, scale: int) -> dict[str, Tensor]:
        """By kind, (B, T): the mean score, over its seeds, of the window that each frame is in.
        Scores have mean 0 and standard deviation 1 over the batch, and are 0 where there is no
        music."""
        found: dict[str, Tensor] = {}
        for name, model in self.models.items():
            scores, kind = windowed_scores(model, batch, chosen, scale), name.rsplit(" ", 1)[0]
            music = scores[batch.mask]
            scores = (scores - music.mean()) / (music.std() + 1e-6) * batch.mask
            found[kind] = found.get(kind, 0) + scores / len(SEEDS)
        return found
