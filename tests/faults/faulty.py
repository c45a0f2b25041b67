"""``python faulty.py FAULT ARGS``: moltrack with a fault at the worst moment. It stands in no other test's way: own process."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any


def die(*_: object) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_while_deriving() -> None:
    from moltrack import normalize

    normalize.normalize = die


def kill_before_commit() -> None:
    """Everything is written, only the commit is missing."""
    from moltrack.store.audit import Change

    whole = Change.write

    def write_and_die(change: Change) -> None:
        whole(change)
        die()

    Change.write = write_and_die  # type: ignore[method-assign]


def kill_after_two_files() -> None:
    from moltrack.store import Store

    whole, landed = Store.land, []

    def land(*arguments: Any) -> Any:
        if len(landed) == 2:
            die()
        landed.append(True)
        return whole(*arguments)

    Store.land = land  # type: ignore[method-assign]


def full_disk() -> None:
    """No file of this process may grow beyond 4 KiB more than the database has."""
    database = Path(sys.argv[sys.argv.index("--db") + 1])
    Path(f"{database}-wal").unlink(missing_ok=True)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


def without_privileges() -> None:
    """File permissions bind root too when its capabilities are gone."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    nothing = (ctypes.c_uint32 * 6)()
    assert ctypes.CDLL(None).capset(header, nothing) == 0


def copied_while_deriving() -> None:
    """What a power loss leaves: the files as they are on the disk at that moment."""
    from moltrack import normalize

    whole = normalize.normalize
    database = Path(sys.argv[sys.argv.index("--db") + 1])
    copies = database.parent / "copies"
    copies.mkdir()

    def copying(inputs: Any) -> Any:
        for file in database.parent.glob(f"{database.name}*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, copies / file.name)
        return whole(inputs)

    normalize.normalize = copying


def clock_set_back() -> None:
    """Ten years ago."""
    from moltrack.store import audit

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(UTC) - timedelta(days=3650)

    audit.datetime = Earlier  # type: ignore[attr-defined]


FAULTS = {
    "": lambda: None,
    **{
        fault.__name__: fault
        for fault in (
            kill_while_deriving,
            kill_before_commit,
            kill_after_two_files,
            full_disk,
            without_privileges,
            copied_while_deriving,
            clock_set_back,
        )
    },
}

if __name__ == "__main__":
    FAULTS[sys.argv.pop(1)]()
    from moltrack.cli.main import main

    main()
