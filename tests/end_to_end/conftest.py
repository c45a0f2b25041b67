"""The example, ingested once through the command line."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import EXAMPLES, moltrack


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
