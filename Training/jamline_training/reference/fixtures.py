"""Writes Tests/Fixtures: what the Python side computes, which the Swift tests compare with."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch

from ..data import frames as representation
from ..data.chord_vocabulary import NO_ROOT, ChordVocabulary
from ..data.corpus import Song
from ..data.files import write_text
from ..data.frames import QUALITIES, frames_of
from ..data.stream import stream_of
from ..network.model import Accompanist
from ..network.model_file import load, supports_melody_only
from .harmony_tracker import AgentSettings
from .whole_agent import play_along

PLAYED_KINDS = (representation.KIND_ONSET, representation.KIND_HOLD, representation.KIND_REST)


def random_inputs(model: Accompanist, frames: int, seed: int) -> np.ndarray:
    """Inputs of plausible frames in 4/4, (T, 10). The piece begins with the first one."""
    random = np.random.default_rng(seed)
    inputs = np.zeros((frames, 10), np.int64)
    pitch, chord = representation.NO_PITCH, (NO_ROOT, 0, 0)
    for frame in range(frames):
        kind, chord_kind = representation.KIND_START, representation.CHORD_START
        if frame > 0:
            kind = int(random.choice(PLAYED_KINDS))
            if kind == representation.KIND_HOLD and pitch == representation.NO_PITCH:
                kind = representation.KIND_REST
            if kind == representation.KIND_ONSET:
                pitch = int(random.integers(48, 84))
            elif kind == representation.KIND_REST:
                pitch = representation.NO_PITCH
            chord_kind = int(random.random() < 0.2)
            if chord_kind:
                chord = (
                    int(random.integers(12)), int(random.integers(len(model.c.qualities))),
                    int(random.choice([0, 0, 4, 7])),
                )  # fmt: skip
        bar = frame // 16 % representation.BARS_PER_PHRASE
        inputs[frame] = (kind, pitch, chord_kind, *chord, frame % 16, 15 - frame % 16, bar, 0)
    return inputs


@torch.no_grad()
def parity_case(model: Accompanist, frames: int = 24, seed: int = 1) -> dict[str, object]:
    """Inputs, and the logits of every head in each frame, given that the chord Em7/B begins."""
    inputs = random_inputs(model, frames, seed)
    h = model.states(torch.from_numpy(inputs)[None])[0]
    given = {"kind": representation.CHORD_ONSET, "root": 4, "quality": 3, "bass": 7}
    kind, root, quality, bass = map(torch.tensor, given.values())
    logits = {
        "strike": model.chord_onset_logits(h),
        "root": model.root_logits(h),
        "quality": model.quality_logits(h, root),
        "bass": model.bass_logits(h, root, quality),
        "melody": model.melody_logits(h, kind, root, quality, bass),
    }
    return {
        "inputs": inputs.tolist(),
        "chord": given,
        "logits": {
            name: np.round(values.double().numpy(), 6).tolist() for name, values in logits.items()
        },
    }


# Tunes with all cases of rounding, of short and overlapping notes, of bars and pickups.
SONGS = [
    Song("on the grid", "made", (4, 4), None,
         [(0, 1, 60), (1, 0.5, 62), (1.5, 0.5, 64), (2, 2, 65), (5, 0.25, 67), (5.25, 2.75, 67)],
         [(0, 4, "C"), (4, 2, "Dm7"), (6, 2, "G7/B")]),
    Song("triplets in three", "made", (3, 4), None,
         [(0, 0.333333, 72), (0.333333, 0.333333, 74), (0.666667, 0.333333, 76), (1, 0.05, 77),
          (1.125, 0.5, 79), (1.374, 0.3, 76), (2.5, 3, 60)],
         [(0, 3, "Am"), (3, 3, "N"), (6, 3, "Bb5#9")]),
    Song("jig with a pickup", "made", (6, 8), None,
         [(2.5, 0.5, 67), (3, 0.5, 72), (3.5, 0.5, 72), (4, 0.5, 72), (4.5, 1, 76), (5.5, 0.5, 74)],
         [(3, 1.5, "C"), (4.5, 1.5, "F/C")]),
    Song("played early, late and over each other", "made", (5, 4), None,
         [(0.12, 0.9, 60), (0.88, 1.2, 64), (1.93, 0.05, 67), (1.99, 0.02, 69), (3.1, 0.1, 60),
          (3.2, 0.6, 60), (3.74, 0.3, 55)],
         [(0, 2.5, "Fmaj7"), (2.5, 2.5, "F#dim7")]),
]  # fmt: skip


def frames_case(song: Song) -> dict[str, object]:
    """A song as a stream, and as frames: melody events, chords and places in the bar."""
    frames = frames_of(song, ChordVocabulary(QUALITIES))
    return {
        "stream": list(stream_of(song, len(frames))),
        "chord_symbols": [symbol for _, _, symbol in song.chords],
        "spellings": [ChordVocabulary(QUALITIES).tokens(symbol) for _, _, symbol in song.chords],
        **{name: getattr(frames, name).tolist() for name in ("melody", "place", "left", "bar")},
        "compound": bool(frames.compound),
    }


# Eight bars that begin in C, go to A flat and come back; a jig with a pickup that leaves G for D
# flat.
THREE_KEYS = Song("three keys", "made", (4, 4), None,
                  [(beat, 1, pitch) for beat, pitch in enumerate(
                      (64, 67, 72, 67, 65, 69, 72, 69, 63, 68, 72, 68, 61, 65, 68, 65,
                       63, 67, 70, 67, 60, 63, 68, 63, 62, 65, 67, 71, 72, 67, 64, 60))],
                  [])  # fmt: skip
JIG = Song("a jig", "made", (6, 8), None,
           [(2.5, 0.5, 62)] + [(3 + beat / 2, 0.5, pitch) for beat, pitch in enumerate(
               (67, 71, 74, 71, 67, 71, 67, 72, 76, 72, 67, 72, 66, 69, 74, 69, 66, 69, 67, 71,
                74, 79, 74, 71, 70, 73, 77, 73, 70, 73, 70, 75, 78, 75, 70, 75, 72, 75, 80, 84,
                80, 75))],
           [])  # fmt: skip


def settings_fields(settings: AgentSettings) -> dict[str, object]:
    """The settings as the fixtures name them: the share of the melody-only predictors is `ear`."""
    names = {"melody_only": "ear"}
    return {names.get(name, name): value for name, value in asdict(settings).items()}


def accompanied_case(
    model: Accompanist, song: Song, settings: AgentSettings, frames: int | None = None
) -> dict[str, object]:
    """A song as a stream, and the chord that the agent commits to each of its frames, or to each of
    the first ones."""
    last, duration, _ = song.melody[-1]
    length = round((last + duration) * representation.FRAMES_PER_BEAT)
    chords = play_along(model, song, frames or length, settings)
    return {
        "stream": list(stream_of(song, length)),
        "chords": [list(chord) for chord in chords],
        **settings_fields(settings),
    }


def accompanied(path: Path) -> list[tuple[Song, AgentSettings]]:
    """The songs and settings that are recorded of a model, with melody-only predictors if it
    supports them. `steady_case` looks for a seed from theirs on."""
    few = AgentSettings(4, seed=1, lookahead=6)
    many = AgentSettings(16, seed=1, temperature=0.8, commit=8, lookahead=10)
    cases = [
        (THREE_KEYS, AgentSettings(1, seed=1, commit=4)),
        (THREE_KEYS, few),
        (THREE_KEYS, many),
    ]
    if supports_melody_only(path):
        cases += [(song, replace(few, melody_only=0.5)) for song in (THREE_KEYS, JIG)]
        cases += [(JIG, replace(few, melody_only=1.0)), (JIG, replace(many, melody_only=0.5))]
        cases += [(JIG, replace(few, hypotheses=1, melody_only=0.8))]
    return cases


def nudged(model: Accompanist) -> Accompanist:
    """Changes all of the model's weights by about a ten-thousandth."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(1 + 1e-4 * torch.randn(weights.shape, generator=generator))
    return model


