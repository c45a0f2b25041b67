"""The canonical dump: what a store holds now as JSON lines, the same bytes for equal stores.

Numbers of rows, times, the audit chain and what was superseded are left out. Lines are sorted as text, so neither the
order of ingest nor the database decides about them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, select

from moltrack.store import reading, schema
from moltrack.store.codec import dump_json

#: Patients (and their samples, markers ...) are written one by one, so that memory does not grow with the store.
_DERIVED = (
    ("patient", schema.patients),
    ("sample", schema.samples),
    ("event", schema.events),
    ("marker", schema.markers),
    ("observation", schema.observations),
)


def dump(connection: Connection) -> Iterator[str]:
    """The lines, without their line ends."""
    yield from sorted(_line("assay", row) for row in connection.execute(select(schema.assays.c.payload)).scalars())
    yield from sorted(_sources(connection))
    for patient in reading.patient_names(connection):
        yield from _patient(connection, patient)


def _line(kind: str, payload: str, **more: Any) -> str:
    return dump_json({"kind": kind, **more, "record": json.loads(payload)})


def _sources(connection: Connection) -> Iterator[str]:
    table = schema.sources
    for row in connection.execute(select(table).where(reading.holds(table))):
        names = ("sha256", "name", "format", "options", "size", "tool", "tool_version")
        record = {name: row._mapping[name] for name in names} | {"refused": json.loads(row.refused)}
        yield dump_json({"kind": "source", "record": record})


def _patient(connection: Connection, patient: str) -> Iterator[str]:
    lines = []
    for kind, table in _DERIVED:
        payloads = connection.execute(select(table.c.payload).where(table.c.patient == patient)).scalars()
        lines += [_line(kind, payload, patient=patient) for payload in payloads]
    lines += [_line("override", text, patient=patient) for text in _current(connection, schema.overrides, patient)]
    lines += [dump_json({"kind": "messages", "patient": patient, "record": reading.messages(connection, patient)})]
    yield from sorted(lines)
    table = schema.runs
    runs = connection.execute(
        select(table.c.run_id, table.c.payload).where(table.c.patient == patient, reading.holds(table))
    )
    for row in sorted(runs, key=lambda row: str(row.payload)):
        yield _line("run", row.payload, patient=patient)
        for kind, rows in (("call", schema.calls), ("coverage", schema.coverage)):
            query = select(rows.c.payload).where(rows.c.run_id == row.run_id).order_by(rows.c.number)
            for payload in connection.execute(query).scalars():
                yield _line(kind, payload, patient=patient)


def _current(connection: Connection, table: Table, patient: str) -> list[str]:
    query = select(table.c.payload).where(table.c.patient == patient, reading.holds(table))
    return list(connection.execute(query).scalars())
