"""Commands run in processes of their own, with a fault; on the databases that the store's tests use."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from faulty import FAULTS
from here import State, run_here

_SPEC = importlib.util.spec_from_file_location("store_databases", Path(__file__).parents[1] / "store" / "conftest.py")
assert _SPEC is not None
assert _SPEC.loader is not None
_DATABASES = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_DATABASES)
postgres_server = _DATABASES.postgres_server
store_url = _DATABASES.store_url


@dataclass(frozen=True)
class Done:
    """How a process ended (negative: by that signal) and what it said."""

    status: int
    out: str
    err: str


Moltrack = Callable[..., Done]


@pytest.fixture
def moltrack(store_url: str, tmp_path: Path) -> Moltrack:
    """``moltrack ARGS`` in a process of its own, with a fault of ``faulty.py`` ("" = none).

    The process is forked from the one of the tests: what it breaks is its own, and nothing is imported anew.
    """

    def _moltrack(fault: str, *arguments: object, url: str = store_url) -> Done:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = os.fork()
            if not child:
                _be_moltrack(fault, ["--db", url, *map(str, arguments)], tmp_path, (out.fileno(), err.fileno()))
            _, status = os.waitpid(child, 0)
            for file in (out, err):
                file.seek(0)
            return Done(os.waitstatus_to_exitcode(status), out.read().decode(), err.read().decode())

    return _moltrack


def _be_moltrack(fault: str, arguments: list[str], folder: Path, streams: tuple[int, int]) -> None:
    status = 70
    try:
        for number, stream in enumerate(streams, start=1):
            os.dup2(stream, number)
        sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
        os.chdir(folder)
        os.environ["NO_COLOR"] = "1"
        sys.argv = ["moltrack", *arguments]
        FAULTS[fault]()
        from moltrack.cli.main import main

        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


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
