"""The example, ingested once through the command line."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def moltrack(*arguments: object, db: Path, status: int = 0) -> str:
    """Run a command in a process of its own; its stdout."""
    command = [sys.executable, "-m", "moltrack", "--db", str(db), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"}, check=False)
    assert done.returncode == status, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def case_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    db = tmp_path_factory.mktemp("case") / "case.db"
    moltrack("ingest", "--manifest", EXAMPLES / "manifest.csv", db=db)
    return db


@pytest.fixture(scope="session")
def rows(case_db: Path) -> list[dict[str, str]]:
    """The longitudinal table as CSV rows."""
    return list(csv.DictReader(io.StringIO(moltrack("table", "P01", "--format", "csv", db=case_db))))


@pytest.fixture(scope="session")
def trend(case_db: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(moltrack("trend", "P01", "--format", "json", db=case_db))
    return found


@pytest.fixture(scope="session")
def verdicts(case_db: Path) -> dict[str, dict[str, Any]]:
    found = json.loads(moltrack("risk", "P01", "--format", "json", db=case_db))
    return {verdict["ruleset"]: verdict for verdict in found}


@pytest.fixture(scope="session")
def page(case_db: Path) -> str:
    path = case_db.parent / "P01.html"
    moltrack("report", "P01", "-o", path, db=case_db)
    return html.unescape(path.read_text(encoding="utf-8"))


Find = Callable[..., dict[str, Any]]
