"""Connections: which database, with what safeguards, and what its failures mean in words.

SQLite files are created for their owner alone, in WAL mode with full synchronisation: what was reported as landed is on
the disk. Writers take turns on both databases (the audit chain has one end), readers see one moment.
"""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from moltrack.errors import StoreError
from moltrack.store import schema

#: Seconds a writer waits for another before it gives up.
BUSY_SECONDS = 60

#: Any number will do, as long as every writer of a PostgreSQL database asks for the same lock ("moltrack" in ASCII).
WRITER_LOCK = int.from_bytes(b"moltrack"[:7], "big")

#: File systems on which SQLite's locks and shared memory are not reliable.
NETWORK_FILE_SYSTEMS = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4"}
    | {"smb2", "smb3", "smbfs"}
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database is: a SQLite file or a PostgreSQL URL. ``shown`` is safe to print: it has no password."""

    path: Path | None
    url: URL | None

    @property
    def shown(self) -> str:
        if self.url is not None:
            return self.url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)
        return str(self.path)


def locate(url_or_path: str | Path) -> Place:
    """The place that a path, ``sqlite:///path`` or ``postgresql://user@host/name`` names.

    Raises
    ------
    StoreError
        Another kind of database, or a URL that cannot be read.
    """
    text = str(url_or_path)
    if "://" not in text:
        return Place(Path(text), None)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # The text may hold a password, so it is not repeated.
        raise StoreError(
            "the database's URL cannot be read.", advice="Write postgresql://user@host:port/name."
        ) from None
    backend = url.get_backend_name()
    if backend == "sqlite":
        if not url.database or url.database == ":memory:":
            raise StoreError("the database needs a file.", advice="Write sqlite:///moltrack.db or just the path.")
        return Place(Path(url.database), None)
    if backend in {"postgresql", "postgres"}:
        return Place(None, url.set(drivername="postgresql+psycopg"))
    raise StoreError(f"'{backend}' is not a database that moltrack uses.", advice="Use a file, or postgresql://...")


def connect(place: Place, *, read_only: bool = False) -> Engine:
    """An engine for the place; nothing is opened yet."""
    if place.path is not None:
        return _sqlite(place.path, read_only)
    assert place.url is not None
    return _postgresql(place.url, read_only)


def _sqlite(path: Path, read_only: bool) -> Engine:
    mode = "ro" if read_only else "rw"
    if not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists():
        # WAL needs a file beside the database even to read; in a folder (or on a medium) that nobody of ours can write to,
        # the database is read as it lies there.
        mode = "ro&immutable=1"
    address = f"{path.resolve().as_uri()}?mode={mode}"

    def opened() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        return connection

    engine = create_engine("sqlite+pysqlite://", creator=opened, poolclass=QueuePool, pool_size=1)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writing", False):
            driver: Any = connection.connection.driver_connection
            _take_turn(driver)
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def _take_turn(connection: sqlite3.Connection) -> None:
    """Begin to write as soon as nobody else does.

    SQLite itself looks again after up to 100 ms, so that with many writers nobody writes most of the time.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(random.uniform(0.001, 0.004))
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")


def _postgresql(url: URL, read_only: bool) -> Engine:
    try:
        engine = create_engine(
            url, pool_size=1, pool_pre_ping=True, isolation_level="READ COMMITTED", hide_parameters=True
        )
    except (ImportError, NoSuchModuleError):
        raise StoreError(
            "PostgreSQL needs the package psycopg.", advice="Install it with: pip install 'moltrack[postgres]'"
        ) from None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writing", False):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    return engine


@contextmanager
def reading(engine: Engine, place: Place) -> Iterator[Connection]:
    """A transaction that sees one moment of the database."""
    with in_words(place), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine, place: Place) -> Iterator[Connection]:
    """A transaction that no other writer runs beside: all of it lands, or nothing."""
    with in_words(place), engine.connect() as connection:
        connection = connection.execution_options(writing=True)
        with connection.begin():
            yield connection


# --- creating and recognising a database ------------------------------------------------------------------------------


