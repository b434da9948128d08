"""What a network may be told of a piece before it begins: its style, its key, and who leads."""

from __future__ import annotations

import re

from .chord_quality import ACCIDENTALS
from .chord_symbols import LETTERS
from .mixture import domain_of

STYLES = ("folk", "pop", "jazz", "solos", "rock", "hymns", "art song")
KEYS = 24  # twelve major ones from C on, then twelve minor ones
MINOR_MODES = ("m", "minor", "dorian", "phrygian", "aeolian", "locrian")
# Columns of what is told, (B, 3): 0 stands for "not told".
# melody_first: 1 where the melody's event of a frame is decided before the chord's.
HINTS = ("style", "key", "melody_first")
CHOICES = {"style": len(STYLES), "key": KEYS, "melody_first": 1}


def style_of(set_name: str) -> int:
    """1 … 7, in the order of STYLES; 0 for a set whose style is not known."""
    domain = domain_of(set_name)
    return 1 + STYLES.index(domain) if domain in STYLES else 0


def key_of(text: str | None) -> int:
    """1 … 12 for the major keys from C on, 13 … 24 for the minor ones; 0 where the text names no
    key. `Bb`, `F#m`, `A dorian` (modes count by their third)."""
    match = re.fullmatch(r"([A-G])([b#]?) ?([a-z]*)", text or "")
    if not match:
        return 0
    tonic = (LETTERS[match[1]] + ACCIDENTALS[match[2]]) % 12
    return 1 + tonic + 12 * (match[3] in MINOR_MODES)


def moved_key(key: int, semitones: int) -> int:
    """The key of a piece that is moved."""
    if key == 0:
        return 0
    mode, tonic = divmod(key - 1, 12)
    return 1 + 12 * mode + (tonic + semitones) % 12
