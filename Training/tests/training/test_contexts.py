"""What the network reads of the chords before: the person's, its own, or none."""

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
from jamline_training.data.inputs import CHORD, without_chords, without_melody
from jamline_training.data.mixture import Mixture
from jamline_training.network.conditioned import hinting
from jamline_training.training import contexts
from jamline_training.training.contexts import Feed, handed_over, own_chords
from jamline_training.training.losses import losses
from jamline_training.training.processes import Processes
from jamline_training.training.recipe import Recipe
from jamline_training.training.run import train

SONGS = [replace(random_song(seed, beats=32), key="C") for seed in range(4)]
VOCABULARY = ChordVocabulary(QUALITIES)
RECIPE = Recipe(steps=40, batch=4, length=32, own=0.5, own_from=0.4, untold=0.25, warm_up=5)


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


def test_without_chords_all_else_stays() -> None:
    inputs = batch_of_songs().inputs
    untold = without_chords(inputs)
    assert (untold[..., CHORD] == torch.tensor([2, 12, 0, 0])).all()
    assert torch.equal(untold[..., :2], inputs[..., :2])
    assert torch.equal(untold[..., 6:], inputs[..., 6:])


def test_the_person_takes_over_with_a_strike() -> None:
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


def test_it_reads_what_it_chose() -> None:
    torch.manual_seed(1)
    model = lively()
    batch = batch_of_songs()
    own = own_chords(model, batch.inputs, batch.mask, np.arange(4))
    assert (own[:, 0] == torch.tensor([2, 12, 0, 0])).all()
    kinds, chords = own[:, 1:, 0], own[..., 1:]
    changed = (chords[:, 1:] != chords[:, :-1]).any(-1)
    assert torch.equal(kinds.bool(), changed) and changed.any(), "a strike is a change"
    assert not torch.equal(own, own_chords(model, batch.inputs, batch.mask, np.arange(4) + 9))


def test_rounds_begin_with_the_model_of_their_time() -> None:
    torch.manual_seed(1)
    model, other = lively(), lively()
    through = feed()
    whole = [through.batch(step, model if step < 32 else other) for step in range(40)]
    resumed = feed()
    rest = [resumed.batch(step, other) for step in range(32, 40)]
    for one, same in zip(whole[32:], rest, strict=True):
        assert torch.equal(one.inputs, same.inputs)
    assert any(batch.own.any() for batch in whole[32:])
    assert not any(batch.own.any() for batch in whole[:16]), "it knows nothing yet"


def test_shares_of_contexts() -> None:
    torch.manual_seed(1)
    batches = [feed_.batch(step, lively()) for feed_ in [feed()] for step in range(40)]
    rows = torch.cat([batch.untold for batch in batches])
    assert rows.float().mean().item() == pytest.approx(0.25, abs=0.12)
    for batch in batches:
        assert (batch.inputs[batch.untold][..., CHORD] == torch.tensor([2, 12, 0, 0])).all()
        assert not batch.own[batch.untold].any()
    short = [batch for step, batch in enumerate(batches) if step >= 16 and step % 4 < 3]
    later = torch.cat([batch.own[:, 0] for batch in short])
    assert later.float().mean().item() == pytest.approx(0.5, abs=0.2)


def test_a_run_of_another_seed_meets_another_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    met = []

    def noted(
        model: object, inputs: torch.Tensor, mask: torch.Tensor, seeds: np.ndarray
    ) -> torch.Tensor:
        met.append(set(seeds.tolist()))
        return inputs[..., CHORD]

    monkeypatch.setattr(contexts, "own_chords", noted)
    for seed in (1, 2):
        fed = feed(seed=seed)
        for step in range(16, 40):
            fed.batch(step, lively())
    assert len(set.union(*met)) == sum(map(len, met)) and len(met) == 4


def test_nothing_is_played_to_excerpts_that_are_told_something() -> None:
    fed, model = feed(changes=[hinting(0.5)]), lively()
    batches = [fed.batch(step, model) for step in range(16, 40)]
    told = torch.cat([batch.conditions.any(1) for batch in batches])
    own = torch.cat([batch.own.any(1) for batch in batches])
    assert told.any() and own.any() and not (told & own).any()


