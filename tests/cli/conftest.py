"""Commands run as a user runs them: arguments in, status, stdout and stderr out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from outcome import Outcome

Run = Callable[..., Outcome]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """``moltrack ARGS`` with a database of its own in ``tmp_path/test.db``."""
    from moltrack.cli.main import main

    monkeypatch.setenv("MOLTRACK_DB", str(tmp_path / "test.db"))
    monkeypatch.setenv("NO_COLOR", "1")

    def _run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["moltrack", *(str(argument) for argument in arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        captured = capsys.readouterr()
        code = stopped.value.code
        return Outcome(code if isinstance(code, int) else 0, captured.out, captured.err)

    return _run


@pytest.fixture
def dump(run: Run) -> Callable[[], str]:
    """The canonical content of the test's database; "" when there is none yet."""

    def _dump() -> str:
        result = run("db", "dump", "--canonical")
        return result.out if result.status == 0 else ""

    return _dump
