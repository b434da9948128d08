"""The JSON Schema of the stream, docs/jam-stream.schema.json."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "docs/jam-stream.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)


def manual_records() -> list[dict[str, object]]:
    """The records that jam-stream(5) shows."""
    text = (ROOT / "man/jam-stream.5").read_text().replace("\\e\n", "")
    return [json.loads(line) for line in text.splitlines() if re.match(r'\{"t":', line)]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("record", manual_records(), ids=lambda record: record["type"])
def test_the_records_of_the_manual_are_valid(record: dict[str, object]) -> None:
    VALIDATOR.validate(record)


def test_the_manual_shows_every_type_of_the_schema() -> None:
    types = set()
    for rule in SCHEMA["allOf"]:
        of_type = rule["if"]["properties"]["type"]
        types |= set(of_type.get("enum", [of_type.get("const")]))
    assert types <= {record["type"] for record in manual_records()}


@pytest.mark.parametrize(
    "record",
    [
        {"type": "tick", "frame": 0},
        {"t": -1, "type": "tick", "frame": 0},
        {"t": 0.5, "type": "tick", "frame": 0},
        {"t": 0, "type": "tick"},
        {"t": 0, "type": "tick", "frame": 1_000_000_000},
        {"t": 0, "type": "header", "format": "jam", "version": 2},
        {"t": 0, "type": "header", "format": "jam", "version": 1, "meter": "4/5"},
        {"t": 0, "type": "header", "format": "jam", "version": 1, "meter": "3+/8"},
        {"t": 0, "type": "header", "format": "jam", "version": 1, "meter": "65/8"},
        {"t": 0, "type": "header", "format": "jam", "version": 1, "tempo": 0},
        {"t": 0, "type": "note_on", "ch": 0, "note": 60, "vel": 1},
        {"t": 0, "type": "note_on", "ch": 1, "note": 128, "vel": 1},
        {"t": 0, "type": "bend", "ch": 1, "value": 8192},
        {"t": 0, "type": "set", "name": "x", "value": None},
        {"t": 0, "type": "plan", "frame": 0, "rev": 1, "commit": 1, "until": 2, "chords": [{}],
         "melody": []},
        {"t": 0, "type": "end"},
    ],
    ids=json.dumps,
)  # fmt: skip
def test_what_breaks_a_rule_is_not_valid(record: dict[str, object]) -> None:
    assert not VALIDATOR.is_valid(record)


@pytest.mark.parametrize(
    "record",
    [
        {"t": 0, "type": "lyric", "syllable": "la", "note": {"at": 60}},
        {"t": 0, "type": "header", "format": "jam", "version": 1, "meter": "3+2+2/8", "more": 1},
        {"t": 0.0, "type": "tick", "frame": 1.0},
    ],
    ids=json.dumps,
)
def test_more_fields_and_types_are_valid(record: dict[str, object]) -> None:
    VALIDATOR.validate(record)
