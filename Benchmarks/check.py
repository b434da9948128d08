#!/usr/bin/env python3
"""Whether anything has become slower: short runs of the benchmarks, as ratios of two times of one run,
beside those of the results that are kept. Exits with 1 if a ratio is much worse than it was.

Ratios of a busy machine mean little: let nothing else run.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

# So many times the kept ratio are too many.
MOST = 1.3
SHORT = {
    "network.py": ["--batch", "1", "16"],
    "replan.py": ["--frames", "240", "--hypotheses", "1", "16"],
    "records.py": [],
    "tools.py": [],
}


def ratios_of(results):
    """What is compared, by name; less is better. What depends on the backend has it in its name."""
    rows = results["network"]["rows"]
    backend = rows[0]["backend"]  # the fastest
    bound = next(row["median"] for row in rows if row["what"].startswith("reading"))
    step = {
        (row["what"], row["batch"]): row["median"] for row in rows
        if row["backend"] == backend and row["history"] == 512
    }
    replan = {row["hypotheses"]: row["median"] * 1e3 for row in results["replan"]["rows"]}
    hops = results["tools"]["hops"]
    one, many = step["step", 1], {
        "a step of 16 rows": step.get(("step", 16)),
        "a step of 16 rows that were one": step.get(("step after resampling", 16)),
        "a plan of one hypothesis": replan[1],
        "a plan of 16 hypotheses": replan[16],
    }
    return {
        f"a step / reading its matrices, {backend}": one / bound,
        **{f"{name} / a step, {backend}": time / one for name, time in many.items() if time},
        "a record / jq's": 1 / results["records"]["times jq"],
        "a line through jam-agent / through cat": hops["jam-agent"]["median"] / hops["cat"]["median"],
    }


def read(folder):
    return {
        name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("network", "replan", "records", "tools")
    }


def measured(here):
    """Ratios of short runs."""
    with tempfile.TemporaryDirectory() as folder:
        for script, words in SHORT.items():
            out = Path(folder, script).with_suffix(".json")
            subprocess.run(
                [sys.executable, here / script, *words, "--json", out], check=True,
                stdout=subprocess.DEVNULL)
        return ratios_of(read(Path(folder)))


def is_worse(ratio, kept):
    return kept is not None and ratio > MOST * kept


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    here = Path(__file__).parent
    parser.add_argument("--results", type=Path, default=here / "results", help="that are kept")
    options = parser.parse_args()
    try:
        kept = ratios_of(read(options.results))
    except OSError as error:
        sys.exit(f"check: expected results to compare with, found none: {error}")
    found = measured(here)
    if any(is_worse(ratio, kept.get(name)) for name, ratio in found.items()):
        # A machine has its moments: what is slower is slower twice.
        again = measured(here)
        found = {name: min(ratio, again[name]) for name, ratio in found.items()}
    print(f"{'':56}{'kept':>8}{'now':>8}{'times':>8}")
    for name, ratio in found.items():
        if name not in kept:
            print(f"{name:56}{'':8}{ratio:8.2f}  no result of this backend was kept")
            continue
        mark = " worse" if is_worse(ratio, kept[name]) else ""
        print(f"{name:56}{kept[name]:8.2f}{ratio:8.2f}{ratio / kept[name]:8.2f}{mark}")
    return any(is_worse(ratio, kept.get(name)) for name, ratio in found.items())


if __name__ == "__main__":
    sys.exit(main())
