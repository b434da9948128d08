"""Evaluation through the shipped binaries: songs go in as streams, promised chords are measured."""

from __future__ import annotations

import argparse
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

from .chords import ChordVocabulary
from .corpus import Song, read_file
from .frames import FRAMES_PER_BEAT, QUALITIES, frame_of, frames_of
from .metrics import Tally, tally
from .stream import committed_chords, stream_of


def human_chords(song: Song, frames: int) -> list[str]:
    """The song's own symbols, one a frame."""
    chords = ["N"] * frames
    for on, length, symbol in song.chords:
        for frame in range(frame_of(on), min(frame_of(on + length), frames)):
            chords[frame] = symbol
    return chords


def agent_chords(command: list[str], song: Song, frames: int) -> list[str]:
    """What the agent promised for the song's frames."""
    stream = "\n".join(stream_of(song, frames)) + "\n"
    output = subprocess.run(command, input=stream, capture_output=True, text=True)
    if output.returncode != 0:
        raise RuntimeError(f"{song.id}: {' '.join(command)}: {output.stderr.strip()}")
    return committed_chords(output.stdout.splitlines(), frames)


def evaluate(
    command: list[str], songs: list[Song], beats: int, seed: int, jobs: int
) -> tuple[Tally, Tally]:
    """The agent's tally and the human's over the songs' first beats. Each song has a seed of its
    own: with one for all, every session would meet the same chance."""
    vocabulary = ChordVocabulary(QUALITIES)

    def measure(numbered: tuple[int, Song]) -> tuple[Tally, Tally]:
        number, song = numbered
        pitch = frames_of(song, vocabulary).pitch[: beats * FRAMES_PER_BEAT]
        human = human_chords(song, len(pitch))
        seeded = [*command, "--seed", str(1000 * seed + number)]
        agent = agent_chords(seeded, song, len(pitch))
        return tally(pitch, agent, human), tally(pitch, human, human)

    with ThreadPoolExecutor(jobs) as pool:
        pairs = list(tqdm(pool.map(measure, enumerate(songs)), total=len(songs), unit="song"))
    return sum((a for a, _ in pairs), Tally()), sum((h for _, h in pairs), Tally())


COLUMNS = ("set", "who", "note in chord", "silence over melody", "pitch classes",
           "changes per 4 beats", "root agreement")  # fmt: skip


def row(set_name: str, who: str, t: Tally) -> str:
    """A row of the table, in Markdown."""
    return (
        f"| {set_name} | {who} | {t.note_in_chord:.3f} | {t.silence_over_melody:.3f} | "
        f"{t.pitch_classes_per_chord:.2f} | {t.changes_per_four_beats:.2f} | "
        f"{t.root_agreement:.3f} |"
    )


def setting(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not name or not separator:
        raise argparse.ArgumentTypeError(f'expected OPTION=VALUE, found "{text}"')
    return name, value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", default="jam-agent", help="the jam-agent to run")
    parser.add_argument("--beats", type=int, default=64, help="of each song, from its beginning")
    parser.add_argument("--songs", type=int, help="only the first of each file")
    parser.add_argument("--jobs", type=int, default=2, help="agents at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--agent-option", action="append", default=[], type=setting,
                        metavar="OPTION=VALUE",
                        help="passed to the agent as --OPTION VALUE")  # fmt: skip
    parser.add_argument("files", type=Path, nargs="+", help="songs (.jsonl)")
    options = parser.parse_args()
    # Frame by frame, cold start, temperature 1: comparable with what is published.
    # What lies beyond the frame at hand is not looked at, so it need not be planned.
    settings = {"commit": "0", "silence": "0", "temperature": "1", "lookahead": "0.25"}
    settings |= dict(options.agent_option)
    command = [options.agent, *(word for n, v in settings.items() for word in (f"--{n}", v))]
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    for path in options.files:
        songs = list(read_file(path))[: options.songs]
        tallies = evaluate(command, songs, options.beats, options.seed, options.jobs)
        for who, t in zip(("agent", "human"), tallies, strict=True):
            print(row(path.stem, who, t), flush=True)


if __name__ == "__main__":
    main()
