"""Ablations: small models, each trained with one change to a base recipe at an equal budget.

A row is done when DIR/ROW.json exists, which must have the recipe and the sizes that are asked for.
An interrupted row resumes from its checkpoint in DIR/ROW. Two of these commands may share a folder:
each skips the row that the other is working on.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from ..data.corpus import evenly, read_split
from ..data.files import claimed, write_json
from ..data.mixture import DOMAINS, MACHINE_LABELLED
from ..errors import CheckpointError, reported
from ..evaluation.comparison import by_set, measured
from ..network import checkpoint
from ..network.configuration import Configuration
from ..network.model import Accompanist
from ..network.model_file import load
from ..network.old_names import current_result
from ..network.variants import Opaque, Phraseless, Placeless
from ..training.recipe import AS_WRITTEN, Recipe
from ..training.run import described, train
from .ablation_table import BASE, table

# 0.9 M parameters and 2.5 million frames: about five minutes on one processor core.
SIZES = {"width": 128, "layers": 4, "heads": 4, "key_value_heads": 1, "feed_forward": 384}
BUDGET = {"steps": 600, "warm_up": 60}
OOD_SONGS = 150


@dataclass(frozen=True)
class Row:
    """One model: its difference from the base recipe, in words and as fields of Recipe."""

    name: str
    change: str
    recipe: dict[str, object] = field(default_factory=dict)
    build: type[Accompanist] | None = None  # the network, if not the recipe's


def without(*sets: str) -> dict[str, object]:
    """The base recipe's weights, with some sets left out."""
    return {"weights": {**Recipe().weights, **dict.fromkeys(sets, 0.0)}}


def domain(name: str) -> tuple[str, ...]:
    """The sets of a domain."""
    return tuple(s for s, d in DOMAINS.items() if d == name)


MIXTURES = [
    Row("proportional", "sets by their frames", {"exponent": 1.0}),
    Row("temperature-0.3", "sets by their frames to the power of 0.3", {"exponent": 0.3}),
    Row("unimax-sets", "UniMax over sets, 2 repeats", {"mixture": "unimax", "repeats": 2.0}),
    Row("unimax-domains", "UniMax over domains, 2 repeats",
        {"mixture": "unimax", "units": "domains", "repeats": 2.0}),
]  # fmt: skip
LEFT_OUT = [
    Row(f"no-{name.replace(' ', '-')}", f"{name} left out", without(*domain(name)))
    for name in ("folk", "pop", "jazz", "rock", "hymns", "art song")
]
LABELS = [
    Row("no-machine-labels", "machine-labelled chords left out", without(*MACHINE_LABELLED)),
    Row("no-solos", "solos left out", without("improvisor")),
    Row("full-solos", "solos at full weight", {"weights": {"improvisor": 1.0}}),
]
# The stricter filter leaves out 60 % of rs200 and half of chord_melody.
QUALITY = [
    Row(f"agreeing-{least}", f"songs with note in chord below {least} left out ({share} % of the "
        "training songs)", {"least_agreement": least})
    for least, share in ((0.55, 5), (0.67, 19))
]  # fmt: skip
REPRESENTATIONS = [
    Row("opaque", "each chord one symbol", build=Opaque),
    Row("no-places", "place in bar and phrase not given", build=Placeless),
    Row("no-phrases", "place in phrase not given", build=Phraseless),
]
HINTED = [
    Row("hints", "style and key, each given to 30 % of the excerpts", {"hints": 0.3}),
    Row("melody-first", "melody first in 25 % of the excerpts", {"melody_first": 0.25}),
    Row("hints-melody-first", "both", {"hints": 0.3, "melody_first": 0.25}),
]
AUGMENTED = [
    Row(
        "performance-0.5",
        "performance augmentation of half of the excerpts",
        {"performance_augmentation": 0.5},
    ),
    Row(
        "performance-0.25",
        "performance augmentation of a quarter of the excerpts",
        {"performance_augmentation": 0.25},
    ),
    Row("modulation", "12 % of the excerpts go to another key", {"modulation": 0.12}),
]
CONTEXTS = [
    Row(
        "self-generated", "self-generated chords in 35 % of the excerpts", {"self_generated": 0.35}
    ),
    Row("chord-dropout", "chord dropout in 25 % of the excerpts", {"chord_dropout": 0.25}),
]
OPTIMISERS = [
    Row("adamw", "all weights by AdamW, at 0.0015",
        {"optimiser": "adamw", "learning_rate": 1.5e-3}),
]  # fmt: skip
BASES = [Row(f"base-{seed}", f"none (seed {seed})", {"seed": seed}) for seed in (1, 2, 3)]
GROUPS = (BASES, MIXTURES, LEFT_OUT, LABELS, QUALITY, REPRESENTATIONS, HINTED, AUGMENTED, CONTEXTS,
          OPTIMISERS)  # fmt: skip
