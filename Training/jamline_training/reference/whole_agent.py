"""The whole agent as a reference: it tracks the harmony under a song and commits chords."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..data import frames as representation
from ..data.chord_vocabulary import NO_CHORD, ChordTokens, ChordVocabulary
from ..data.corpus import Song
from ..data.frames import beat_length, frames_of, metrical_places
from ..data.inputs import MASKED_MELODY
from ..network.model import Accompanist
from .consensus import NO_MELODY, Consensus, RecentMelody
from .harmony_tracker import AgentSettings, HarmonyTracker
from .rollouts import roll_out


@dataclass(frozen=True)
class Places:
    """Where T frames stand. place, left: (T,), frames since the bar line, and to the next one less
    one. columns: (T, 4), place, left, bar and compound, as the network reads them."""

    place: np.ndarray
    left: np.ndarray
    compound: bool
    columns: Tensor

    @staticmethod
    def of(song: Song, length: int) -> Places:
        """The places of the song's first frames."""
        place, left, bar, compound = metrical_places(song.meter, length)
        phrase = bar % representation.BARS_PER_PHRASE
        columns = [place, left, phrase, np.full(length, int(compound))]
        return Places(place, left, compound, torch.from_numpy(np.stack(columns, -1)))

    def at(self, frame: int) -> tuple[int, int, bool]:
        """A frame's place, left and compound, as `Consensus.chord` takes them."""
        return int(self.place[frame]), int(self.left[frame]), self.compound

    def recent(self, pitches: np.ndarray, short_context_weight: float) -> RecentMelody:
        """The recent melody. pitches: (T,), the pitch in each frame so far."""

        def of_last(beats: int) -> frozenset[int]:
            latest = pitches[max(0, len(pitches) - beats * beat_length(self.compound)) :]
            return frozenset((latest[latest < representation.NO_PITCH] % 12).tolist())

        return RecentMelody(of_last(1), of_last(2), short_context_weight)


def track(
    model: Accompanist, song: Song, length: int, settings: AgentSettings
) -> Iterator[tuple[int, HarmonyTracker, np.ndarray]]:
    """Tracks the harmony under a song. For each of its first `length` frames, yields the frame, the
    tracker after its prediction, and the pitch in each frame before, (frame,)."""
    frames = frames_of(song, ChordVocabulary(model.c.qualities))
    kinds = representation.melody_kinds(frames.melody)
    places = Places.of(song, length).columns
    tracker = HarmonyTracker(model, length, settings)
    melody = MASKED_MELODY
    for frame in range(length):
        tracker.predict(torch.tensor(melody), places[frame])
        yield frame, tracker, frames.pitch[:frame]
        tracker.update(int(frames.melody[frame]), melody[1] == representation.NO_PITCH)
        melody = int(kinds[frame]), int(frames.pitch[frame])


def has_begun(pitches: np.ndarray) -> bool:
    """Whether any note has sounded. pitches: the pitch in each frame so far."""
    return bool((pitches < representation.NO_PITCH).any())


@torch.no_grad()
def play_along(
    model: Accompanist, song: Song, length: int, settings: AgentSettings
) -> list[ChordTokens]:
    """The chords that the agent commits to the first `length` frames of a song. There is no chord
    before the first note."""
    consensus = Consensus(ChordVocabulary(model.c.qualities))
    places = Places.of(song, length + settings.horizon)
    beat = beat_length(places.compound)
    committed: list[ChordTokens] = []
    for frame, tracker, pitches in track(model, song, length, settings):
        if not has_begun(pitches):
            committed.append(NO_CHORD)
            continue
        recent = places.recent(pitches, tracker.short_context_weight)
        asked = range(len(committed) - frame, settings.commit)
        ahead = places.columns[frame + 1 : frame + settings.horizon]
        rollouts = roll_out(tracker, int(pitches[-1]), ahead, asked)
        for offset in asked:
            votes, chord = rollouts.votes[offset], committed[-1] if committed else NO_CHORD
            melody = recent if offset < beat else NO_MELODY
            predicted = rollouts.predicted_notes(offset, beat)
            place = places.at(frame + offset)
            agreed = consensus.chord(votes, chord, melody, predicted, *place, offset > 0)
            committed.append(next(iter(votes)) if tracker.has_single_vote else agreed)
    return committed[:length]
