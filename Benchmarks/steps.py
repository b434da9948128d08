#!/usr/bin/env python3
"""One step of the network, beside PyTorch and ONNX Runtime with the same weights, one thread each, in
one run; what a batch costs; and how near a step is to what the caches can give.

A step reads one frame after some history. PyTorch and ONNX Runtime calculate in float32. Needs what
Benchmarks/requirements.txt pins: run it with the Python that
`Scripts/training-python Benchmarks/requirements.txt` names.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "Training"))

import onnxruntime  # noqa: E402
import torch  # noqa: E402
from jamline_training.export import load  # noqa: E402
from jamline_training.fixtures import random_inputs  # noqa: E402
from jamline_training.model import Cache  # noqa: E402
from live_latency import write_json  # noqa: E402
from onnx_step import step_of  # noqa: E402

STEPS = 200


def median_of(step):
    """Microseconds."""
    times = []
    for _ in range(STEPS):
        begun = time.perf_counter_ns()
        step()
        times.append((time.perf_counter_ns() - begun) / 1e3)
    return sorted(times)[STEPS // 2]


@torch.no_grad()
def compare(model, history):
    """Microseconds of a step in PyTorch and in ONNX Runtime, which must say the same."""
    c, inputs = model.c, torch.from_numpy(random_inputs(model, history + 1, 1))[None]
    cache = Cache(c, 1, history + 1)
    model.states(inputs[:, :history], cache)
    last = inputs[:, history:]

    def in_pytorch():
        cache.length = history
        return model.states(last, cache)

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        step_of(model).SerializeToString(), options, providers=["CPUExecutionProvider"])
    cosine, sine = model.rotations(history, 1, "cpu", torch.float32)
    given = {
        "x": model.embedded(last)[0].numpy(), "cosine": cosine[0].numpy(), "sine": sine[0].numpy(),
    }
    for index in range(c.layers):
        given[f"keys_{index}"] = cache.keys[index, 0, :, :history].contiguous().numpy()
        given[f"values_{index}"] = cache.values[index, 0, :, :history].contiguous().numpy()

    def in_onnx():
        return session.run(None, given)

    difference = (torch.from_numpy(in_onnx()[0]) - in_pytorch()[0]).abs().max().item()
    if difference > 1e-3:
        sys.exit(f"steps: ONNX Runtime and PyTorch differ by {difference}")
    return median_of(in_pytorch), median_of(in_onnx)


def measured(options, kernels):
    """What network-benchmark says, a list."""
    command = [
        "taskset", "-c", str(options.core), options.tool, "--model", str(options.model),
        "--kernels", kernels, "--steps", str(STEPS), "--history", "0", "256", str(options.history),
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if "has no kernels" in run.stderr:
        return []
    if run.returncode != 0:
        sys.exit(f"steps: {options.tool}: {run.stderr.strip()}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path, default="Models/accompanist.safetensors")
    parser.add_argument("--tool", default=".build/release/network-benchmark", help="its path")
    parser.add_argument("--core", type=int, default=1, help="the only one that is used")
    parser.add_argument("--history", type=int, default=512, help="frames")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    return parser.parse_args()


def main():
    options = parse()
    os.sched_setaffinity(0, {options.core})
    torch.set_num_threads(1)
    rows = [row for name in ("avx512", "avx2", "neon", "plain") for row in measured(options, name)]
    print(f"{'':28}{'kernels':9}{'batch':>6}{'history':>9}{'median us':>11}{'p99 us':>9}")
    for row in rows:
        print(f"{row['what']:28}{row['kernels']:9}{row['batch']:6}{row['history']:9}"
              f"{row['median']:11.1f}{row['p99']:9.1f}")
    step = {
        row["batch"]: row["median"] for row in reversed(rows)
        if row["what"] == "step" and row["history"] == options.history
    }
    bound = next(row["median"] for row in rows if row["what"].startswith("reading"))
    pytorch, onnx = compare(load(options.model, is_rounding=False), options.history)
    ratios = {
        "times as fast as PyTorch": pytorch / step[1],
        "times as fast as ONNX Runtime": onnx / step[1],
        "of the bound, reading the matrices": bound / step[1],
        "times a step costs a batch of 16": step[16] / step[1],
    }
    print(f"PyTorch {pytorch:.0f} us, ONNX Runtime {onnx:.0f} us, after {options.history} frames")
    for name, ratio in ratios.items():
        print(f"{ratio:8.2f} {name}")
    write_json({"rows": rows, "pytorch": pytorch, "onnx": onnx, **ratios}, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
