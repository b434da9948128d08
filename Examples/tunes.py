#!/usr/bin/env python3
"""Writes the example tunes as Standard MIDI Files into a folder, this one by default.

A tune is text, bar by bar, with `|` between bars. A note is its pitch and octave (C4 is middle C), a
colon, and its length in the tune's unit; `r` is a rest. A pickup has a bar of its own, filled up with
rests.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_QUARTER = 480


@dataclass(frozen=True)
class Tune:
    file: str
    title: str
    tempo: int  # quarter notes a minute
    meter: tuple[int, int]
    key: tuple[int, bool]  # sharps (flats are negative), minor?
    unit: int  # of lengths: 4 is a quarter note, 8 an eighth
    bars: str


TUNES = [
    # English, 16th century.
    Tune("greensleeves.mid", "Greensleeves", 96, (6, 8), (0, True), 8, """
        r:5 A4:1
        | C5:2 D5:1 E5:1.5 F5:.5 E5:1 | D5:2 B4:1 G4:1.5 A4:.5 B4:1
        | C5:2 A4:1 A4:1.5 G#4:.5 A4:1 | B4:2 G#4:1 E4:2 A4:1
        | C5:2 D5:1 E5:1.5 F5:.5 E5:1 | D5:2 B4:1 G4:1.5 A4:.5 B4:1
        | C5:1.5 B4:.5 A4:1 G#4:1.5 F#4:.5 G#4:1 | A4:3 A4:3
        | G5:3 G5:1.5 F#5:.5 E5:1 | D5:2 B4:1 G4:1.5 A4:.5 B4:1
        | C5:2 A4:1 A4:1.5 G#4:.5 A4:1 | B4:2 G#4:1 E4:3
        | G5:3 G5:1.5 F#5:.5 E5:1 | D5:2 B4:1 G4:1.5 A4:.5 B4:1
        | C5:1.5 B4:.5 A4:1 G#4:1.5 F#4:.5 G#4:1 | A4:3 A4:3
    """),
    # Spiritual, 19th century.
    Tune("saints.mid", "When the Saints Go Marching In", 138, (4, 4), (-1, False), 4, """
        r:1 F4:1 A4:1 Bb4:1
        | C5:4 | r:1 F4:1 A4:1 Bb4:1 | C5:4 | r:1 F4:1 A4:1 Bb4:1
        | C5:2 A4:2 | F4:2 A4:2 | G4:4 | r:1 A4:1 A4:1 G4:1
        | F4:3 F4:1 | A4:2 C5:1 C5:1 | C5:1 Bb4:3 | r:2 A4:1 Bb4:1
        | C5:2 A4:2 | F4:2 G4:2 | F4:4 | r:4
    """),
    # New Britain, in shape-note books from 1829 on.
    Tune("amazing-grace.mid", "Amazing Grace", 80, (3, 4), (1, False), 4, """
        r:2 D4:1
        | G4:2 B4:.5 G4:.5 | B4:2 A4:1 | G4:2 E4:1 | D4:2 D4:1
        | G4:2 B4:.5 G4:.5 | B4:2 A4:1 | D5:3 | r:2 B4:1
        | D5:2 B4:.5 G4:.5 | B4:2 A4:1 | G4:2 E4:1 | D4:2 D4:1
        | G4:2 B4:.5 G4:.5 | B4:2 A4:1 | G4:3 | r:3
    """),
    # Ludwig van Beethoven, 1824: without a pickup.
    Tune("ode-to-joy.mid", "Ode to Joy", 120, (4, 4), (2, False), 4, """
        F#4:1 F#4:1 G4:1 A4:1 | A4:1 G4:1 F#4:1 E4:1
        | D4:1 D4:1 E4:1 F#4:1 | F#4:1.5 E4:.5 E4:2
        | F#4:1 F#4:1 G4:1 A4:1 | A4:1 G4:1 F#4:1 E4:1
        | D4:1 D4:1 E4:1 F#4:1 | E4:1.5 D4:.5 D4:2
        | E4:1 E4:1 F#4:1 D4:1 | E4:1 F#4:.5 G4:.5 F#4:1 D4:1
        | E4:1 F#4:.5 G4:.5 F#4:1 E4:1 | D4:1 E4:1 A3:2
        | F#4:1 F#4:1 G4:1 A4:1 | A4:1 G4:1 F#4:1 E4:1
        | D4:1 D4:1 E4:1 F#4:1 | E4:1.5 D4:.5 D4:2
    """),
]  # fmt: skip


def pitch(name: str) -> int:
    semitones = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[name[0]]
    accidental = name.count("#") - name[1:].count("b")
    return 12 * (int(name[-1]) + 1) + semitones + accidental


def notes(tune: Tune) -> list[tuple[int, int, int]]:
    """The begin and the end of each note in ticks, and its pitch."""
    unit = 4 * TICKS_PER_QUARTER // tune.unit
    bar_length = 4 * TICKS_PER_QUARTER * tune.meter[0] // tune.meter[1]
    result, now = [], 0
    for number, bar in enumerate(tune.bars.split("|")):
        for word in bar.split():
            name, length = word.split(":")
            end = now + round(float(length) * unit)
            if name != "r":
                result.append((now, end, pitch(name)))
            now = end
        if now != (number + 1) * bar_length:
            raise ValueError(f"{tune.file}: bar {number} is {now - number * bar_length} ticks long")
    return result


def variable_length(number: int) -> bytes:
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F | 0x80)
    return bytes(reversed(groups))


def meta(kind: int, content: bytes) -> bytes:
    return bytes([0xFF, kind]) + variable_length(len(content)) + content


def track(events: list[tuple[int, bytes]]) -> bytes:
    """A track chunk of events, which are in order, each with its tick."""
    data, last = b"", 0
    for tick, event in events:
        data += variable_length(tick - last) + event
        last = tick
    data += variable_length(0) + meta(0x2F, b"")
    return b"MTrk" + len(data).to_bytes(4, "big") + data


def midi_file(tune: Tune) -> bytes:
    numerator, denominator = tune.meter
    sharps, is_minor = tune.key
    clocks_per_click = 36 if denominator == 8 else 24  # the metronome's: a dotted or plain quarter
    conductor = [
        (0, meta(0x03, tune.title.encode())),
        (0, meta(0x51, round(60_000_000 / tune.tempo).to_bytes(3, "big"))),
        (0, meta(0x58, bytes([numerator, denominator.bit_length() - 1, clocks_per_click, 8]))),
        (0, meta(0x59, bytes([sharps % 256, is_minor]))),
    ]
    melody = [(0, meta(0x03, b"Melody"))]
    for begin, end, number in notes(tune):
        melody += [(begin, bytes([0x90, number, 88])), (end, bytes([0x80, number, 0]))]
    head = (1).to_bytes(2, "big") + (2).to_bytes(2, "big") + TICKS_PER_QUARTER.to_bytes(2, "big")
    return b"MThd" + len(head).to_bytes(4, "big") + head + track(conductor) + track(melody)


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for each in TUNES:
        (folder / each.file).write_bytes(midi_file(each))
