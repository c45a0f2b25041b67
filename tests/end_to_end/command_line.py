"""The command line in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def moltrack(*arguments: object, db: Path, status: int = 0) -> str:
    """Run a command in a process of its own; its stdout."""
    command = [sys.executable, "-m", "moltrack", "--db", str(db), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"}, check=False)
    assert done.returncode == status, done.stderr
    return done.stdout
