"""Hints: what a network can be conditioned on before a piece begins. They are the style, the key,
and whether the melody comes first within a frame."""

from __future__ import annotations

import re

from .chord_quality import ACCIDENTALS
from .chord_symbols import LETTERS
from .mixture import domain_of

STYLES = ("folk", "pop", "jazz", "solos", "rock", "hymns", "art song")
KEYS = 24  # twelve major ones from C on, then twelve minor ones
MINOR_MODES = ("m", "minor", "dorian", "phrygian", "aeolian", "locrian")
# Columns of a batch's hints, (B, 3). 0 stands for a hint that is not given.
# melody_first: 1 if a frame's melody event is predicted before its chord.
HINTS = ("style", "key", "melody_first")
CHOICES = {"style": len(STYLES), "key": KEYS, "melody_first": 1}


def style_of(set_name: str) -> int:
    """The style's number, 1 to 7, in the order of STYLES; 0 for a set of unknown style."""
    domain = domain_of(set_name)
    return 1 + STYLES.index(domain) if domain in STYLES else 0


def key_of(text: str | None) -> int:
    """The key's number: 1 to 12 for the major keys from C on, 13 to 24 for the minor ones, 0 if the
    text names no key. Texts are such as `Bb`, `F#m` and `A dorian`; modes count by their third."""
    match = re.fullmatch(r"([A-G])([b#]?) ?([a-z]*)", text or "")
    if not match:
        return 0
    tonic = (LETTERS[match[1]] + ACCIDENTALS[match[2]]) % 12
    return 1 + tonic + 12 * (match[3] in MINOR_MODES)


def moved_key(key: int, semitones: int) -> int:
    """The key of a piece that is transposed by so many semitones."""
    if key == 0:
        return 0
    mode, tonic = divmod(key - 1, 12)
    return 1 + 12 * mode + (tonic + semitones) % 12
