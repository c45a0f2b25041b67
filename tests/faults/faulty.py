"""Faults at the worst moment, for a process that nobody else needs: each changes the moltrack of its own process."""

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


def kill_while_writing() -> None:
    """Some of the rows are written, others are not."""
    from moltrack.store import rows

    whole = rows.insert_many

    def insert_and_die(connection: Any, table: Any, *arguments: Any, **options: Any) -> None:
        whole(connection, table, *arguments, **options)
        if table.name in {"observations", "events", "assays", "patient_keys"}:
            die()

    for module in list(sys.modules.values()):
        if getattr(module, "insert_many", None) is whole:
            module.insert_many = insert_and_die  # type: ignore[attr-defined]


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


def killed_workers() -> None:
    """The reading processes die when the first of their files has landed."""
    import multiprocessing

    from moltrack import manifest

    whole = manifest._land

    def land_and_kill(*arguments: Any) -> Any:
        for worker in multiprocessing.active_children():
            worker.kill()
        return whole(*arguments)

    manifest._land = land_and_kill


#: The server that :func:`restarted_server` restarts.
SERVER: Any = None


def restarted_server() -> None:
    """PostgreSQL crashes and comes back when everything is written, only the audit and the commit are missing; once."""
    from moltrack.store.audit import Change

    whole, restarts = Change.write, iter([True])

    def write_after_restart(change: Change) -> None:
        if next(restarts, False):
            SERVER.stop()
            SERVER.start()
        whole(change)

    Change.write = write_after_restart  # type: ignore[method-assign]


def on_a_network() -> None:
    """Every path lies on NFS."""
    from moltrack.store import engine

    engine.network_file_system = lambda path: "nfs"  # type: ignore[assignment]


FAULTS = {
    "": lambda: None,
    **{
        fault.__name__: fault
        for fault in (
            kill_while_deriving,
            kill_while_writing,
            kill_before_commit,
            kill_after_two_files,
            full_disk,
            without_privileges,
            copied_while_deriving,
            clock_set_back,
            killed_workers,
            restarted_server,
            on_a_network,
        )
    },
}
