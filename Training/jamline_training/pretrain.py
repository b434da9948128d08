"""Pre-training: maximum likelihood of chords and melody, frame by frame."""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from . import checkpoint
from . import frames as representation
from .batches import Batch, Sampler, collate, excerpt
from .checkpoint import restored
from .chords import ChordVocabulary
from .contexts import Feed, without_chords
from .corpus import Song, digest_of_split, read_split
from .export import export
from .failures import reported
from .frames import frames_of
from .hints import HINTS
from .mixture import RecipeError
from .model import Accompanist, Configuration
from .optimiser import Optimiser
from .processes import Processes, in_parts, joined, own_device
from .quality import agreeing
from .recipe import Recipe
from .teacher import Teacher

STEPS_PER_VALIDATION = 250
SECONDS_PER_CHECKPOINT = 120


def losses(
    model: Accompanist, batch: Batch, teacher: Accompanist | None = None, taught: float = 0.0
) -> dict[str, Tensor]:
    """Each part's negative log likelihood in nats, summed over the batch: whether a chord is struck
    and the melody at every frame; root where one is struck; quality and bass where that is no N.

    Of a frame the chord comes first and the melody is given it; the other way round in songs whose
    condition says so. Where no chords are told, only `untold` is learned: root, quality and bass of
    what sounds, at every frame; a share `taught` of that from the teacher. Who sees the melody
    learns nothing of it.
    """
    h = model.read(batch)
    alone = batch.mask & batch.untold[:, None]
    untold = sum(chord_nats(model, h, batch, alone).values())
    if taught and alone.any():
        untold = (1 - taught) * untold + taught * taught_nats(model, h, batch, alone, teacher)
    turned = batch.conditions[:, HINTS.index("melody_first")].bool()[:, None, None]
    of_melody = F.embedding(batch.melody, model.melody_table())
    of_chord = model.chord(batch.strike, batch.root, batch.quality, batch.bass)
    h_melody = torch.where(turned, h, h + of_chord)
    h = torch.where(turned, h + of_melody, h)
    told = batch.mask & ~batch.untold[:, None]
    struck = told & (batch.strike == representation.CHORD_STRIKE)
    persons = told & ~batch.own & ~batch.unheard
    if model.sees_melody:
        persons = torch.zeros_like(persons)
    melody = model.melody_head(h_melody[persons], model.melody_table())
    return {
        "strike": nats(model.strike_logits(h[told]), batch.strike[told]),
        **chord_nats(model, h, batch, struck),
        "melody": nats(melody, batch.melody[persons]),
        "untold": untold,
    }


def nats(logits: Tensor, target: Tensor) -> Tensor:
    return F.cross_entropy(logits.float(), target, reduction="sum")


def chord_nats(model: Accompanist, h: Tensor, batch: Batch, frames: Tensor) -> dict[str, Tensor]:
    """Of the chords that sound in `frames`, (B, T): root, and unless that is N quality and bass."""
    sounding = frames & (batch.root != representation.NO_ROOT)
    root, quality, bass = batch.root[sounding], batch.quality[sounding], batch.bass[sounding]
    return {
        "root": nats(model.root_logits(h[frames]), batch.root[frames]),
        "quality": nats(model.quality_logits(h[sounding], root), quality),
        "bass": nats(model.bass_logits(h[sounding], root, quality), bass),
    }


def taught_nats(
    model: Accompanist, h: Tensor, batch: Batch, frames: Tensor, teacher: Accompanist
) -> Tensor:
    """As chord_nats in sum, where what sounds is not the person's chord for sure, but each with the
    odds that a teacher gives it who sees the melody to come (distillation: arXiv 1503.02531);
    quality and bass on the person's root. frames: of rows that are told no chords."""
    rows = frames.any(dim=1)
    with torch.no_grad():
        known = teacher.states(
            batch.inputs[rows], told=teacher.beforehand(batch.inputs[rows], batch.mask[rows])
        )
    here = frames[rows]
    h, known, root = h[rows][here], known[here], batch.root[rows][here]
    sounding = root != representation.NO_ROOT
    heads = [(model.root_logits(h), teacher.root_logits(known))]
    h, known, root = h[sounding], known[sounding], root[sounding]
    quality = batch.quality[rows][here][sounding]
    heads.append((model.quality_logits(h, root), teacher.quality_logits(known, root)))
    basses = (one.bass_logits(of, root, quality) for one, of in ((model, h), (teacher, known)))
    heads.append(tuple(basses))
    return sum(
        F.cross_entropy(own.float(), other.float().softmax(-1), reduction="sum")
        for own, other in heads
    )


Precision = Callable[[], AbstractContextManager]


