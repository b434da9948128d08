"""Trains a network by maximum likelihood of chords and melody, frame by frame."""

from __future__ import annotations

import argparse
import math
from dataclasses import asdict
from pathlib import Path

import torch

from ..data.corpus import digest_of_split
from ..errors import RecipeError, reported
from ..network.checkpoint import restored
from ..network.configuration import Configuration
from ..network.model import Accompanist
from ..network.teacher import Teacher
from .export import export
from .processes import joined
from .recipe import Recipe
from .run import Build, train

SIZES = ("width", "layers", "heads", "key_value_heads", "feed_forward")


def weights_option(text: str) -> dict[str, float]:
    """Parses weights such as `improvisor=0.3,lieder_auto=0`. An empty text has none."""
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
    """What makes the network, if the recipe alone does not."""
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
    # torchrun takes --run for an abbreviation of its own option, hence --out.
    parser.add_argument("--out", "--run", type=Path, required=True,
                        help="folder of checkpoints and logs")  # fmt: skip
    parser.add_argument("--export", type=Path, help="write the trained model here (.safetensors)")
    parser.add_argument("--begin", type=Path,
                        help="checkpoint.pt to begin with: its weights and sizes")  # fmt: skip
    parser.add_argument("--sees-melody", action="store_true",
                        help="train a teacher, which sees the whole melody")  # fmt: skip
    parser.add_argument("--teacher", type=Path, help="checkpoint.pt of a teacher, for distillation")
    parser.add_argument("--expert", type=Path, help="corpus with an expert's chords to learn")
    parser.add_argument("--threads", type=int, help="processor threads to use")
    for name, default in asdict(Recipe()).items():
        if name == "expert":  # Given as a folder, above.
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
        fields = {name: getattr(options, name) for name in asdict(Recipe())}
        fields["expert"] = digest_of_split(options.expert, "train") if options.expert else ""
        recipe = Recipe(**fields)
        configuration = Configuration(**{name: getattr(options, name) for name in SIZES})
        if recipe.distillation_weight and not options.teacher:
            raise RecipeError("expected --teacher for the distillation, found none")
        teacher = restored(options.teacher, Teacher) if options.teacher else None
        model = train(
            options.corpus, options.out, configuration, recipe, begun(options, recipe), processes,
            teacher, options.expert,
        )  # fmt: skip
        if options.export and processes.is_first:
            export(model, recipe, options.export)


if __name__ == "__main__":
    main()
