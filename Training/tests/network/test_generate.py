"""Generation: playing chords in PyTorch."""

import numpy as np
import pytest
import torch
from made import lively, random_song

from jamline_training.data.batches import collate
from jamline_training.data.chord_vocabulary import NO_ROOT, ChordVocabulary
from jamline_training.data.frames import QUALITIES, Frames, frames_of
from jamline_training.network import generate
from jamline_training.network.generate import accompany
from jamline_training.network.model import Accompanist

VOCABULARY = ChordVocabulary(QUALITIES)


def restless() -> Accompanist:
    """A network that begins a chord in every frame."""
    model = lively()
    with torch.no_grad():
        model.strike_head.bias.copy_(torch.tensor([-1000.0, 1000.0]))
    return model


def with_chords(frames: Frames, played: np.ndarray) -> Frames:
    root, quality, bass = played[: len(frames)].T
    before = np.vstack([[[NO_ROOT, 0, 0]], played[: len(frames) - 1]])
    chord_onset = (played[: len(frames)] != before).any(axis=1).astype(np.int64)
    places = (frames.place, frames.left, frames.bar, frames.compound)
    return Frames(frames.melody, frames.pitch, chord_onset, root, quality, bass, *places)


@torch.no_grad()
def test_what_it_plays_is_likeliest_given_melody_and_chords_before() -> None:
    model = restless()
    songs = [frames_of(random_song(seed, beats=8 + seed), VOCABULARY) for seed in range(3)]
    played = accompany(model, songs, temperature=1e-6)
    assert played.shape == (3, max(map(len, songs)), 3)
    for song, chords in zip(songs, played, strict=True):
        batch = collate([(with_chords(song, chords), 0)], len(song))
        h = model.states(batch.inputs)[0]
        root = batch.root[0]
        sounding = root != NO_ROOT
        quality = torch.where(sounding, model.quality_logits(h, root).argmax(-1), 0)
        bass = torch.where(sounding, model.bass_logits(h, root, quality).argmax(-1), 0)
        assert model.root_logits(h).argmax(-1).tolist() == root.tolist()
        assert quality.tolist() == batch.quality[0].tolist()
        assert bass.tolist() == batch.bass[0].tolist()


def test_a_seed_makes_the_same_chords() -> None:
    model = restless()
    songs = [frames_of(random_song(1, beats=8), VOCABULARY)]
    first, again, other = (accompany(model, songs, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_what_a_gpu_repeats_is_what_it_would_do_step_by_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = restless().to("cuda")
    songs = [frames_of(random_song(seed, beats=8), VOCABULARY) for seed in range(3)]
    repeated = accompany(model, songs, device="cuda")
    monkeypatch.setattr(generate, "as_cuda_graph", lambda step: step)
    assert np.array_equal(repeated, accompany(model, songs, device="cuda"))