@torch.no_grad()
def validation(
    model: Accompanist, batches: list[Batch], precision: Precision, untold: bool = False
) -> dict[str, float]:
    """Nats a frame of each part, and in total, over the batches. untold: whether to ask, too, how
    well it hears which chords sound where it is told of none; that is no part of the total."""
    totals: dict[str, float] = {}
    count = sum(int(batch.mask.sum()) for batch in batches)
    for batch in batches:
        with precision():
            parts = losses(model, batch)
            if untold:
                everywhere = torch.ones_like(batch.untold)
                unheard = replace(batch, inputs=without_chords(batch.inputs), untold=everywhere)
                parts["untold"] = losses(model, unheard)["untold"]
        for name, value in parts.items():
            totals[name] = totals.get(name, 0.0) + float(value)
    parts = {name: value / count for name, value in totals.items()}
    return {**parts, "total": sum(parts.values()) - parts["untold"]}


def openings(songs: list[Song], vocabulary: ChordVocabulary, length: int) -> list[Batch]:
    """The songs' first `length` frames, untransposed."""
    parts = [(excerpt(frames_of(song, vocabulary), 0, length), 0) for song in songs]
    return [collate(parts[i : i + 16], length) for i in range(0, len(parts), 16)]


@dataclass
class Training:
    """A model on its way: `step` steps are done."""

    model: Accompanist
    updates: Optimiser
    recipe: Recipe
    precision: Precision
    processes: Processes = Processes()
    teacher: Accompanist | None = None
    step: int = 0

    def take_step(self, batch: Batch) -> Tensor:
        """One update; the batch's loss in nats a frame, before it. batch: that of all processes."""
        own, frames = self.processes.part(batch), batch.mask.sum()
        self.updates.zero_grad()
        total = torch.zeros((), device=frames.device)
        for rows in in_parts(len(own.mask), self.processes.device):
            with self.precision():
                parts = losses(self.model, own.rows(rows), self.teacher, self.recipe.taught)
            parts["untold"] = parts["untold"] * self.recipe.untold_weight
            loss = sum(parts.values()) / frames
            loss.backward()
            total += loss.detach()
        loss = self.processes.add_up(self.model.parameters(), total)
        nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip)
        self.updates.step(self.recipe.rate_at(self.step))
        self.step += 1
        return loss

    def save(self, path: Path) -> None:
        states = {"model": self.model.state_dict(), "optimiser": self.updates.state_dict()}
        made = described(self.model.c, type(self.model), self.recipe)
        told = {"step": self.step, "earlier": self.model.earlier}
        checkpoint.save(path, {**states, **told, **made})

    def load(self, path: Path) -> None:
        """Goes on from a checkpoint; raises CheckpointError where it was made another way."""
        asked = described(self.model.c, type(self.model), self.recipe)
        states = checkpoint.load(path, self.processes.device, asked)
        self.model.load_state_dict(states["model"])
        self.updates.load_state_dict(states["optimiser"])
        self.step = states["step"]


def described(c: Configuration, network: type[Accompanist], recipe: Recipe) -> dict[str, dict]:
    """What a checkpoint says of how it was made."""
    return {"recipe": asdict(recipe), "network": {"kind": network.__name__, **c.to_json()}}


@dataclass
class Journal:
    """What a run leaves in its folder: a line of figures now and then, and its last state."""

    folder: Path
    held_out: list[Batch]
    saved: float = field(default_factory=time.monotonic)

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    def after_step(self, training: Training) -> None:
        """Validates and saves where it is time to."""
        is_last = training.step == training.recipe.steps
        if training.step % STEPS_PER_VALIDATION == 0 or is_last:
            hears = training.recipe.untold > 0
            figures = validation(training.model, self.held_out, training.precision, hears)
            with open(self.folder / "log.jsonl", "a") as log:
                print(json.dumps({"step": training.step, **figures}), file=log)
        # What a round is played to depends on the model at its beginning: a run goes on from there.
        may_save = training.step % Feed.ROUND == 0
        if may_save and time.monotonic() - self.saved > SECONDS_PER_CHECKPOINT or is_last:
            training.save(self.checkpoint)
            self.saved = time.monotonic()


Build = Callable[[Configuration], Accompanist]