def steady_case(
    models: list[Accompanist], song: Song, settings: AgentSettings
) -> dict[str, object]:
    """The case of the first seed for which all of the models, which round differently or differ by
    a little, play the same chords. So no chord hangs on the last digits of a number. (Summing in
    another order makes smaller differences.)"""
    for seed in range(settings.seed, settings.seed + 100):
        cases = [accompanied_case(model, song, replace(settings, seed=seed)) for model in models]
        if all(case == cases[0] for case in cases):
            return cases[0]
    raise SystemExit(f"fixtures: {song.id}: expected a steady seed among 100, found none")


def text_of(case: object) -> str:
    """The text of a fixture's file."""
    return json.dumps(case, separators=(",", ":")) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--fixtures", type=Path, required=True, help="the folder to write to")
    options = parser.parse_args()
    model = load(options.model)
    others = [load(options.model, is_rounding=False), nudged(load(options.model))]
    # The tests sum in the order of one thread; activations are rounded to 16 bits.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    parity = parity_case(model)
    torch.set_num_threads(threads)
    cases = {
        "parity": parity,
        "frames": [frames_case(song) for song in SONGS],
        "accompanied": [
            steady_case([model, *others], song, settings)
            for song, settings in accompanied(options.model)
        ],
    }
    for name, case in cases.items():
        write_text(options.fixtures / f"{name}.json", text_of(case))


if __name__ == "__main__":
    main()
