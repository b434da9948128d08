"""What is measured: figures, the machine that they are of, and where they go."""

import argparse
import json
import os
import platform
import subprocess


def percentile(ordered, share):
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def peak_memory(pid):
    """The most that the program has held since it was started, in KiB.

    Not ru_maxrss: that also counts what this script held when it started the program.
    """
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0  # it has ended


def keep_off(core):
    """Leaves the agent's core to it, if there is another one."""
    others = os.sched_getaffinity(0) - {core}
    if others:
        os.sched_setaffinity(0, others)


def machine():
    """What the figures are of, in words."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        said = dict(line.split(":", 1) for line in file if ":" in line)
    named = {name.strip(): value.strip() for name, value in said.items()}
    flags = named.get("flags", named.get("Features", "")).split()
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        swift = subprocess.run(["swift", "--version"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        swift = None
    return {
        "processor": named.get("model name", platform.machine()), "cores": os.cpu_count(),
        "instructions": [name for name in ("avx2", "avx512f", "avx512_vnni", "asimd") if name in flags],
        "is virtual": "hypervisor" in flags, "memory GiB": round(pages / 2**30),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", platform.system()),
        "kernel": platform.release(),
        "swift": swift.stdout.split("\n")[0] if swift else "no Swift in the PATH",
        "load": os.getloadavg()[1],
    }


def add_json_option(parser):
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")


def add_agent_options(parser):
    """Which agent is measured, and where."""
    parser.add_argument("--agent", default=".build/release/jam-agent", help="the tool's path")
    parser.add_argument("--core", type=int, default=1, help="the only one that it runs on")
    add_json_option(parser)


def write_json(figures, path):
    """Writes them, with the machine, where a path is given."""
    if path:
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"machine": machine(), **figures}, file, indent=1)
            file.write("\n")