def train(
    corpus: Path,
    run: Path,
    configuration: Configuration,
    recipe: Recipe,
    build: Build | None = None,
    processes: Processes | None = None,
    teacher: Accompanist | None = None,
    expert: Path | None = None,
) -> Accompanist:
    """Trains, or goes on from a checkpoint in `run`; leaves checkpoint.pt and log.jsonl in it.

    build: makes the network, if not the recipe's. processes: those that train together, if this is
    not the only one; all must see the run's folder. teacher: of whom it learns where the recipe says
    so. expert: the corpus that the recipe's digest is of; raises RecipeError where it is not.
    """
    if recipe.expert != (digest_of_split(expert, "train") if expert else ""):
        raise RecipeError(f"expected the expert's corpus of the recipe, found {expert}")
    processes = processes or Processes(device=own_device(0))
    recipe.require_parts_for(processes.count)
    run.mkdir(parents=True, exist_ok=True)
    vocabulary = ChordVocabulary(configuration.qualities)

    def drawn_from(corpus: Path) -> Sampler:
        songs = agreeing(read_split(corpus, "train"), recipe.least_agreement)
        told = recipe.seed, recipe.changes(), recipe.off_bar
        return Sampler(songs, vocabulary, recipe.sets(), *told)

    experts = drawn_from(expert) if expert else None
    feed = Feed(drawn_from(corpus), recipe, processes, experts)
    held_out = openings(read_split(corpus, "valid"), vocabulary, recipe.length)
    journal = Journal(run, [batch.to(processes.device) for batch in held_out])
    torch.manual_seed(recipe.seed)
    model = (build or recipe.network())(configuration).to(processes.device)
    device_type = torch.device(processes.device).type
    is_halved = recipe.dtype != torch.float32
    precision = partial(torch.autocast, device_type, recipe.dtype, enabled=is_halved)
    if teacher is not None:
        teacher = teacher.to(processes.device).eval()
    training = Training(model, Optimiser(model, recipe), recipe, precision, processes, teacher)
    if journal.checkpoint.exists():
        training.load(journal.checkpoint)
    with tqdm(
        initial=training.step, total=recipe.steps, unit="step", mininterval=5,
        disable=not processes.is_first,
    ) as bar:  # fmt: skip
        for step in range(training.step, recipe.steps):
            loss = training.take_step(feed.batch(step, model))
            if processes.is_first:
                journal.after_step(training)
            if step % 20 == 0:
                bar.set_postfix(loss=f"{loss.item():.3f}")
            bar.update()
    return model


SIZES = ("width", "layers", "heads", "key_value_heads", "feed_forward")


def weights_option(text: str) -> dict[str, float]:
    """`improvisor=0.3,lieder_auto=0`; an empty text gives no weights."""
    weights = {}
    for part in filter(None, text.split(",")):
        name, _, number = part.partition("=")
        try:
            weights[name] = float(number)
        except ValueError:
            weights[name] = math.nan
        if not name or not 0 <= weights[name] < math.inf:
            raise argparse.ArgumentTypeError(f'expected SET=WEIGHT from 0 on, found "{part}"')
    return weights


def begun(options: argparse.Namespace, recipe: Recipe) -> Build | None:
    """What builds the network, if not the recipe alone."""
    kind = Teacher if options.sees_melody else recipe.network()
    if options.begin is None:
        return kind if options.sees_melody else None

    def build(_: Configuration) -> Accompanist:
        return restored(options.begin, kind, is_whole=not options.sees_melody)

    return build


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--corpus", type=Path, required=True, help="folder of SET.SPLIT.jsonl files"
    )
    # torchrun takes a word --run for an abbreviation of its own, hence the other name.
    parser.add_argument("--out", "--run", type=Path, required=True,
                        help="folder of checkpoints and logs")  # fmt: skip
    parser.add_argument("--export", type=Path, help="write the trained model here (.safetensors)")
    parser.add_argument("--begin", type=Path,
                        help="checkpoint.pt whose weights, and sizes, to begin with")  # fmt: skip
    parser.add_argument("--sees-melody", action="store_true",
                        help="train a teacher, who sees the whole melody")  # fmt: skip
    parser.add_argument("--teacher", type=Path, help="checkpoint.pt of one, to learn from")
    parser.add_argument("--expert", type=Path, help="corpus with an expert's chords, to learn them")
    parser.add_argument("--threads", type=int, help="processor threads to use")
    for name, default in asdict(Recipe()).items():
        if name == "expert":  # What is told of it is the folder.
            continue
        read = weights_option if name == "weights" else type(default)
        parser.add_argument(f"--{name.replace('_', '-')}", type=read, default=default)
    for name in SIZES:
        default = getattr(Configuration(), name)
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    with reported("pretrain", "train"), joined() as processes:
        told = {name: getattr(options, name) for name in asdict(Recipe())}
        told["expert"] = digest_of_split(options.expert, "train") if options.expert else ""
        recipe = Recipe(**told)
        configuration = Configuration(**{name: getattr(options, name) for name in SIZES})
        if recipe.taught and not options.teacher:
            raise RecipeError("expected --teacher, of whom to learn, found none")
        teacher = restored(options.teacher, Teacher) if options.teacher else None
        model = train(
            options.corpus, options.out, configuration, recipe, begun(options, recipe), processes,
            teacher, options.expert,
        )  # fmt: skip
        if options.export and processes.is_first:
            export(model, recipe, options.export)


if __name__ == "__main__":
    main()
