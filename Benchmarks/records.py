#!/usr/bin/env python3
"""How fast records are read and printed, and in how much memory, beside jq.

Makes a stream of notes and ticks, sends it through the reader and the printer of the Records module
(records-benchmark), and its first tenth through `jq -c .` too. Exits with status 1 if what is
printed is not what was read, byte for byte.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

from figures import add_json_option, peak_memory, write_json

HEADER = (
    '{"t":0,"type":"header","format":"jam","version":1,"tempo":120,"meter":"4/4",'
    '"frames_per_beat":4,"producer":"records.py","source":"made"}\n'
)
BEAT_RECORDS = 10


def beat(number):
    """The lines of a beat: four ticks, three notes begun and ended."""
    t, frame, note = number * 500_000, number * 4, 48 + number * 7 % 30
    return (
        f'{{"t":{t},"type":"tick","frame":{frame}}}\n'
        f'{{"t":{t + 2113},"type":"note_on","ch":1,"note":{note},"vel":{64 + number % 60}}}\n'
        f'{{"t":{t + 125000},"type":"tick","frame":{frame + 1}}}\n'
        f'{{"t":{t + 131072},"type":"note_off","ch":1,"note":{note},"vel":0}}\n'
        f'{{"t":{t + 131072},"type":"note_on","ch":16,"note":{note + 12},"vel":127}}\n'
        f'{{"t":{t + 250000},"type":"tick","frame":{frame + 2}}}\n'
        f'{{"t":{t + 251111},"type":"note_off","ch":16,"note":{note + 12},"vel":64}}\n'
        f'{{"t":{t + 251111},"type":"note_on","ch":2,"note":{note - 5},"vel":1}}\n'
        f'{{"t":{t + 375000},"type":"tick","frame":{frame + 3}}}\n'
        f'{{"t":{t + 499999},"type":"note_off","ch":2,"note":{note - 5},"vel":0}}\n'
    )


def make(path, records):
    with open(path, "w", encoding="ascii", buffering=1 << 20) as file:
        file.write(HEADER)
        for number in range(records // BEAT_RECORDS):
            file.write(beat(number))


def measure(command, path):
    """Runs a command over a file: seconds, seconds of processor time, peak memory in KiB."""
    with open(path, "rb") as source:
        start = time.monotonic()
        process = subprocess.Popen(command, stdin=source, stdout=subprocess.DEVNULL)
        peak, ended = 0, 0
        while not ended:
            peak = max(peak, peak_memory(process.pid))
            time.sleep(0.005)
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"records: {command[0]} ended with status {process.returncode}")
    return seconds, usage.ru_utime + usage.ru_stime, peak


def is_unchanged(command, path):
    """Whether what the command prints is what it was given."""
    with open(path, "rb") as source:
        printed = subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE)
        compared = subprocess.run(["cmp", "-", path], stdin=printed.stdout, check=False)
        printed.stdout.close()
        return printed.wait() == 0 and compared.returncode == 0


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--records", type=int, default=10_000_000, help="of the long stream")
    parser.add_argument("--tool", default=".build/release/records-benchmark", help="its path")
    add_json_option(parser)
    return parser.parse_args()


def main():
    options = parse()
    with tempfile.TemporaryDirectory() as folder:
        short, long = os.path.join(folder, "short.jsonl"), os.path.join(folder, "long.jsonl")
        counts = {short: options.records // 10, long: options.records}
        for path, count in counts.items():
            make(path, count)
        runs = [("jamline", short), ("jamline", long), ("jq -c .", short)]
        rates, rows = {}, []
        print(f"{'':10}{'records':>12}{'per second':>12}{'per CPU s':>12}{'peak MiB':>10}")
        for name, path in runs:
            command = name.split() if name != "jamline" else [options.tool]
            seconds, processor, peak = measure(command, path)
            # Of processor time: what a busy machine does to the clock, it does not do to this.
            rates[name, path] = counts[path] / processor
            rows.append({
                "program": name, "records": counts[path], "per second": counts[path] / seconds,
                "per CPU second": rates[name, path], "peak MiB": peak / 1024,
            })
            print(
                f"{name:10}{counts[path]:12,}{counts[path] / seconds:12,.0f}"
                f"{rates[name, path]:12,.0f}{peak / 1024:10.1f}")
        ratio = rates["jamline", short] / rates["jq -c .", short]
        print(f"{ratio:.1f} times the rate of jq, on the same stream")
        if not is_unchanged([options.tool], long):
            print("records: what was printed is not what was read", file=sys.stderr)
            return 1
        print("printed = read, byte for byte")
    write_json({"rows": rows, "times jq": ratio}, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
