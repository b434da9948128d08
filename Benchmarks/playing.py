"""A made melody as a stream, and an ear for what the agent makes of it."""

import json
import os
import random
import select
import time

FRAMES_PER_BEAT = 4


def record(seconds, kind, **fields):
    fields = {"t": round(seconds * 1e6), "type": kind, **fields}
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def header(tempo, producer):
    return record(
        0, "header", format="jam", version=1, tempo=tempo, meter="4/4",
        frames_per_beat=FRAMES_PER_BEAT, producer=producer, source="made")


def melody(tempo, frames, seed, again=None):
    """Yields (due in s, frame or None, line): a walk up and down a scale, a note every 2 frames; the
    same one begins again after every `again` frames, if that is said."""
    scale = [60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77, 79]
    length = 60 / tempo / FRAMES_PER_BEAT
    for frame in range(frames):
        if frame % (again or frames) == 0:
            chance, step = random.Random(seed), len(scale) // 2
        due = frame * length
        yield due, frame, record(due, "tick", frame=frame)
        if frame % 2 == 0:
            step = min(max(step + chance.choice((-2, -1, -1, 1, 1, 2)), 0), len(scale) - 1)
            yield due, None, record(due, "note_on", ch=1, note=scale[step], vel=80)
        else:
            due += 0.8 * length
            yield due, None, record(due, "note_off", ch=1, note=scale[step], vel=0)


class Listener:
    """Reads what the agent writes, and stamps its plans."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.rest = b""
        self.answered = {}  # when the plan for a frame came
        self.counters = None
        self.lines = 0

    def listen(self, until=None):
        """Takes in the next output, if any comes in time; false at its end."""
        patience = None if until is None else max(until - time.monotonic_ns(), 0) / 1e9
        if not select.select([self.descriptor], [], [], patience)[0]:
            return True
        data = os.read(self.descriptor, 1 << 16)
        now = time.monotonic_ns()
        *lines, self.rest = (self.rest + data).split(b"\n")
        self.lines += len(lines)
        for line in lines:
            if b'"type":"plan"' in line:
                self.answered[json.loads(line)["frame"]] = now
            elif b'"type":"stat"' in line:
                self.counters = json.loads(line)
        return bool(data)
