"""Records as rows of tables, and many rows at once through the driver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table

from moltrack.model import Call, Coverage, LimitKind, Marker, Observation
from moltrack.store.codec import encode

#: Rows handed to SQLite's driver at once.
CHUNK = 20_000

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


def insert_many(
    connection: Connection, table: Table, rows: Iterable[Sequence[Any]], columns: Sequence[str] = ()
) -> None:
    """Insert tuples of all columns (or of those named): ``executemany`` on SQLite, ``COPY`` on PostgreSQL."""
    columns = columns or table.columns.keys()
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(column) for column in columns)
    if connection.dialect.name == "sqlite":
        sql = f"INSERT INTO {quote(table.name)} ({names}) VALUES ({', '.join('?' * len(columns))})"
        for chunk in _chunks(rows):
            connection.exec_driver_sql(sql, chunk)
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {quote(table.name)} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _chunks(rows: Iterable[Sequence[Any]]) -> Iterator[list[tuple[Any, ...]]]:
    iterator = iter(rows)
    while chunk := [tuple(row) for row in islice(iterator, CHUNK)]:
        yield chunk
