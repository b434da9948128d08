#!/usr/bin/env python3
"""One step of the network beside PyTorch and ONNX Runtime with the same weights, one thread each, in
one run.

A step reads one frame after some history. PyTorch and ONNX Runtime calculate in float32. Needs what
Benchmarks/requirements.txt pins: run it with the Python that
`Scripts/training-python Benchmarks/requirements.txt` names.
"""

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "Training"))

import onnxruntime  # noqa: E402
import torch  # noqa: E402
from figures import write_json  # noqa: E402
from jamline_training.network.kv_cache import KVCache  # noqa: E402
from jamline_training.network.model_file import load  # noqa: E402
from jamline_training.reference.fixtures import random_inputs  # noqa: E402
from network import add_options, measured  # noqa: E402
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
    cache = KVCache(c, 1, history + 1)
    model.states(inputs[:, :history], cache)
    last = inputs[:, history:]

    def in_pytorch():
        cache.length = history
        return model.states(last, cache)

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        step_of(model).SerializeToString(), options, providers=["CPUExecutionProvider"])
    cosine, sine = cache.rotations(1)
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


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add_options(parser)
    parser.add_argument("--after", type=int, default=512, help="frames")
    return parser.parse_args()


def main():
    options = parse()
    os.sched_setaffinity(0, {options.core})
    torch.set_num_threads(1)
    rows = measured(options, batch=[1], history=[options.after])
    step, bound = (row["median"] for row in rows)
    pytorch, onnx = compare(load(options.model, is_rounding=False), options.after)
    ratios = {
        "times as fast as PyTorch": pytorch / step,
        "times as fast as ONNX Runtime": onnx / step,
        "of the bound, reading the matrices": bound / step,
    }
    print(f"a step after {options.after} frames, us: {step:.0f} ({rows[0]['backend']}), "
          f"PyTorch {pytorch:.0f}, ONNX Runtime {onnx:.0f}; reading the matrices {bound:.0f}")
    for name, ratio in ratios.items():
        print(f"{ratio:8.2f} {name}")
    write_json(
        {"step": step, "pytorch": pytorch, "onnx": onnx, "bound": bound, "ratios": ratios},
        options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
