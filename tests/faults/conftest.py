"""Commands run in processes of their own, with a fault; on the databases that the store's tests use."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from here import State, run_here

_SPEC = importlib.util.spec_from_file_location("store_databases", Path(__file__).parents[1] / "store" / "conftest.py")
assert _SPEC is not None
assert _SPEC.loader is not None
_DATABASES = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_DATABASES)
postgres_server = _DATABASES.postgres_server
store_url = _DATABASES.store_url

Moltrack = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def moltrack(store_url: str, tmp_path: Path) -> Moltrack:
    """``moltrack ARGS`` in a process of its own, with a fault of ``faulty.py`` ("" = none)."""

    def _moltrack(fault: str, *arguments: object, url: str = store_url) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(Path(__file__).with_name("faulty.py")), fault, "--db", url, *map(str, arguments)]
        environment = {**os.environ, "NO_COLOR": "1", "MOLTRACK_BUSY_SECONDS": "1"}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    return _moltrack


@pytest.fixture
def state(store_url: str) -> Callable[[], State]:
    return lambda url=store_url: State(url)  # type: ignore[misc]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder of files: one batch that every test begins with, and what the commands read."""
    head = "#moltrack: measurements\npatient,sample,name,kind,quantity,value,unit\n"
    (tmp_path / "first.csv").write_text(head + "P1,S1,MFC-MRD,flow,cell_fraction,2,%\n")
    (tmp_path / "second.csv").write_text(head + "P1,S2,MFC-MRD,flow,cell_fraction,1,%\n")
    (tmp_path / "better.csv").write_text(head + "P1,S1,MFC-MRD,flow,cell_fraction,3,%\n")
    for number in range(6):
        (tmp_path / f"f{number}.csv").write_text(head + f"P{number % 2},T{number},MFC-MRD,flow,cell_fraction,1,%\n")
    (tmp_path / "manifest.csv").write_text("path\n" + "".join(f"f{number}.csv\n" for number in range(6)))
    (tmp_path / "assays.yaml").write_text(
        'assays:\n  - id: flow\n    technique: flow cytometry\n    lod: ["cell_fraction=0.01 %"]\n'
    )
    return tmp_path


@pytest.fixture
def begun(store_url: str, files: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with one patient."""
    monkeypatch.chdir(files)
    run_here(store_url, "ingest", "first.csv")
    return store_url
