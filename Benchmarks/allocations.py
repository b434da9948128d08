#!/usr/bin/env python3
"""How often the agent allocates memory for a plan, once it has made some: exits with 1 unless never.

Needs a C compiler (`cc`, or CC) and the GNU C library.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playing import header, melody

FRAMES = 640


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n")[0],
        epilog="What follows -- goes to the agent: -- --hypotheses 1")
    parser.add_argument("--agent", default=".build/release/jam-agent", help="the tool's path")
    parser.add_argument("agent_options", nargs="*", help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    options = parse()
    lines = [header(120, "allocations")]
    lines += [line for _, _, line in melody(120, FRAMES, seed=1)]
    with tempfile.TemporaryDirectory() as folder:
        counter = os.path.join(folder, "allocations.so")
        source = Path(__file__).with_suffix(".c")
        compiler = os.environ.get("CC", "cc")
        subprocess.run(
            [compiler, "-O2", "-shared", "-fPIC", "-o", counter, source, "-ldl"], check=True)
        run = subprocess.run(
            [options.agent, *options.agent_options], input=b"".join(lines), capture_output=True,
            env={**os.environ, "LD_PRELOAD": counter}, check=False)
    if run.returncode != 0:
        sys.exit(f"allocations: the agent ended with status {run.returncode}")
    plans, allocations = map(int, run.stderr.split()[-2:])
    print(f"{allocations} allocations in {plans} plans")
    return 1 if allocations or not plans else 0


if __name__ == "__main__":
    sys.exit(main())
