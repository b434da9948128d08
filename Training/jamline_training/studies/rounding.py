"""Measures what rounding costs: how much the logits and the nats a frame of a trained network
differ from those of its export, which rounds as the agent does, on the openings of held-out
songs."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import torch
from torch import Tensor

from ..data.batches import Batch, collate
from ..data.chord_vocabulary import NO_ROOT, ChordVocabulary
from ..data.corpus import read_split
from ..data.frames import Frames
from ..errors import CheckpointError, reported
from ..evaluation.comparison import nats_of, openings_of
from ..evaluation.table import heading, line
from ..network import checkpoint
from ..network.configuration import Configuration
from ..network.model import Accompanist
from ..network.model_file import load
from ..training.export import export
from ..training.losses import ONSET_PART


def trained(path: Path) -> Accompanist:
    """The network of a training run's checkpoint. Raises CheckpointError if it is of another kind
    than the agent's."""
    state = checkpoint.read(path)
    if (kind := state["network"]["kind"]) != Accompanist.__name__:
        raise CheckpointError(f"{path}: expected an {Accompanist.__name__}, found a {kind}")
    sizes = {name: value for name, value in state["network"].items() if name != "kind"}
    model = Accompanist(Configuration(**{**sizes, "qualities": tuple(sizes["qualities"])}))
    model.load_state_dict(state["model"])
    return model.eval()


def logits_of(model: Accompanist, batch: Batch) -> dict[str, Tensor]:
    """The logits of each head, (frames, choices), in every frame; of quality and bass where a chord
    sounds."""
    h = model.states_of(batch)
    sounding = batch.mask & (batch.root != NO_ROOT)
    root, quality = batch.root[sounding], batch.quality[sounding]
    chord = model.chord(batch.chord_onset, batch.root, batch.quality, batch.bass)
    return {
        ONSET_PART: model.chord_onset_logits(h[batch.mask]),
        "root": model.root_logits(h[batch.mask]),
        "quality": model.quality_logits(h[sounding], root),
        "bass": model.bass_logits(h[sounding], root, quality),
        "melody": model.melody_head((h + chord)[batch.mask], model.melody_table()),
    }


@torch.no_grad()
def differences(
    model: Accompanist, rounded: Accompanist, songs: list[Frames]
) -> dict[str, tuple[float, float]]:
    """For each head, the mean and the largest absolute difference of a logit."""
    found: dict[str, list[Tensor]] = {}
    for song in songs:
        batch = collate([(song, 0)], len(song))
        before, after = logits_of(model, batch), logits_of(rounded, batch)
        for head, logits in before.items():
            found.setdefault(head, []).append((after[head] - logits).abs().flatten())
    every = {head: torch.cat(parts) for head, parts in found.items()}
    return {head: (float(each.mean()), float(each.max())) for head, each in every.items()}


def compare(options: argparse.Namespace) -> None:
    """Prints a row for each head."""
    model = trained(options.checkpoint)
    songs = read_split(options.corpus, options.split)[:: options.every]
    openings = openings_of(songs, ChordVocabulary(model.c.qualities))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rounded.safetensors")
        export(model, None, path)
        rounded = load(path)
    print(f"{len(openings)} songs, {sum(map(len, openings))} frames")
    print(heading(["head", "nats", "rounded", "logits differ by", "at most"]))
    before, after = nats_of(model, openings), nats_of(rounded, openings)
    for head, (mean, most) in differences(model, rounded, openings).items():
        print(
            line([head, f"{before[head]:.4f}", f"{after[head]:.4f}", f"{mean:.4f}", f"{most:.3f}"])
        )
    print(line(["total", f"{before['total']:.4f}", f"{after['total']:.4f}", "", ""]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True, help="of a training run")
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--split", default="valid")
    parser.add_argument("--every", type=int, default=1, help="take every nth song")
    parser.add_argument("--threads", type=int, default=1, help="processor threads to use")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with reported("rounding", "compare the network with its export"):
        compare(options)


if __name__ == "__main__":
    main()