def create_file(path: Path) -> None:
    """An empty SQLite file that its owner alone can read, in WAL mode where the file system allows it."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except FileNotFoundError:
        raise StoreError(
            f"the folder {path.parent} does not exist.", advice="Create it, or give another --db."
        ) from None
    except OSError as error:
        raise StoreError(f"the database {path} cannot be created ({error.strerror}).") from None
    journal = "DELETE" if network_file_system(path) else "WAL"
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute(f"PRAGMA journal_mode = {journal}")
            return
        except sqlite3.OperationalError as error:
            # Several processes may create the same file at once; changing the mode does not wait for the others.
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        finally:
            connection.close()


def revision(connection: Connection) -> str | None:
    """The schema revision of a database; None when it is empty.

    Raises
    ------
    StoreError
        There are tables, but not ours.
    """
    names = set(inspect(connection).get_table_names())
    if schema.alembic_version.name in names and schema.sources.name in names:
        found = connection.execute(schema.alembic_version.select()).scalar_one_or_none()
        return str(found) if found else None
    if names:
        raise StoreError(
            f"the database holds other tables ({', '.join(sorted(names)[:3])}) and none of moltrack.",
            advice="Give another --db.",
        )
    return None


def require_current(found: str, place: Place) -> None:
    """Refuse a schema that this program does not read."""
    if found == schema.HEAD:
        return
    if found in schema.REVISIONS:
        raise StoreError(
            f"the database {place.shown} has the older schema {found} (this program uses {schema.HEAD}).",
            advice="Back it up and run 'moltrack db upgrade'.",
        )
    raise StoreError(
        f"the database {place.shown} was written by a newer moltrack (schema {found}; this program knows {schema.HEAD}).",
        advice="Update moltrack.",
    )


def network_file_system(path: Path) -> str:
    """The type of the network file system that the path lies on; "" = a local one (or not known)."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
        target = path.resolve()
    except OSError:
        return ""
    best, kind = "", ""
    for mount in mounts:
        parts = mount.split(" ")
        point = parts[1].replace("\\040", " ") if len(parts) > 2 else ""
        if point and len(point) >= len(best) and target.is_relative_to(point):
            best, kind = point, parts[2]
    return kind if kind in NETWORK_FILE_SYSTEMS else ""


# --- failures in words ------------------------------------------------------------------------------------------------

#: What a driver says -> what it means, and what to do.
_MEANING = (
    ("database is locked", "is locked by another program", "Wait until it has finished and try again."),
    ("readonly database", "is read-only", "Make the file and its folder writable for you, or give another --db."),
    ("read-only transaction", "is read-only", "Ask for the right to write, or give another --db."),
    ("file is not a database", "is not a database", "Give another --db."),
    ("malformed", "is damaged", "Restore a backup; 'moltrack db check' tells more."),
    ("disk is full", "cannot grow: the disk is full", "Make room and run the same command again; nothing was changed."),
    ("disk i/o error", "cannot be read or written (disk I/O error)", "Check the disk and its free space."),
    ("unable to open database file", "cannot be opened", "Check that it exists and that you may read it."),
    ("no space left", "cannot grow: the disk is full", "Make room on the server; nothing was changed."),
    ("could not write init file", "cannot grow: the disk is full", "Make room on the server; nothing was changed."),
    ("password authentication failed", "refuses the user or password", "Check the URL."),
    ("no password supplied", "asks for a password", "Put it into ~/.pgpass or PGPASSWORD."),
    ("fatal:  database", "does not exist on that server", "Create it with createdb, or check the URL."),
    ("fatal:  role", "does not know that user", "Create it with createuser, or check the URL."),
    ("permission denied", "does not let this user do that", "Ask for the right, or use another user."),
)


@contextmanager
def in_words(place: Place) -> Iterator[None]:
    """Turn a driver's failure into one sentence; the statement and its values are not repeated."""
    try:
        yield
    except DBAPIError as error:
        raise store_error(error.orig or error, place) from error
    except sqlite3.Error as error:
        raise store_error(error, place) from error
    except SQLAlchemyError as error:
        raise StoreError(f"the database {place.shown} cannot be used ({type(error).__name__}).") from error
    except Exception as error:
        # COPY goes past SQLAlchemy. psycopg may not be installed, so its errors are known by name.
        if not any(cls.__module__.startswith("psycopg") for cls in type(error).__mro__):
            raise
        raise store_error(error, place) from error


def store_error(error: BaseException, place: Place) -> StoreError:
    """The sentence for a driver's failure."""
    said = str(error).lower()
    for sign, meaning, advice in _MEANING:
        if sign in said:
            return StoreError(f"the database {place.shown} {meaning}.", advice=advice)
    if is_connection_lost(error):
        return StoreError(f"the database {place.shown} does not answer.", advice="Check that the server runs.")
    return StoreError(f"the database {place.shown} cannot be used ({type(error).__name__}).")


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction may well succeed when tried again."""
    return is_serialization_failure(error) or is_connection_lost(error)


def is_serialization_failure(error: BaseException) -> bool:
    """Whether the server undid the transaction because of another one (serialization failure, deadlock)."""
    return getattr(error, "sqlstate", None) in {"40001", "40P01"}


def is_connection_lost(error: BaseException) -> bool:
    """Whether the server went away (restart, network), rather than refused something."""
    code: Any = getattr(error, "sqlstate", None)
    if code is not None:
        return str(code).startswith(("57P", "08"))
    return type(error).__module__.startswith("psycopg") and type(error).__name__ in {
        "OperationalError",
        "ConnectionTimeout",
    }