ROWS = {row.name: row for group in GROUPS for row in group}


def row_named(name: str) -> Row:
    """A row of ROWS. NAME@SEED has another seed. Raises KeyError for an unknown name."""
    plain, _, seed = name.partition("@")
    row = ROWS[plain]
    if not seed:
        return row
    return replace(row, name=name, recipe={**row.recipe, "seed": int(seed)})


def recipe_of(name: str) -> Recipe:
    """A row's recipe, but for the budget."""
    return replace(Recipe(), **{**AS_WRITTEN, **row_named(name).recipe})


def as_json(content: dict) -> dict:
    """The content as it comes back from JSON: tuples become lists."""
    return json.loads(json.dumps(content))


def made_by(row: Row, recipe: Recipe, sizes: Configuration) -> dict[str, dict]:
    """How a row's result says that it was made."""
    return as_json(described(sizes, row.build or recipe.network(), recipe))


def read_result(path: Path) -> dict:
    """A row's result, under today's names."""
    return current_result(json.loads(path.read_text()))


def is_done(row: Row, base: Recipe, sizes: Configuration, out: Path) -> bool:
    """Whether a row's result exists. Raises CheckpointError if it was made in another way."""
    path = out / f"{row.name}.json"
    if not path.exists():
        return False
    asked = made_by(row, replace(base, **row.recipe), sizes)
    checkpoint.require_same(path, read_result(path), asked)
    return True


def run_row(row: Row, base: Recipe, configuration: Configuration, corpus: Path, out: Path) -> None:
    """Trains and measures a row, and writes DIR/ROW.json."""
    recipe = replace(base, **row.recipe)
    start = time.monotonic()
    model = train(corpus, out / row.name, configuration, recipe, row.build)
    trained = time.monotonic()
    valid = by_set(read_split(corpus, "valid"))
    ood = {"ood": evenly(read_split(corpus, "ood"), OOD_SONGS)}
    result = {
        "row": row.name, "change": row.change, "seed": recipe.seed, "steps": recipe.steps,
        "frames": recipe.frames, "parameters": sum(p.numel() for p in model.parameters()),
        "training_seconds": round(trained - start, 1), **made_by(row, recipe, configuration),
        "valid": measured(model, valid), "ood": measured(model, ood)["all"],
    }  # fmt: skip
    result["seconds"] = round(time.monotonic() - start, 1)
    write_json(out / f"{row.name}.json", result)


def run(names: list[str], base: Recipe, sizes: Configuration, corpus: Path, out: Path) -> None:
    """Trains every row that is not done."""
    rows = [row_named(name) for name in names]
    for row in rows:
        is_done(row, base, sizes, out)  # Errors come before anything is trained.
    for row in rows:
        with claimed(out / row.name) as is_ours:
            if not is_ours or is_done(row, base, sizes, out):
                continue
            print(f"{row.name}: {row.change}", file=sys.stderr)
            run_row(row, base, sizes, corpus, out)


def network_of(name: str) -> type[Accompanist]:
    """The kind of a row's network."""
    return row_named(name).build or recipe_of(name).network()


