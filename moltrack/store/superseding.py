"""Ending rows that no longer hold: they stay, marked with the audit row that ended them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select, update

from moltrack.model import Event, Source
from moltrack.store import reading, schema
from moltrack.store.audit import Change, ended, source_digest
from moltrack.store.codec import decode
from moltrack.store.merge import Stated, contradicts
from moltrack.store.prepared import Statement, run_digest, statement_digest


class Ended:
    """Supersedes rows and keeps account of the patients and assays that this concerns.

    ``about`` are the (patient, sample) pairs of the landing that takes the place of old rows.
    """

    def __init__(self, connection: Connection, change: Change, about: Iterable[tuple[str, str]] = ()) -> None:
        self.connection = connection
        self.change = change
        self.about = set(about)
        self.patients: set[str] = set()
        self.assays: set[str] = set()

    def source(self, source_id: int) -> None:
        """End a source with what it brought.

        What a file with results was said to be of (date, tissue ...) stays stated for the samples that are read anew; a
        table of samples or events is replaced whole.
        """
        runs, said = schema.runs, schema.statements
        is_table = not self.connection.execute(
            select(runs.c.run_id).where(runs.c.source_id == source_id).limit(1)
        ).first()
        for run_id in self._current_runs(source_id):
            self._end_run(run_id)
        patients = {patient for patient, _ in self.about}
        query = select(said.c.statement_id, said.c.kind, said.c.patient, said.c.name).where(
            said.c.source_id == source_id, reading.holds(said)
        )
        for row in self.connection.execute(query).all():
            is_about = (row.patient, row.name) in self.about if row.kind == "sample" else row.patient in patients
            if is_table or not is_about:
                self.statement(row.statement_id)
        table = schema.sources
        self.connection.execute(
            update(table).where(table.c.source_id == source_id).values(superseded_by=self.change.first)
        )

    def run(self, run_id: int) -> None:
        """End a run; when it was the last of its source, the source with it."""
        source_id = self._end_run(run_id)
        if not self._current_runs(source_id):
            self.source(source_id)

    def contradicted(self, new: Statement) -> None:
        """End statements that cannot hold beside a new one."""
        if isinstance(new.record, Event):
            return
        table = schema.statements
        rows = self.connection.execute(
            select(table.c.statement_id, table.c.payload).where(
                table.c.patient == new.patient,
                table.c.kind == new.kind,
                table.c.name == new.name,
                reading.holds(table),
            )
        ).all()
        for row in rows:
            old = decode(row.payload, reading.KINDS[new.kind])
            if contradicts(Stated(old, "before"), Stated(new.record, "now")):
                self.statement(row.statement_id)

    def statement(self, statement_id: int) -> None:
        """End one statement."""
        table = schema.statements
        row = self.connection.execute(select(table).where(table.c.statement_id == statement_id)).one()
        entry = self.change.entry_for(row.patient, "edit" if row.patient else "assay")
        source = stored_source_digest(self.connection, row.source_id)
        entry.rows.append(ended(statement_digest(row.kind, row.patient, row.name, row.payload, source)))
        self.connection.execute(
            update(table).where(table.c.statement_id == statement_id).values(superseded_by=entry.sequence)
        )
        if row.patient:
            self.patients.add(row.patient)
        else:
            self.assays.add(row.name)

    def _end_run(self, run_id: int) -> int:
        table = schema.runs
        row = self.connection.execute(select(table).where(table.c.run_id == run_id)).one()
        entry = self.change.entry_for(row.patient, "edit")
        source = stored_source_digest(self.connection, row.source_id)
        entry.rows.append(ended(run_digest(row.payload, row.rows_sha256, source)))
        self.connection.execute(update(table).where(table.c.run_id == run_id).values(superseded_by=entry.sequence))
        self.patients.add(row.patient)
        return int(row.source_id)

    def _current_runs(self, source_id: int) -> list[int]:
        table = schema.runs
        query = select(table.c.run_id).where(table.c.source_id == source_id, reading.holds(table))
        return list(self.connection.execute(query).scalars())


def stored_source_digest(connection: Connection, source_id: int | None) -> str:
    """The hash of a source's row; "" for what was set by hand."""
    if source_id is None:
        return ""
    row = connection.execute(select(schema.sources).where(schema.sources.c.source_id == source_id)).one()
    return source_digest(source_of(row), row.refused)


def source_of(row: Any) -> Source:
    """A row of ``sources`` as a record."""
    return Source(row.sha256, row.name, row.format, row.options, row.size, row.tool, row.tool_version)
