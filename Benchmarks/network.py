#!/usr/bin/env python3
"""What a step of the network costs: a frame read by one row and by many, by each backend; and
how long it takes to look through as many bytes as its matrices have, which no step can go below.
"""

import argparse
import json
import subprocess
import sys

from figures import add_json_option, write_json

STEPS = 200


def measured(options, backend=None, batch=(1, 4, 16, 64), history=(0, 256, 512), steps=STEPS):
    """What network-benchmark says, a list; times in microseconds. None where this processor cannot run
    the backend."""
    command = ["taskset", "-c", str(options.core), options.tool, "--model", str(options.model)]
    command += ["--backend", backend] if backend else []
    for name, values in ("steps", [steps]), ("batch", batch), ("history", history):
        command += [f"--{name}", *map(str, values)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if "has no backend" in run.stderr:
        return None
    if run.returncode != 0:
        sys.exit(f"network: {options.tool}: {run.stderr.strip()}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def add_options(parser):
    parser.add_argument("--model", default="Models/accompanist.safetensors", help="its path")
    parser.add_argument("--tool", default=".build/release/network-benchmark", help="its path")
    parser.add_argument("--core", type=int, default=1, help="the only one that is used")
    add_json_option(parser)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add_options(parser)
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 4, 16, 64])
    return parser.parse_args()


def main():
    options = parse()
    rows = []
    for backend in "avx512", "avx2", "neon":
        rows += measured(options, backend, options.batch) or []
    # The plain ones take their time.
    rows += measured(options, "plain", batch=[1], history=[512], steps=50)
    print(f"{'':28}{'backend':9}{'batch':>6}{'history':>9}{'median us':>11}{'p99 us':>9}")
    for row in rows:
        print(f"{row['what']:28}{row['backend']:9}{row['batch']:6}{row['history']:9}"
              f"{row['median']:11.1f}{row['p99']:9.1f}")
    write_json({"rows": rows}, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
