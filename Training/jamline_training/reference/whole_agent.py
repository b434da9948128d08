"""The whole agent, as a reference that the tests hold it to: minds that hear a song, and the chords
that it promises to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..data import frames as representation
from ..data.chord_vocabulary import NO_CHORD, Chord, ChordVocabulary
from ..data.corpus import Song
from ..data.frames import beat_length, frames_of, metrical_places
from ..data.inputs import NOTHING_HEARD
from ..network.model import Accompanist
from .consensus import NOTHING, Consensus, Heard
from .harmony_tracker import Ensemble, Listening
from .rollouts import imagine


@dataclass(frozen=True)
class Places:
    """Where frames stand. place, left: since the bar line, and to the next one, less one; (T,).
    told: (T, 4), place, left, bar and compound, as the network reads them."""

    place: np.ndarray
    left: np.ndarray
    compound: bool
    told: Tensor

    @staticmethod
    def of(song: Song, length: int) -> Places:
        place, left, bar, compound = metrical_places(song.meter, length)
        phrase = bar % representation.BARS_PER_PHRASE
        columns = [place, left, phrase, np.full(length, int(compound))]
        return Places(place, left, compound, torch.from_numpy(np.stack(columns, -1)))

    def at(self, frame: int) -> tuple[int, int, bool]:
        """As `Consensus.chord` takes it."""
        return int(self.place[frame]), int(self.left[frame]), self.compound

    def heard(self, pitches: np.ndarray, novelty: float) -> Heard:
        """What was heard of late. pitches: (T,), what sounded in each frame so far."""

        def of_last(beats: int) -> frozenset[int]:
            latest = pitches[max(0, len(pitches) - beats * beat_length(self.compound)) :]
            return frozenset((latest[latest < representation.NO_PITCH] % 12).tolist())

        return Heard(of_last(1), of_last(2), novelty)


def listen(
    model: Accompanist, song: Song, length: int, listening: Listening
) -> Iterator[tuple[int, Ensemble, np.ndarray]]:
    """A song is heard. Of each of its first `length` frames, before it is: its number, the ensemble
    that has decided it, and the pitch that sounded in each frame before, (frame,)."""
    frames = frames_of(song, ChordVocabulary(model.c.qualities))
    kinds = representation.melody_kinds(frames.melody)
    places = Places.of(song, length).told
    ensemble = Ensemble(model, length, listening)
    heard = NOTHING_HEARD
    for frame in range(length):
        ensemble.decide(torch.tensor(heard), places[frame])
        yield frame, ensemble, frames.pitch[:frame]
        ensemble.finish(int(frames.melody[frame]), heard[1] == representation.NO_PITCH)
        heard = int(kinds[frame]), int(frames.pitch[frame])


def has_begun(pitches: np.ndarray) -> bool:
    """Whether anything was played yet. pitches: of each frame so far."""
    return bool((pitches < representation.NO_PITCH).any())


@torch.no_grad()
def play_along(model: Accompanist, song: Song, length: int, listening: Listening) -> list[Chord]:
    """The chords that the agent promises to the first `length` frames of a song. As long as nothing
    was played there is no chord."""
    consensus = Consensus(ChordVocabulary(model.c.qualities))
    places = Places.of(song, length + listening.imagined)
    beat = beat_length(places.compound)
    promised: list[Chord] = []
    for frame, ensemble, pitches in listen(model, song, length, listening):
        if not has_begun(pitches):
            promised.append(NO_CHORD)
            continue
        heard = places.heard(pitches, ensemble.novelty)
        asked = range(len(promised) - frame, listening.commit)
        ahead = places.told[frame + 1 : frame + listening.imagined]
        dream = imagine(ensemble, int(pitches[-1]), ahead, asked)
        for offset in asked:
            votes, chord = dream.votes[offset], promised[-1] if promised else NO_CHORD
            of_late, coming = heard if offset < beat else NOTHING, dream.coming(offset, beat)
            place = places.at(frame + offset)
            agreed = consensus.chord(votes, chord, of_late, coming, *place, offset > 0)
            promised.append(next(iter(votes)) if ensemble.is_single else agreed)
    return promised[:length]