def trained(name: str, sizes: Configuration, out: Path) -> Accompanist:
    """The model of a row. Raises CheckpointError if the row is not done, has other sizes, or has
    another model than the one that was measured."""
    path = out / f"{name}.json"
    if not path.exists():
        raise CheckpointError(f"{path}: expected the result of a row that is done, found none")
    result = read_result(path)
    network = network_of(name)
    stored = out / name / "checkpoint.pt"
    state = checkpoint.read(stored)
    made = as_json({part: state.get(part, {}) for part in ("recipe", "network")})
    asked = as_json({"network": {"kind": network.__name__, **sizes.to_json()}})
    for place, content, expected in (
        (path, result, asked),
        (stored, made, {part: result.get(part, {}) for part in made}),
    ):
        if found := checkpoint.difference(content, expected):
            raise CheckpointError(f"{place}: {found}")
    model = network(sizes)
    model.load_state_dict(state["model"])
    return model.eval()


def asked_of(result: dict, base: dict) -> checkpoint.Description:
    """How a row's result must have been made to be comparable with a base's: alike, but for the
    row's own change and the seed."""
    own = {**row_named(result["row"]).recipe, "seed": result["seed"]}
    kind = network_of(result["row"]).__name__
    return {
        "recipe": {**base.get("recipe", {}), **own},
        "network": {**base.get("network", {}), "kind": kind},
    }


def report(results: list[dict]) -> str:
    """The table of results. Raises CheckpointError if their budgets or sizes differ."""
    bases = [result for result in results if result["row"].startswith(BASE)]
    for result in results if bases else ():
        if found := checkpoint.difference(result, asked_of(result, bases[0])):
            raise CheckpointError(
                f"{result['row']}: {found}: only a row that was made as {bases[0]['row']} was, but "
                "for its own change, can be compared with it"
            )
    return table(results)


def row_names(text: str) -> list[str]:
    """Parses names of rows, separated by commas."""
    names = text.split(",")
    for name in names:
        try:
            row_named(name)
        except (KeyError, ValueError) as error:
            raise argparse.ArgumentTypeError(
                f'expected rows of {", ".join(ROWS)}, each with @SEED or without, found "{name}"'
            ) from error
    return names


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that name models to measure. `models_of` loads these."""
    parser.add_argument("--rows", type=row_names, default=[], metavar="ROW,…",
                        help="models of rows that are done")  # fmt: skip
    parser.add_argument("--out", type=Path, help="folder of the rows' results")
    parser.add_argument("--model", type=Path, action="append", default=[],
                        help="an exported model (.safetensors)")  # fmt: skip
    parser.add_argument("--threads", type=int, default=1, help="processor threads to use")


def models_of(options: argparse.Namespace) -> dict[str, Accompanist]:
    """The models that the options name, by name."""
    if options.rows and not options.out:
        raise SystemExit("expected --out, the folder that --rows are in")
    if not options.rows and not options.model:
        raise SystemExit("expected --rows or --model, found neither")
    models = {name: trained(name, Configuration(**SIZES), options.out) for name in options.rows}
    return {**models, **{path.stem: load(path) for path in options.model}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, help="folder of SET.SPLIT.jsonl files")
    parser.add_argument("--out", type=Path, required=True, help="folder of results")
    parser.add_argument("--rows", type=row_names, default=list(ROWS), metavar="ROW,…",
                        help=f"only these, of {', '.join(ROWS)}")  # fmt: skip
    parser.add_argument("--steps", type=int, default=BUDGET["steps"], help="of each row")
    parser.add_argument("--threads", type=int, default=1, help="processor threads to use")
    parser.add_argument(
        "--report", action="store_true", help="print the table of the rows that are done"
    )
    options = parser.parse_args()
    if not options.corpus and not options.report:
        parser.error("expected --corpus, or --report of what is done")
    torch.set_num_threads(options.threads)
    if options.corpus:
        base = replace(Recipe(), **{**AS_WRITTEN, **BUDGET, "steps": options.steps})
        with reported("ablations", "train the rows"):
            run(options.rows, base, Configuration(**SIZES), options.corpus, options.out)
    if options.report:
        compared = dict.fromkeys([row.name for row in BASES] + options.rows)
        done = [options.out / f"{name}.json" for name in compared]
        with reported("ablations", "compare the rows"):
            print(report([read_result(path) for path in done if path.exists()]))


if __name__ == "__main__":
    main()
