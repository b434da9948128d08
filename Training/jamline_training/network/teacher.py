"""An accompanist that sees the whole melody beforehand, where one who plays online has to guess.

It is the ceiling among the figures, and what reinforcement learning holds a policy to: the policy
plays, and the teacher, who knows how the melody goes on, says what it would have played there (the
offline model of ReaLchords, arXiv 2506.14723).
"""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from ..data.batches import excerpt
from ..data.chord_vocabulary import ChordVocabulary
from ..data.corpus import Song
from ..data.frames import frames_of
from ..data.inputs import without_chords
from ..data.takes import Take, symbols_of
from .checkpoint import restored
from .configuration import Configuration
from .generate import in_turn
from .layers import Layer
from .model import Accompanist
from .rotary import rotations


class Teacher(Accompanist):
    """An accompanist that adds, to each frame's input, what some layers without a mask make of the
    whole melody. They see the melody up to the excerpt's last frame but one: a frame's input is
    what happened in the frame before."""

    LAYERS = 3
    sees_melody = True

    def __init__(self, c: Configuration) -> None:
        super().__init__(c)
        self.hearing = nn.ModuleList(Layer(c, index) for index in range(self.LAYERS))
        self.hearing_norm = nn.RMSNorm(c.width, c.norm_epsilon)
        self.heard = nn.Linear(c.width, c.width, bias=False)
        self.hearing.apply(self.initialise)
        # So that it begins as the accompanist that it is made from.
        nn.init.zeros_(self.heard.weight)

    def beforehand(self, inputs: Tensor, mask: Tensor) -> Tensor:
        x = self.embedded(without_chords(inputs))
        cosine, sine = rotations(self.c, 0, inputs.shape[1], x.device, x.dtype)
        for layer in self.hearing:
            x = layer(x, cosine, sine, seen=mask)
        return self.heard(self.hearing_norm(x))


def played_by(checkpoint: Path, takes: list[Take], songs: list[Song]) -> list[Take]:
    """The same takes, the first frames of these songs, with the chords of a checkpoint's teacher,
    who sees no more of the songs than that; at temperature 1."""
    teacher = restored(checkpoint, Teacher)
    vocabulary = ChordVocabulary(teacher.c.qualities)
    frames = [
        excerpt(frames_of(song, vocabulary), 0, len(take))
        for take, song in zip(takes, songs, strict=True)
    ]
    chords = in_turn(teacher.eval(), frames)
    return [
        take.played(symbols_of(vocabulary, chosen))
        for take, chosen in zip(takes, chords, strict=True)
    ]
