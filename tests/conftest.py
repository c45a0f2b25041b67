"""Fixtures that every part of the suite may use."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")


@pytest.fixture(scope="session")
def real_files() -> Path:
    """The folder of other people's real files; its tests are skipped where ``MOLTRACK_REAL_FILES`` does not name it."""
    folder = os.environ.get("MOLTRACK_REAL_FILES", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("MOLTRACK_REAL_FILES names no folder of real files")
    return Path(folder)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write lines of text to a file of that name and return its path."""

    def _write(name: str, *lines: str, end: str = "\n", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((end.join(lines) + end).encode(encoding))
        return path

    return _write
