"""Contexts: self-generated chords, chord dropout, an expert's chords, melody masking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from made import TINY, lively, random_song, song, write_corpus

from jamline_training.data.batches import Batch, Change, Sampler, collate
from jamline_training.data.chord_vocabulary import ChordVocabulary
from jamline_training.data.frames import QUALITIES, frames_of
from jamline_training.data.inputs import CHORD, mask_chords, mask_melody
from jamline_training.data.mixture import Mixture
from jamline_training.network.conditioned import giving_hints
from jamline_training.training import contexts
from jamline_training.training.contexts import Feed, handed_over, self_generated_chords
from jamline_training.training.losses import losses
from jamline_training.training.processes import Processes
from jamline_training.training.recipe import Recipe
from jamline_training.training.run import train

SONGS = [replace(random_song(seed, beats=32), key="C") for seed in range(4)]
VOCABULARY = ChordVocabulary(QUALITIES)
RECIPE = Recipe(
    steps=40,
    batch=4,
    length=32,
    self_generated=0.5,
    self_generated_from=0.4,
    chord_dropout=0.25,
    warm_up=5,
)


def feed(
    recipe: Recipe = RECIPE,
    processes: Processes = Processes(),  # noqa: B008
    seed: int = 1,
    changes: Sequence[Change] = (),
) -> Feed:
    mixture = Mixture("temperature", "sets", 1.0, 4.0, recipe.frames, {})
    return Feed(Sampler(SONGS, VOCABULARY, mixture, seed, changes), recipe, processes)


def batch_of_songs(length: int = 32) -> Batch:
    return collate([(frames_of(made, VOCABULARY), 0) for made in SONGS], length)


def test_masking_chords_leaves_all_else() -> None:
    inputs = batch_of_songs().inputs
    masked = mask_chords(inputs)
    assert (masked[..., CHORD] == torch.tensor([2, 12, 0, 0])).all()
    assert torch.equal(masked[..., :2], inputs[..., :2])
    assert torch.equal(masked[..., 6:], inputs[..., 6:])


def test_the_persons_chord_begins_where_it_takes_over() -> None:
    # C from the first frame on, read from the second on; its own: G all along.
    person = torch.tensor([[[2, 12, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]])
    own = torch.tensor([[[2, 12, 0, 0], [1, 7, 0, 0], [0, 7, 0, 0], [0, 7, 0, 0]]])
    read = handed_over(person.repeat(3, 1, 1), own.repeat(3, 1, 1), torch.tensor([0, 2, 9]))
    kinds_and_roots = [[tuple(frame[:2]) for frame in row] for row in read.tolist()]
    assert kinds_and_roots == [
        [(2, 12), (1, 0), (0, 0), (0, 0)],
        [(2, 12), (1, 7), (1, 0), (0, 0)],
        [(2, 12), (1, 7), (0, 7), (0, 7)],
    ]


def test_it_reads_the_chords_that_it_generated() -> None:
    torch.manual_seed(1)
    model = lively()
    batch = batch_of_songs()
    own = self_generated_chords(model, batch.inputs, batch.mask, np.arange(4))
    assert (own[:, 0] == torch.tensor([2, 12, 0, 0])).all()
    kinds, chords = own[:, 1:, 0], own[..., 1:]
    changed = (chords[:, 1:] != chords[:, :-1]).any(-1)
    assert torch.equal(kinds.bool(), changed) and changed.any(), "an onset is a change"
    assert not torch.equal(
        own, self_generated_chords(model, batch.inputs, batch.mask, np.arange(4) + 9)
    )


def test_rounds_begin_with_the_model_of_their_time() -> None:
    torch.manual_seed(1)
    model, other = lively(), lively()
    through = feed()
    whole = [through.batch(step, model if step < 32 else other) for step in range(40)]
    resumed = feed()
    rest = [resumed.batch(step, other) for step in range(32, 40)]
    for one, same in zip(whole[32:], rest, strict=True):
        assert torch.equal(one.inputs, same.inputs)
    assert any(batch.self_generated.any() for batch in whole[32:])
    assert not any(batch.self_generated.any() for batch in whole[:16]), "it knows nothing yet"


def test_shares_of_contexts() -> None:
    torch.manual_seed(1)
    batches = [feed_.batch(step, lively()) for feed_ in [feed()] for step in range(40)]
    rows = torch.cat([batch.chords_masked for batch in batches])
    assert rows.float().mean().item() == pytest.approx(0.25, abs=0.12)
    for batch in batches:
        assert (batch.inputs[batch.chords_masked][..., CHORD] == torch.tensor([2, 12, 0, 0])).all()
        assert not batch.self_generated[batch.chords_masked].any()
    short = [batch for step, batch in enumerate(batches) if step >= 16 and step % 4 < 3]
    later = torch.cat([batch.self_generated[:, 0] for batch in short])
    assert later.float().mean().item() == pytest.approx(0.5, abs=0.2)


def test_another_seed_has_other_random_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    met = []

    def noted(
        model: object, inputs: torch.Tensor, mask: torch.Tensor, seeds: np.ndarray
    ) -> torch.Tensor:
        met.append(set(seeds.tolist()))
        return inputs[..., CHORD]

    monkeypatch.setattr(contexts, "self_generated_chords", noted)
    for seed in (1, 2):
        fed = feed(seed=seed)
        for step in range(16, 40):
            fed.batch(step, lively())
    assert len(set.union(*met)) == sum(map(len, met)) and len(met) == 4


def test_excerpts_with_hints_have_no_self_generated_chords() -> None:
    fed, model = feed(changes=[giving_hints(0.5)]), lively()
    batches = [fed.batch(step, model) for step in range(16, 40)]
    hinted = torch.cat([batch.hints.any(1) for batch in batches])
    own = torch.cat([batch.self_generated.any(1) for batch in batches])
    assert hinted.any() and own.any() and not (hinted & own).any()


def test_an_experts_chords_are_learned_where_chords_are_not_masked() -> None:
    expert = [replace(made, chords=[(0, 32, "F#")]) for made in SONGS]
    recipe = replace(RECIPE, self_generated=0.0)
    alone, expert_fed = feed(recipe), feed(recipe)
    mixture = Mixture("temperature", "sets", 1.0, 4.0, recipe.frames, {})
    expert_fed.expert = Sampler(expert, VOCABULARY, mixture, 1)
    for step in range(16):
        person, both = alone.batch(step, lively()), expert_fed.batch(step, lively())
        assert torch.equal(both.chords_masked, person.chords_masked)
        assert torch.equal(both.melody, person.melody)
        assert torch.equal(both.root[both.chords_masked], person.root[person.chords_masked])
        learned, there = both.root[~both.chords_masked], both.mask[~both.chords_masked]
        one = learned[:, :1].expand_as(learned)
        assert torch.equal(learned[there], one[there]), "one chord throughout, in whichever key"
        read = both.inputs[~both.chords_masked][:, 1:, CHORD.start + 1]
        assert torch.equal(read[there[:, 1:]], one[:, 1:][there[:, 1:]]), "and it is read, too"


def test_processes_share_the_playing() -> None:
    torch.manual_seed(1)
    model = lively()
    parts = [feed(processes=Processes(rank, 2)) for rank in range(2)]
    played = [0, 0]
    for step in range(16, 32):
        for rank, part in enumerate(parts):
            own = part.batch(step, model).self_generated
            assert not own[1 - rank :: 2].any(), "each plays to its own rows only"
            played[rank] += int(own.any())
    assert min(played) > 0


def test_what_is_learned_in_each_context() -> None:
    torch.manual_seed(1)
    model, batch = lively(), batch_of_songs()
    person = losses(model, batch)
    assert person["melody only"] == 0
    everywhere = torch.ones_like(batch.self_generated)
    own = losses(model, replace(batch, self_generated=everywhere))
    assert own["melody"] == 0
    assert own["root"] == person["root"], "the person's chords are learned in any case"
    masked = losses(model, replace(batch, chords_masked=everywhere[:, 0]))
    assert masked.pop("melody only") > 0
    assert sum(masked.values()) == 0


def test_it_learns_chords_from_the_melody_alone(tmp_path: Path) -> None:
    """With chords masked it finds those that go with a melody of one note, in any key."""
    made = song([(beat, 1, 60) for beat in range(32)], [(0, 32, "C")])
    corpus = write_corpus(tmp_path, [made], [made])
    small = replace(TINY, layers=1)
    recipe = replace(
        RECIPE, steps=160, batch=8, learning_rate=1e-2, chord_dropout=0.5, self_generated=0.0
    )
    model = train(corpus, tmp_path / "run", small, recipe)
    frames = frames_of(made, VOCABULARY)
    batch = collate([(frames, semitones) for semitones in range(-6, 6)], 32)
    with torch.no_grad():
        h = model.states(mask_chords(batch.inputs))[:, 1:]
        hits = model.root_logits(h).argmax(-1) == batch.root[:, 1:]
    assert hits.float().mean() > 0.6


def test_stretches_are_of_all_lengths() -> None:
    random = np.random.default_rng(1)
    made = [contexts.masked_stretches(random, 256) for _ in range(200)]
    lengths = set()
    for masked in made:
        assert not masked[0], "the first frame is never masked"
        edges = np.flatnonzero(np.diff(masked.astype(int), prepend=0, append=0))
        lengths |= {last - first for first, last in zip(edges[::2], edges[1::2], strict=True)}
    assert min(lengths) == 1 and max(lengths) == contexts.LONGEST_MASKED
    assert 0.25 < np.mean(made) < 0.45


def test_masking_the_melody_leaves_all_else() -> None:
    inputs = batch_of_songs().inputs
    masked = torch.zeros(inputs.shape[:2], dtype=torch.bool)
    masked[1, 5:9] = True
    read = mask_melody(inputs, masked)
    assert (read[1, 5:9, :2] == torch.tensor([3, 128])).all()
    assert torch.equal(read[..., 2:], inputs[..., 2:])
    assert torch.equal(read[~masked], inputs[~masked])


def test_melody_masking_is_in_some_excerpts_and_masked_melody_is_not_learned() -> None:
    torch.manual_seed(1)
    model, fed = lively(), feed(replace(RECIPE, melody_masking=0.5, self_generated=0.0))
    batches = [fed.batch(step, model) for step in range(40)]
    rows = torch.cat([batch.melody_masked.any(1) for batch in batches])
    assert rows.float().mean().item() == pytest.approx(0.5, abs=0.15)
    for batch in batches:
        assert (batch.inputs[batch.melody_masked][..., :2] == torch.tensor([3, 128])).all()
    batch = batch_of_songs()
    assert (
        losses(model, replace(batch, melody_masked=torch.ones_like(batch.melody_masked)))["melody"]
        == 0
    )
