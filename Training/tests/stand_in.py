"""A stand-in of a few lines for jam-agent. It commits C in even frames and no chord in odd ones,
and writes down its options."""

from __future__ import annotations

import sys
from pathlib import Path

HELP = """USAGE: agent [--commit <commit>] [--silence <silence>]

OPTIONS:
  --lookahead <lookahead> Beats to plan. (default: 2.5)
  --commit <commit>       How much of a plan is committed. (default: 2.0)
  --silence <silence>     Beats to listen before playing: 0 to 64.
                          (default: 1.0)
  --hypotheses <hypotheses>
                          How many hypotheses are tracked. (default:
                          3)
  --live                  No value.
"""
PLAYS = f"""
import json, sys
options = sys.argv[2:]
if options == ["--help"]:
    sys.exit(print({HELP!r}))
print(*options, file=open(sys.argv[1], "a"))
for line in sys.stdin:
    print(line, end="")
    record = json.loads(line)
    if record["type"] == "tick":
        frame = record["frame"]
        chord = {{"from": frame, "to": frame + 1, "chord": "N" if frame % 2 else "C"}}
        plan = {{"t": record["t"], "type": "plan", "frame": frame, "commit": frame + 1}}
        print(json.dumps({{**plan, "until": frame + 1, "chords": [chord]}}))
"""


def made_agent(folder: Path) -> str:
    """Writes the stand-in. Returns its path; its options go to the file `options` beside it."""
    (folder / "agent.py").write_text(PLAYS)
    script = folder / "agent"
    script.write_text(
        f"#!/bin/sh\nexec '{sys.executable}' -S '{folder}/agent.py' '{folder}/options' \"$@\"\n"
    )
    script.chmod(0o755)
    return str(script)
