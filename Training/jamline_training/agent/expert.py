"""Makes an expert's corpus: the melodies of a corpus with the chords that the real agent plays to
them, frame by frame, with all its hypotheses and melody-only predictors.

A network that is trained on it plays alone what these agree on. This is expert iteration (Anthony,
Tian and Barber 2017, arXiv 1705.08439), with the particle filter in the place of tree search."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..data.corpus import Song, paths_of, read_file
from ..data.files import write_json, written_whole
from ..data.frames import FRAMES_PER_BEAT
from ..data.stream import compact
from ..data.takes import SILENT, take_of
from ..errors import CorpusError, reported
from .playing import agent_chords, in_parallel, seed_of, words
from .sessions import run_lengths
from .settings import FRAME_BY_FRAME


def chords_of(symbols: list[str]) -> list[tuple[float, float, str]]:
    """The chords of one symbol for each frame: onset and duration in beats, and symbol."""
    chords, first = [], 0
    for count, symbol in run_lengths(symbols):
        if symbol != SILENT:
            chords.append((first / FRAMES_PER_BEAT, count / FRAMES_PER_BEAT, symbol))
        first += count
    return chords


def accompanied(song: Song, symbols: list[str]) -> str:
    """The corpus line of a song with these chords, one symbol for each frame. The song ends with
    them."""
    end = len(symbols) / FRAMES_PER_BEAT
    return compact({
        "id": song.id, "meter": f"{song.meter[0]}/{song.meter[1]}", "tempo": song.tempo,
        "melody": [note for note in song.melody if note[0] < end], "chords": chords_of(symbols),
        **({"key": song.key} if song.key else {}),
    })  # fmt: skip


def play(options: argparse.Namespace, path: Path) -> list[str]:
    """The corpus lines of a file's songs with the agent's chords."""
    command = [options.agent, *words(FRAME_BY_FRAME)]
    command += ["--model", str(options.model)] if options.model else []

    def line_of(numbered: tuple[int, Song]) -> str:
        number, song = numbered
        frames = len(take_of(song, options.beats))
        seeded = [*command, "--seed", seed_of(path.stem, number, options.seed)]
        return accompanied(song, agent_chords(seeded, song, frames))

    songs = list(read_file(path))[:: options.every]
    return list(in_parallel(line_of, list(enumerate(songs)), options.jobs, path.stem))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", default=".build/release/jam-agent", help="the jam-agent to run")
    parser.add_argument("--model", type=Path, help="its model; by default its own choice")
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True,
                        help="folder of the new corpus; an interrupted run resumes")  # fmt: skip
    parser.add_argument("--split", default="train")
    parser.add_argument("--beats", type=int, default=128, help="of each song, from its beginning")
    parser.add_argument("--every", type=int, default=1, help="take every nth song of a file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="agents at a time")
    options = parser.parse_args()
    with reported("expert", "play to the corpus"):
        paths = paths_of(options.corpus, options.split)
        options.out.mkdir(parents=True, exist_ok=True)
        names = ("agent", "model", "beats", "every", "seed")
        asked = {name: str(getattr(options, name)) for name in names}
        written = options.out / "expert.json"
        if written.exists() and json.loads(written.read_text()) != asked:
            raise CorpusError(f"{written}: expected what is asked for, found {written.read_text()}")
        write_json(written, asked)
        for path in paths:
            if not (options.out / path.name).exists():
                lines = play(options, path)
                with written_whole(options.out / path.name) as beside:
                    beside.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
