"""Verification: does the store still hold what its audit chain says was written?

Every row carries the sequence number of the audit row that brought it. So the chain is recomputed from its first row, and
the content of each of its rows from what is stored now; a row that was changed, removed, added or moved is named. Derived
columns must repeat their payload, and payloads must be canonical. Files can be compared with the digests of their sources.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, select

from moltrack.errors import InputError
from moltrack.model import (
    Assay,
    Call,
    Coverage,
    Event,
    Marker,
    Observation,
    Override,
    PatientInfo,
    Run,
    SampleInfo,
)
from moltrack.store import derived, reading, rows, schema
from moltrack.store.audit import GENESIS, content_hash, digest, ended, link, seal, source_digest
from moltrack.store.codec import decode, encode
from moltrack.store.edits import override_digest
from moltrack.store.prepared import rows_hash, run_digest, statement_digest
from moltrack.store.superseding import source_of


@dataclass(frozen=True, slots=True)
class Verification:
    """The result: ``problems`` is empty when everything holds. ``rows`` counts audit rows, ``head`` is the last hash.

    ``notes`` say what was found about a head given from outside and about files.
    """

    problems: tuple[str, ...]
    rows: int
    head: str
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.problems


def verify(connection: Connection, head: str | None = None, files: Sequence[Path] = ()) -> Verification:
    """Check the whole store.

    Parameters
    ----------
    head
        An audit hash written down earlier: the chain must still contain it.
    files
        Files to compare with the sources of the same content or name.
    """
    log = list(connection.execute(select(schema.audit).order_by(schema.audit.c.sequence)))
    problems = [*_chain(log), *_content(connection, log), *_payloads(connection), *_keys(connection, log)]
    notes: list[str] = []
    if head:
        _compare_head(log, head, problems, notes)
    for path in files:
        _compare_file(connection, path, problems, notes)
    return Verification(tuple(problems), len(log), log[-1].hash if log else GENESIS, tuple(notes))


def _name(row: Any) -> str:
    about = " ".join(part for part in (row.patient, row.subject) if part)
    return f"audit row {row.sequence} ({row.kind}{' ' + about if about else ''})"


def _chain(log: Sequence[Any]) -> Iterator[str]:
    previous, expected = GENESIS, 1
    for row in log:
        while expected < row.sequence:
            yield f"audit row {expected} was removed."
            expected += 1
        own = link(row.sequence, row.kind, row.at, row.by, row.version, row.digest, row.note, row.previous)
        if own != row.hash:
            yield f"{_name(row)} was changed."
        elif row.previous != previous:
            yield f"{_name(row)} does not follow the row before it: rows were removed, changed or reordered there."
        previous, expected = row.hash, row.sequence + 1


def _content(connection: Connection, log: Sequence[Any]) -> Iterator[str]:
    keys = {row.patient: row.key for row in connection.execute(select(schema.patient_keys))}
    erased: set[int] = set()
    for row in log:
        if row.kind == "delete":
            erased.update(json.loads(row.note))
    stored = _stored(connection)
    for row in log:
        found = content_hash(stored.pop(row.sequence, []))
        if row.kind == "delete" or (row.sequence in erased and row.content is None):
            if found != content_hash([]):
                yield f"{_name(row)}: rows were added to it."
            continue
        if row.content is None or row.patient is None or row.subject is None or row.source_sha256 is None:
            yield f"{_name(row)}: what it says was erased, though no patient was deleted."
            continue
        key = keys.get(row.patient, "")
        if row.patient and not key:
            yield f"{_name(row)}: the patient's key is missing."
        elif seal(key, row.kind, row.patient, row.subject, row.source_sha256, row.content) != row.digest:
            yield f"{_name(row)}: its subject, source or content was changed."
        if found != row.content:
            yield f"{_name(row)}: rows that it brought or ended were changed, removed or added."
    for sequence in sorted(stored):
        yield f"rows say that audit row {sequence} brought or ended them, which does not exist."


def _stored(connection: Connection) -> dict[int, list[bytes]]:
    """Audit sequence -> hashes of all stored rows that it brought or ended."""
    found: dict[int, list[bytes]] = defaultdict(list)
    sources = {None: ""}
    for row in connection.execute(select(schema.sources)):
        sources[row.source_id] = source_digest(source_of(row), row.refused)

    def add(row: Any, hashed: bytes) -> None:
        found[row.since].append(hashed)
        if row.superseded_by is not None:
            found[row.superseded_by].append(ended(hashed))

    for row in connection.execute(select(schema.statements)):
        source = sources.get(row.source_id, "?")
        add(row, statement_digest(row.kind, row.patient, row.name, row.payload, source))
    hashes = _run_hashes(connection)
    for row in connection.execute(select(schema.runs)):
        add(row, run_digest(row.payload, hashes.get(row.run_id, rows_hash((), ())), sources.get(row.source_id, "?")))
    for row in connection.execute(select(schema.overrides)):
        add(row, override_digest(row.payload))
    for row in connection.execute(select(schema.history)):
        add(row, digest(row.kind, row.patient, row.payload))
    for kind, table in (("marker", schema.markers), ("observation", schema.observations)):
        for row in _stream(connection, select(table.c.patient, table.c.payload, table.c.since)):
            found[row.since].append(digest(kind, row.patient, row.payload))
    return found


def _run_hashes(connection: Connection) -> dict[int, str]:
    """Run -> hash of its calls and coverage as they are stored now."""
    totals: dict[int, Any] = defaultdict(hashlib.sha256)
    runs = list(connection.execute(select(schema.runs.c.run_id)).scalars())
    for table in (schema.calls, schema.coverage):
        query = select(table.c.run_id, table.c.payload).order_by(table.c.run_id, table.c.number)
        for row in _stream(connection, query):
            totals[row.run_id].update(row.payload.encode() + b"\n")
        for run_id in runs:
            totals[run_id].update(b"--\n")
    return {run_id: total.hexdigest() for run_id, total in totals.items()}


def _stream(connection: Connection, query: Any) -> Iterator[Any]:
    return iter(connection.execution_options(yield_per=5_000).execute(query))


# --- payloads and the columns that repeat them ------------------------------------------------------------------------


def _payloads(connection: Connection) -> Iterator[str]:
    """Rows whose payload is not canonical, or whose other columns do not repeat it."""
    for table, cls, expected in _CHECKS:
        for row in _stream(connection, select(table)):
            try:
                record = decode(row.payload, cls)
                canonical = encode(record) == row.payload
            except (ValueError, KeyError, TypeError):
                yield f"{_place(table, row)}: its record cannot be read."
                continue
            if not canonical:
                yield f"{_place(table, row)}: its record is not in canonical form."
            elif expected(record, row) != tuple(row):
                yield f"{_place(table, row)}: its columns were changed."


def _place(table: Table, row: Any) -> str:
    return f"{table.name} row {'/'.join(str(row._mapping[column.name]) for column in table.primary_key.columns)}"


#: Table -> its record, and the row that the record makes together with columns that are not the record's own.
_CHECKS: tuple[tuple[Any, type[Any], Callable[[Any, Any], tuple[Any, ...]]], ...] = (
    (schema.calls, Call, lambda record, row: (row.run_id, row.number, *rows.call_row(record))),
    (schema.coverage, Coverage, lambda record, row: (row.run_id, row.number, *rows.coverage_row(record))),
    (schema.markers, Marker, lambda record, row: (*rows.marker_row(row.patient, record), row.since)),
    (schema.observations, Observation, lambda record, row: (*rows.observation_row(record), row.since)),
    (schema.patients, PatientInfo, lambda record, row: derived.patient_row(record, json.loads(row.messages))),
    (schema.samples, SampleInfo, lambda record, row: derived.sample_row(record)),
    (schema.events, Event, lambda record, row: derived.event_row(row.patient, row.number, record)),
    (schema.assays, Assay, lambda record, row: derived.assay_row(record)),
    (schema.runs, Run, lambda record, row: _run_row(record, row)),
    (schema.overrides, Override, lambda record, row: _override_row(record, row)),
)


def _run_row(run: Run, row: Any) -> tuple[Any, ...]:
    own = (run.patient, run.sample, run.assay, run.part, run.technique.value, run.build)
    return (row.run_id, row.source_id, *own, *tuple(row)[8:])


def _override_row(override: Override, row: Any) -> tuple[Any, ...]:
    return (row.override_id, override.patient, override.action.value, override.target, *tuple(row)[4:])


def _keys(connection: Connection, log: Sequence[Any]) -> Iterator[str]:
    """What refers to something must find it; merged tables must be what the statements say."""
    runs = {row.run_id: row for row in connection.execute(select(schema.runs))}
    for table, column in ((schema.calls, "calls"), (schema.coverage, "coverage")):
        query = select(table.c.run_id, func.count().label("rows")).group_by(table.c.run_id)
        counts = {row.run_id: row.rows for row in connection.execute(query)}
        for run_id in sorted(set(counts) - set(runs)):
            yield f"{column} refer to run {run_id}, which does not exist."
        for run_id, row in runs.items():
            if counts.get(run_id, 0) != row._mapping[column]:
                yield (
                    f"run {row.patient}/{row.sample}/{row.assay} has {counts.get(run_id, 0)} {column} rows and says "
                    f"{row._mapping[column]}."
                )
    for patient in reading.patient_names(connection):
        yield from _description(connection, patient)


def _description(connection: Connection, patient: str) -> Iterator[str]:
    found = reading.described(
        patient, reading.stated(connection, patient), reading.current_runs(connection, patient).values()
    )
    if found is None:
        yield f"patient {patient} is listed, and nothing is stated of it."
        return
    info, samples, events = found
    stored = (
        reading.one_patient(connection, patient),
        reading.described_rows(connection, schema.samples, patient, SampleInfo),
        reading.described_rows(connection, schema.events, patient, Event),
    )
    for name, merged, listed in zip(
        ("patient", "samples", "events"), (info, list(samples), list(events)), stored, strict=True
    ):
        if merged != listed:
            yield f"{name} of patient {patient} are not what was stated; 'moltrack db rebuild' derives them anew."


# --- from outside -----------------------------------------------------------------------------------------------------


def _compare_head(log: Sequence[Any], head: str, problems: list[str], notes: list[str]) -> None:
    wanted = head.strip().lower()
    if len(wanted) < 12 or any(character not in "0123456789abcdef" for character in wanted):
        raise InputError(f"'{head}' is not an audit hash.", advice="Give at least its first 12 hexadecimal digits.")
    matching = [row for row in log if row.hash.startswith(wanted)]
    if GENESIS.startswith(wanted):
        notes.append("The given head is that of an empty store.")
    elif not matching:
        problems.append(
            f"the chain does not contain the given head {wanted[:12]}...: rows up to it were removed or rewritten."
        )
    else:
        newer = len(log) - log.index(matching[0]) - 1
        notes.append(f"The chain contains the given head as row {matching[0].sequence}; {newer} rows follow it.")


def _compare_file(connection: Connection, path: Path, problems: list[str], notes: list[str]) -> None:
    try:
        with path.open("rb") as handle:
            found = hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}).", path=path) from None
    table = schema.sources
    if connection.execute(select(table.c.source_id).where(table.c.sha256 == found).limit(1)).first():
        notes.append(f"{path.name} is what was ingested.")
        return
    named = connection.execute(select(table.c.sha256).where(table.c.name == path.name).limit(1)).scalar_one_or_none()
    if named:
        problems.append(
            f"{path.name} was changed since it was ingested (sha256 {named[:12]}... then, {found[:12]}... now)."
        )
    else:
        problems.append(f"{path.name} was never ingested.")
