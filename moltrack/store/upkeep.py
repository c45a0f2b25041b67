"""Looking after a database: what it is, a copy of it, its health, its schema."""

from __future__ import annotations

import os
import sqlite3
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, inspect, select, text

from moltrack.errors import StoreError
from moltrack.store import audit, engine, reading, schema
from moltrack.store.rows import insert_many

MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """What a database is: its place (without a password), schema, numbers of current rows, ``size`` in bytes.

    ``warnings`` are sentences about its surroundings (a network file system, a file that others may read).
    """

    place: str
    backend: str
    revision: str
    head: str
    audit_rows: int
    patients: int
    samples: int
    sources: int
    runs: int
    calls: int
    markers: int
    observations: int
    size: int
    warnings: tuple[str, ...] = ()


def info(connection: Connection, place: engine.Place, warnings: tuple[str, ...]) -> StoreInfo:
    """The numbers of a database."""

    def count(table: Any, *conditions: Any) -> int:
        return int(connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())

    rows, head = audit.head(connection)
    return StoreInfo(
        place=place.shown,
        backend="SQLite" if place.path is not None else "PostgreSQL",
        revision=engine.revision(connection) or "",
        head=head,
        audit_rows=rows,
        patients=count(schema.patients),
        samples=count(schema.samples),
        sources=count(schema.sources, reading.holds(schema.sources)),
        runs=count(schema.runs, reading.holds(schema.runs)),
        calls=count(schema.calls),
        markers=count(schema.markers),
        observations=count(schema.observations),
        size=_size(connection, place),
        warnings=warnings,
    )


def _size(connection: Connection, place: engine.Place) -> int:
    if place.path is None:
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    return sum(
        Path(f"{place.path}{suffix}").stat().st_size
        for suffix in ("", "-wal")
        if Path(f"{place.path}{suffix}").exists()
    )


def surroundings(place: engine.Place) -> tuple[str, ...]:
    """What a user should know about where a SQLite file lies."""
    if place.path is None:
        return ()
    warnings = []
    if kind := engine.network_file_system(place.path):
        warnings.append(
            f"the database {place.path} lies on a network file system ({kind}), where SQLite cannot rely on locks: "
            "use it from one machine at a time, or use PostgreSQL."
        )
    if place.path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        warnings.append(f"the database {place.path} can be read by others: chmod 600 {place.path}")
    return tuple(warnings)


def backup(source: Engine, place: engine.Place, path: Path) -> None:
    """A consistent copy as a SQLite file, readable by its owner alone; writers may go on meanwhile.

    A PostgreSQL database is copied row by row, audit chain included.

    Raises
    ------
    StoreError
        The file exists already or cannot be written.
    """
    if path.exists():
        raise StoreError(f"{path} exists already.", advice="Give the backup another name.")
    target = engine.Place(path, None)
    with engine.in_words(target):
        try:
            if place.path is None:
                engine.create_file(path)
                _copy_rows(source, place, target)
            else:
                _copy_file(source, place, path)
        except BaseException:
            for suffix in ("", "-wal", "-shm", "-journal"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
            raise


def _copy_file(source: Engine, place: engine.Place, path: Path) -> None:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror}).") from None
    # Outside a transaction: the driver copies page by page and starts again when somebody writes meanwhile.
    with source.connect() as connection:
        origin: Any = connection.connection.driver_connection
        copy = sqlite3.connect(path)
        try:
            origin.backup(copy)
        finally:
            copy.close()


def _copy_rows(source: Engine, place: engine.Place, target: engine.Place) -> None:
    copy = engine.connect(target)
    try:
        with engine.reading(source, place) as origin, engine.writing(copy, target) as connection:
            schema.create(connection)
            connection.execute(schema.alembic_version.delete())
            for table in schema.metadata.sorted_tables:
                rows = origin.execution_options(yield_per=5_000).execute(select(table))
                insert_many(connection, table, rows)
    finally:
        copy.dispose()


def check(connection: Connection) -> tuple[str, ...]:
    """What is wrong with the database as such: damaged pages, dangling references, missing tables; empty = nothing."""
    problems = []
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
        problems += [f"damaged: {line}" for line in found if line != "ok"]
        for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            problems.append(f"a row of {row[0]} refers to a row of {row[2]} that does not exist")
    inspector = inspect(connection)
    present = set(inspector.get_table_names())
    for table in schema.metadata.sorted_tables:
        if table.name not in present:
            problems.append(f"the table {table.name} is missing")
            continue
        columns = {column["name"] for column in inspector.get_columns(table.name)}
        missing = sorted({column.name for column in table.columns} - columns)
        if missing:
            problems.append(f"the table {table.name} lacks the columns {', '.join(missing)}")
    if "longitudinal" not in inspector.get_view_names():
        problems.append("the view longitudinal is missing")
    return tuple(problems)


def upgrade(source: Engine, place: engine.Place) -> tuple[str, str]:
    """Bring the schema to the newest revision, in one transaction; returns the revisions before and after.

    Raises
    ------
    StoreError
        The database is empty or was written by a newer program.
    """
    with engine.writing(source, place) as connection:
        before = engine.revision(connection)
        if before is None:
            raise StoreError(f"the database {place.shown} is empty: there is nothing to upgrade.")
        if before not in schema.REVISIONS:
            engine.require_current(before, place)
        migrate(connection)
    return before, schema.HEAD


def migrate(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to a revision, in the transaction of the connection."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
