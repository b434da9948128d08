"""The teacher: an accompanist that sees the whole melody, where an online one has to predict it.

Its figures show what seeing ahead is worth. Reinforcement learning holds a policy to it: the policy
plays, and the teacher says what it would have played after the same chords (the offline model of
ReaLchords, arXiv 2506.14723).
"""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from ..data.batches import excerpt
from ..data.chord_vocabulary import ChordVocabulary
from ..data.corpus import Song
from ..data.frames import frames_of
from ..data.inputs import mask_chords
from ..data.takes import Take, symbols_of
from .checkpoint import restored
from .configuration import Configuration
from .generate import accompany_each
from .layers import Layer
from .model import Accompanist
from .rotary import rotations


class Teacher(Accompanist):
    """An accompanist that is conditioned on the whole melody: some layers without a causal mask
    read it, and their output is added to the embedding of each frame. A frame's input is the event
    of the frame before, so they do not see the melody of the excerpt's last frame."""

    LAYERS = 3
    sees_melody = True

    def __init__(self, c: Configuration) -> None:
        super().__init__(c)
        self.melody_layers = nn.ModuleList(Layer(c, index) for index in range(self.LAYERS))
        self.melody_norm = nn.RMSNorm(c.width, c.norm_epsilon)
        self.melody_output = nn.Linear(c.width, c.width, bias=False)
        self.melody_layers.apply(self.initialise)
        # At first it computes what the accompanist does whose weights it begins with.
        nn.init.zeros_(self.melody_output.weight)

    def condition_on(self, inputs: Tensor, mask: Tensor) -> Tensor:
        x = self.embedded(mask_chords(inputs))
        cosine, sine = rotations(self.c, 0, inputs.shape[1], x.device, x.dtype)
        for layer in self.melody_layers:
            x = layer(x, cosine, sine, seen=mask)
        return self.melody_output(self.melody_norm(x))


def takes_by_teacher(checkpoint: Path, takes: list[Take], songs: list[Song]) -> list[Take]:
    """The takes, which are openings of these songs, with the chords of a checkpoint's teacher at
    temperature 1. The teacher sees no more of a song than its take."""
    teacher = restored(checkpoint, Teacher)
    vocabulary = ChordVocabulary(teacher.c.qualities)
    frames = [
        excerpt(frames_of(song, vocabulary), 0, len(take))
        for take, song in zip(takes, songs, strict=True)
    ]
    chords = accompany_each(teacher.eval(), frames)
    return [
        take.played(symbols_of(vocabulary, chosen))
        for take, chosen in zip(takes, chords, strict=True)
    ]
