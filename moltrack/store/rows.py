"""Records as rows of tables, and many rows at once through the driver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, bindparam, select

from moltrack.model import Call, Coverage, LimitKind, Marker, Observation
from moltrack.store.codec import encode

#: Rows handed to a driver at once.
CHUNK = 20_000

#: From so many rows on, COPY is faster than INSERT.
COPY_FROM = 8

#: What a marker is unique by.
MARKER_KEY = ("patient", "marker")

#: What an observation is unique by: one quantity of one marker in one run.
OBSERVATION_KEY = ("patient", "sample", "assay", "part", "marker", "quantity", "denominator")


def plain(text: str) -> str:
    """Text that every database takes: what comes from files may hold NUL or half a character."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def call_row(call: Call) -> tuple[int, str, str, str]:
    """Line, kind, gene and payload."""
    finding = call.finding
    gene = str(getattr(finding, "gene", "") or getattr(finding, "gene5", ""))
    return call.line, type(finding).__name__, plain(gene), encode(call)


def coverage_row(coverage: Coverage) -> tuple[int, str, str, str]:
    """Line, scope, name and payload."""
    return coverage.line, coverage.scope.value, plain(coverage.name), encode(coverage)


def marker_row(patient: str, marker: Marker) -> tuple[Any, ...]:
    """A row of ``markers``, but for ``since``."""
    return (
        patient,
        plain(marker.id),
        marker.kind.value,
        plain(marker.label),
        plain(";".join(marker.genes)),
        ";".join(marker.lesions),
        marker.tracked,
        marker.classification,
        encode(marker),
    )


def observation_key(item: Observation) -> tuple[str, ...]:
    """The values of :data:`OBSERVATION_KEY`."""
    return item.patient, item.sample, item.assay, item.part, plain(item.marker), item.quantity, plain(item.denominator)


def observation_row(item: Observation) -> tuple[Any, ...]:
    """A row of ``observations``, but for ``since``."""
    limits = {limit.kind: limit.value for limit in reversed(item.limits)}
    counts = item.counts
    return (
        *observation_key(item),
        item.tissue.value,
        item.status.value,
        item.level,
        item.comparator,
        plain(item.printed),
        limits.get(LimitKind.CUTOFF),
        limits.get(LimitKind.LOD),
        limits.get(LimitKind.LOQ),
        counts.alt,
        counts.ref,
        counts.depth,
        counts.cells,
        counts.cells_total,
        counts.copies,
        counts.control_copies,
        item.technique.value,
        plain(item.tool),
        plain(item.tool_version),
        plain(";".join(item.filters)),
        plain(";".join(item.flags)),
        item.caller_level,
        plain(item.formula),
        item.replicates,
        plain(item.text),
        plain(";".join(origin.file for origin in item.origins)),
        ";".join(str(origin.line) for origin in item.origins),
        ";".join(dict.fromkeys(origin.sha256 for origin in item.origins)),
        encode(item),
    )


def of_patient(connection: Connection, table: Table, patient: str, columns: tuple[str, ...] = ()) -> Sequence[Row[Any]]:
    """A patient's rows: all columns, or those named."""
    return connection.execute(_of_patient(table, columns), {"wanted": patient}).all()


@cache
def _of_patient(table: Table, columns: tuple[str, ...]) -> Select[Any]:
    # Made once: to put a query together takes longer than SQLite does to answer it.
    return select(*(table.c[name] for name in columns or table.c.keys())).where(table.c.patient == bindparam("wanted"))


def insert_many(
    connection: Connection, table: Table, rows: Iterable[Sequence[Any]], columns: Sequence[str] = ()
) -> None:
    """Insert tuples of all columns (or of those named): ``executemany`` on SQLite, ``COPY`` on PostgreSQL."""
    columns = columns or table.columns.keys()
    quote = connection.dialect.identifier_preparer.quote
    name, names = quote(table.name), ", ".join(map(quote, columns))
    is_sqlite = connection.dialect.name == "sqlite"
    insert = f"INSERT INTO {name} ({names}) VALUES ({', '.join(['?' if is_sqlite else '%s'] * len(columns))})"
    driver: Any = connection.connection.driver_connection
    for chunk in _chunks(rows):
        if is_sqlite or len(chunk) < COPY_FROM:
            connection.exec_driver_sql(insert, chunk)
            continue
        with driver.cursor() as cursor, cursor.copy(f"COPY {name} ({names}) FROM STDIN") as copy:
            for row in chunk:
                copy.write_row(row)


def _chunks(rows: Iterable[Sequence[Any]]) -> Iterator[list[tuple[Any, ...]]]:
    iterator = iter(rows)
    while chunk := [tuple(row) for row in islice(iterator, CHUNK)]:
        yield chunk
