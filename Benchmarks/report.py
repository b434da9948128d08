#!/usr/bin/env python3
"""Writes one page and one plot of the results in a folder: README.md, figures.svg and figures.png. Run it with the Python that `Scripts/training-python` names: it needs matplotlib.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "Training"))

import matplotlib  # noqa: E402
from jamline_training.evaluation.plots import COLOURS, STYLE, save  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

FILES = ("tools", "network", "steps", "replan", "hour", "live_latency", "sessions", "records",
         "lookahead", "history", "backend", "tees", "plan_view", "live_changes")
# Those that older results may lack.
LATER = ("tees", "plan_view", "live_changes")


def table(heads, rows):
    """Markdown; numbers of the right length."""
    def cell(value):
        if isinstance(value, float):
            return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
        return f"{value:,}" if isinstance(value, int) else str(value)

    lines = [heads, ["---"] * len(heads), *([cell(value) for value in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def of_times(row):
    return [row["median"], row["p99"], row["max"]]


def tees(measured):
    """The part about jam-tee beside tee."""
    yield "## jam-tee beside tee (tees.py)"
    yield table(
        ["with a stalled branch", "lines passed on", "until, s at 128 lines/s", "dropped for it"],
        [[row["tool"], row["passed"], row["seconds"] if row["stalled"] else "never", row["dropped"]]
         for row in measured["stalls"]])
    yield table(
        ["with a recording", "a line: median us", "p99", "million lines a second"],
        [[row["tool"], row["median"], row["p99"], row["per second"] / 1e6]
         for row in measured["rows"]])


def plan_view(measured):
    """The part about the view on a terminal."""
    played, held = measured["played"], measured["held"]
    yield (f"## The waterfall (plan_view.py, {measured['columns']} x {measured['rows']}, "
           f"{measured['fps']} drawings a second)")
    yield table(
        ["plan to terminal: median ms", "p99", "% of a core", "KiB/s written",
         f"MiB after {measured['hours']:g} hours"],
        [[played["median"], played["p99"], played["share"] * 100, played["bytes"] / 1024,
          held["all"] / 1024]])


def pages(results):
    """The parts of the page."""
    machine = results["network"]["machine"]
    yield "# Results"
    yield (
        f"{machine['processor']} ({', '.join(machine['instructions'])}), {machine['cores']} cores, "
        f"{machine['memory GiB']} GiB{', a virtual machine' * machine['is virtual']}; "
        f"{machine['system']}, Linux {machine['kernel']}; {machine['swift']}. `make bench` wrote "
        "this page; the JSON files beside it have the figures of each benchmark.")
    yield "![Time of a plan by hypotheses; time of a step beside others](figures.svg)"
    yield "## A plan (replan.py, lookahead 16 frames, after 512 frames)"
    heads = ["hypotheses", "median ms", "p99", "max"]
    yield table(heads, [[row["hypotheses"], *of_times(row)] for row in results["replan"]["rows"]])
    for name, settings in (("live_latency", "the default settings"),
                           ("live_changes", "settings that change at every bar line")):
        if live := results.get(name):
            yield (
                f"Live, with {settings}: median {live['median']:.1f} ms, p99 {live['p99']:.1f}, max "
                f"{live['max']:.1f}; {live['missed']} of {live['ticks']} ticks missed.")
    yield "By lookahead, by the number of frames before, and by backend:"
    heads = ["hypotheses", "lookahead beats", "after frames", "backend", "median ms", "p99", "max"]
    keys = ("hypotheses", "lookahead", "history")
    rows = [row for name in ("lookahead", "history", "backend") for row in results[name]["rows"]]
    cells = [[*(row[key] for key in keys), row["backend"] or ""] for row in rows]
    yield table(heads, [[*cells, *of_times(row)] for cells, row in zip(cells, rows)])
    yield "Over an hour:"
    heads = ["hypotheses", "", "median ms at the beginning", "at the end", "ratio"]
    spans = ("second minute", "last minute"), ("minutes 2 to 11", "last ten minutes")
    hours = [
        (row["hypotheses"], f"{one}, {other}", row[one]["median"], row[other]["median"])
        for row in results["hour"]["rows"] for one, other in spans
    ]
    yield table(heads, [[*cells, first, last, last / first] for *cells, first, last in hours])
    yield "## A step of the network (network.py, steps.py)"
    heads = ["", "backend", "rows", "after frames", "median us", "p99"]
    keys = ("batch", "history", "median", "p99")
    yield table(heads, [
        [row[key] for key in ("what", "backend", *keys)] for row in results["network"]["rows"]])
    steps = results["steps"]
    yield (
        f"In one run: a step takes {steps['step']:.0f} us, PyTorch {steps['pytorch']:.0f}, ONNX Runtime "
        f"{steps['onnx']:.0f}, reading the matrices {steps['bound']:.0f}. That is "
        + ", ".join(f"{ratio:.2f} {name}" for name, ratio in steps["ratios"].items()) + ".")
    yield "## The tools (tools.py)"
    tools = results["tools"]
    yield table(
        ["", "start ms", "peak MiB"],
        [[name, row["start"], row["peak"]] for name, row in tools["tools"].items()])
    yield f"jam-agent with 64 hypotheses, after 640 frames: {tools['peak of 64 hypotheses']:.1f} MiB."
    yield table(
        ["a line through", "median us", "p99"],
        [[name, row["median"], row["p99"]] for name, row in tools["hops"].items()])
    if "tees" in results:
        yield from tees(results["tees"])
    if "plan_view" in results:
        yield from plan_view(results["plan_view"])
    yield "## Players a core (sessions.py, 120 beats a minute)"
    yield table(
        ["hypotheses", "players without a missed tick", "processor time, % of the core"],
        [[row["hypotheses"], row["players"], 100 * row["core"]] for row in results["sessions"]["rows"]])
    yield "## Records (records.py)"
    records = results["records"]
    keys = ("program", "records", "per second", "per CPU second", "peak MiB")
    yield table(list(keys), [[row[key] for key in keys] for row in records["rows"]])
    yield f"{records['times jq']:.1f} times the rate of jq."


def draw(results):
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(10, 3.8), layout="constrained")
        plans, steps = figure.subplots(1, 2)
        rows = results["replan"]["rows"]
        counts = [row["hypotheses"] for row in rows]
        for name, colour in zip(("median", "p99"), COLOURS):
            plans.plot(counts, [row[name] for row in rows], "o-", color=colour, label=name)
        plans.set(
            xscale="log", xticks=counts, xticklabels=counts, xlabel="hypotheses", ylabel="ms",
            ylim=0, title="A plan of 16 frames")
        plans.minorticks_off()
        plans.legend()
        found = {
            f"jam-agent, {row['backend']}": row["median"] for row in results["network"]["rows"]
            if (row["what"], row["batch"], row["history"]) == ("step", 1, 512)
        }
        compared = results["steps"]
        bars = {
            "PyTorch, float32": compared["pytorch"], "ONNX Runtime, float32": compared["onnx"],
            **dict(sorted(found.items(), key=lambda item: -item[1])),
            "reading the matrices": compared["bound"],
        }
        drawn = steps.barh(list(bars), list(bars.values()), color=COLOURS[0])
        steps.bar_label(drawn, fmt="%.0f", padding=3)
        steps.invert_yaxis()
        steps.margins(x=0.15)
        steps.set(xlabel="us", title="A step after 512 frames, one thread")
        return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    here = Path(__file__).parent
    parser.add_argument("folder", type=Path, nargs="?", default=here / "results")
    folder = parser.parse_args().folder
    results = {
        name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in FILES
        if name not in LATER or (folder / f"{name}.json").exists()
    }
    (folder / "README.md").write_text("\n\n".join(pages(results)) + "\n", encoding="utf-8")
    save(draw(results), folder / "figures")
    return 0


if __name__ == "__main__":
    sys.exit(main())