def test_an_experts_chords_are_learned_where_chords_are_told() -> None:
    expert = [replace(made, chords=[(0, 32, "F#")]) for made in SONGS]
    recipe = replace(RECIPE, own=0.0)
    alone, taught = feed(recipe), feed(recipe)
    mixture = Mixture("temperature", "sets", 1.0, 4.0, recipe.frames, {})
    taught.expert = Sampler(expert, VOCABULARY, mixture, 1)
    for step in range(16):
        person, both = alone.batch(step, lively()), taught.batch(step, lively())
        assert torch.equal(both.untold, person.untold)
        assert torch.equal(both.melody, person.melody)
        assert torch.equal(both.root[both.untold], person.root[person.untold])
        told, there = both.root[~both.untold], both.mask[~both.untold]
        one = told[:, :1].expand_as(told)
        assert torch.equal(told[there], one[there]), "one chord throughout, in whichever key"
        read = both.inputs[~both.untold][:, 1:, CHORD.start + 1]
        assert torch.equal(read[there[:, 1:]], one[:, 1:][there[:, 1:]]), "and it is read, too"


def test_processes_share_the_playing() -> None:
    torch.manual_seed(1)
    model = lively()
    parts = [feed(processes=Processes(rank, 2)) for rank in range(2)]
    played = [0, 0]
    for step in range(16, 32):
        for rank, part in enumerate(parts):
            own = part.batch(step, model).own
            assert not own[1 - rank :: 2].any(), "each plays to its own rows only"
            played[rank] += int(own.any())
    assert min(played) > 0


def test_what_is_learned_in_each_context() -> None:
    torch.manual_seed(1)
    model, batch = lively(), batch_of_songs()
    person = losses(model, batch)
    assert person["untold"] == 0
    everywhere = torch.ones_like(batch.own)
    own = losses(model, replace(batch, own=everywhere))
    assert own["melody"] == 0
    assert own["root"] == person["root"], "the person's chords are learned in any case"
    untold = losses(model, replace(batch, untold=everywhere[:, 0]))
    assert untold.pop("untold") > 0
    assert sum(untold.values()) == 0


def test_it_learns_to_hear_chords(tmp_path: Path) -> None:
    """Told of no chords, it names those that go with a melody of one note, in any key."""
    made = song([(beat, 1, 60) for beat in range(32)], [(0, 32, "C")])
    corpus = write_corpus(tmp_path, [made], [made])
    small = replace(TINY, layers=1)
    recipe = replace(RECIPE, steps=160, batch=8, learning_rate=1e-2, untold=0.5, own=0.0)
    model = train(corpus, tmp_path / "run", small, recipe)
    frames = frames_of(made, VOCABULARY)
    batch = collate([(frames, semitones) for semitones in range(-6, 6)], 32)
    with torch.no_grad():
        h = model.states(without_chords(batch.inputs))[:, 1:]
        hits = model.root_logits(h).argmax(-1) == batch.root[:, 1:]
    assert hits.float().mean() > 0.6


def test_stretches_are_of_all_lengths() -> None:
    random = np.random.default_rng(1)
    made = [contexts.stretches(random, 256) for _ in range(200)]
    lengths = set()
    for unheard in made:
        assert not unheard[0], "what begins is heard"
        edges = np.flatnonzero(np.diff(unheard.astype(int), prepend=0, append=0))
        lengths |= {last - first for first, last in zip(edges[::2], edges[1::2], strict=True)}
    assert min(lengths) == 1 and max(lengths) == contexts.LONGEST_STRETCH
    assert 0.25 < np.mean(made) < 0.45


def test_without_melody_all_else_stays() -> None:
    inputs = batch_of_songs().inputs
    unheard = torch.zeros(inputs.shape[:2], dtype=torch.bool)
    unheard[1, 5:9] = True
    read = without_melody(inputs, unheard)
    assert (read[1, 5:9, :2] == torch.tensor([3, 128])).all()
    assert torch.equal(read[..., 2:], inputs[..., 2:])
    assert torch.equal(read[~unheard], inputs[~unheard])


def test_what_is_not_heard_is_in_some_excerpts_and_not_foreseen() -> None:
    torch.manual_seed(1)
    model, fed = lively(), feed(replace(RECIPE, unheard=0.5, own=0.0))
    batches = [fed.batch(step, model) for step in range(40)]
    rows = torch.cat([batch.unheard.any(1) for batch in batches])
    assert rows.float().mean().item() == pytest.approx(0.5, abs=0.15)
    for batch in batches:
        assert (batch.inputs[batch.unheard][..., :2] == torch.tensor([3, 128])).all()
    batch = batch_of_songs()
    assert losses(model, replace(batch, unheard=torch.ones_like(batch.unheard)))["melody"] == 0
