"""Measures an agent on files of songs: for each file a row of figures, and the human's row over the
same frames. It is for quick comparisons; `evaluate` measures all settings.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..agent.playing import takes_with, words
from ..agent.settings import FRAME_BY_FRAME
from ..data.corpus import read_file
from ..data.takes import Take
from ..errors import reported
from .bootstrap import Estimate, estimates
from .metrics import FIGURES, Measured
from .table import cell, heading, line


def figures_of(takes: list[Take]) -> dict[str, Estimate]:
    """The figures of takes, with intervals."""
    return estimates(Measured(takes).figures, len(takes))


def row(set_name: str, who: str, figures: dict[str, Estimate]) -> str:
    """A row of the table."""
    return line([set_name, who, *(cell(name, figures[name]) for name in FIGURES)])


def setting(text: str) -> tuple[str, str]:
    """Parses an option of the agent, NAME=VALUE."""
    name, separator, value = text.partition("=")
    if not name or not separator:
        raise argparse.ArgumentTypeError(f'expected OPTION=VALUE, found "{text}"')
    return name, value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", default=".build/release/jam-agent", help="the jam-agent to run")
    parser.add_argument("--beats", type=int, default=64, help="of each song, from its beginning")
    parser.add_argument("--songs", type=int, help="only the first of each file")
    parser.add_argument("--jobs", type=int, default=2, help="agents at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--agent-option", action="append", default=[], type=setting,
                        metavar="OPTION=VALUE",
                        help="passed to the agent as --OPTION VALUE")  # fmt: skip
    parser.add_argument("files", type=Path, nargs="+", help="songs (.jsonl)")
    options = parser.parse_args()
    command = [options.agent, *words(FRAME_BY_FRAME | dict(options.agent_option))]
    print(heading(["set", "who", *FIGURES]))
    for path in options.files:
        with reported("measure", f"measure by {path}"):
            songs = list(read_file(path))[: options.songs]
            takes = takes_with(command, path.stem, songs, options.beats, options.seed, options.jobs)
        print(row(path.stem, "agent", figures_of(takes)), flush=True)
        print(row(path.stem, "human", figures_of([take.by_human() for take in takes])), flush=True)


if __name__ == "__main__":
    main()
