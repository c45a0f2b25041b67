"""What a person states or decides: each change one transaction with its audit row."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import replace

from sqlalchemy import Connection, delete, or_, select, update

from moltrack.errors import ConflictError, InputError, UnknownError
from moltrack.model import Assay, Event, Override, PatientInfo, SampleInfo
from moltrack.store import reading, schema
from moltrack.store.audit import Change, digest, ended
from moltrack.store.codec import decode, dump_json, encode
from moltrack.store.derived import Derive, refresh, refresh_assays
from moltrack.store.landing import insert_statement
from moltrack.store.prepared import Statement, statement
from moltrack.store.superseding import Ended


def set_info(connection: Connection, change: Change, info: PatientInfo | SampleInfo | Assay, derive: Derive) -> None:
    """State a patient, sample or assay anew; all that was stated of it before is superseded."""
    item = statement(info)
    table = schema.statements
    rows = connection.execute(
        select(table.c.statement_id, table.c.payload, table.c.source_id).where(
            table.c.patient == item.patient,
            table.c.kind == item.kind,
            table.c.name == item.name,
            reading.holds(table),
        )
    ).all()
    if [(row.payload, row.source_id) for row in rows] == [(item.payload, None)]:
        return
    entry = change.open("edit" if item.patient else "assay", item.patient, f"{item.kind} {item.name}")
    ending = Ended(connection, change)
    for row in rows:
        ending.statement(row.statement_id)
    insert_statement(connection, entry, item)
    patients = {item.patient} if item.patient else refresh_assays(connection, [item.name])
    for patient in sorted(patients):
        refresh(connection, change, patient, derive, why="derive")


def add_event(connection: Connection, change: Change, event: Event, derive: Derive) -> None:
    """State an event."""
    item = _event(event)
    if replace(event, line=0) in reading.described_rows(connection, schema.events, item.patient, Event):
        raise ConflictError(f"the event '{event.name}' of patient {item.patient} is recorded already.")
    entry = change.open("edit", item.patient, f"event {item.name}")
    insert_statement(connection, entry, item)
    refresh(connection, change, item.patient, derive, why="derive")


def remove_event(connection: Connection, change: Change, event: Event, derive: Derive) -> None:
    """Supersede an event, whoever stated it.

    Raises
    ------
    UnknownError
        There is no such event.
    """
    item = _event(event)
    table = schema.statements
    rows = connection.execute(
        select(table.c.statement_id, table.c.payload).where(
            table.c.patient == item.patient, table.c.kind == "event", table.c.name == item.name, reading.holds(table)
        )
    ).all()
    wanted = replace(event, patient=item.patient, line=0)
    found = [row.statement_id for row in rows if replace(decode(row.payload, Event), line=0) == wanted]
    if not found:
        raise UnknownError(f"patient {item.patient} has no event '{event.name}' like that.")
    change.open("edit", item.patient, f"event {item.name} removed")
    ending = Ended(connection, change)
    for statement_id in found:
        ending.statement(statement_id)
    refresh(connection, change, item.patient, derive, why="derive")


def _event(event: Event) -> Statement:
    if not event.patient:
        raise InputError(f"the event '{event.name}' names no patient.")
    return statement(event)


def add_override(connection: Connection, change: Change, override: Override, derive: Derive) -> None:
    """Keep a user's decision.

    Raises
    ------
    InputError
        It has no reason, or nobody's name.
    UnknownError
        No such patient.
    """
    if not override.reason.strip() or not override.by.strip():
        raise InputError(
            "a decision needs a reason and a name.", advice="Give --reason, and MOLTRACK_USER for the name."
        )
    reading.one_patient(connection, override.patient)
    active = reading.overrides(connection, override.patient, active=True)
    if any((o.action, o.target, o.value) == (override.action, override.target, override.value) for o in active):
        raise ConflictError(
            f"'{override.action} {override.target}' is decided already for patient {override.patient}.",
            advice="See 'moltrack marker overrides'.",
        )
    _write_override(connection, change, override, derive)


def revoke_override(
    connection: Connection, change: Change, override: Override, reason: str, by: str, derive: Derive
) -> None:
    """Take a decision back; it stays listed as revoked, with the reason.

    Raises
    ------
    UnknownError
        There is no such decision that still holds.
    """
    table = schema.overrides
    rows = connection.execute(
        select(table.c.override_id, table.c.payload).where(
            table.c.patient == override.patient, table.c.payload == encode(override), reading.holds(table)
        )
    ).all()
    if override.revoked or not rows:
        raise UnknownError(
            f"'{override.action} {override.target}' is not a decision that holds for {override.patient}."
        )
    entry = change.open("override", override.patient, f"{override.action} {override.target} revoked")
    entry.rows.extend(ended(override_digest(row.payload)) for row in rows)
    connection.execute(
        update(table)
        .where(table.c.override_id.in_([row.override_id for row in rows]))
        .values(superseded_by=entry.sequence)
    )
    why = f"{override.reason} (revoked by {by}: {reason})"
    _write_override(connection, change, replace(override, revoked=True, reason=why), derive)


def _write_override(connection: Connection, change: Change, override: Override, derive: Derive) -> None:
    payload = encode(override)
    entry = change.entry_for(override.patient, "override", f"{override.action} {override.target}")
    entry.rows.append(override_digest(payload))
    connection.execute(
        schema.overrides.insert().values(
            patient=override.patient,
            action=override.action.value,
            target=override.target,
            payload=payload,
            since=entry.sequence,
        )
    )
    refresh(connection, change, override.patient, derive, why="derive")


def override_digest(payload: str) -> bytes:
    """The hash of an override's row."""
    return digest("override", payload)


def delete_patient(connection: Connection, change: Change, patient: str, key: str = "") -> str:
    """Erase a patient and everything of it, superseded rows included; returns the digest that is left.

    The digest is HMAC-SHA256 of the patient's id under ``key``, or under a random key that is thrown away: then nobody
    can tell whom it was about.

    Raises
    ------
    UnknownError
        No such patient.
    """
    if not _has_rows(connection, patient):
        raise reading.unknown_patient(connection, patient)
    sources = set()
    for table in (schema.runs, schema.statements):
        query = select(table.c.source_id).where(table.c.patient == patient, table.c.source_id.is_not(None))
        sources |= set(connection.execute(query).scalars())
    runs = select(schema.runs.c.run_id).where(schema.runs.c.patient == patient)
    for table in (schema.calls, schema.coverage):
        connection.execute(delete(table).where(table.c.run_id.in_(runs)))
    for table in (
        schema.runs,
        schema.statements,
        schema.overrides,
        schema.patient_keys,
        schema.patients,
        schema.samples,
        schema.aliases,
        schema.events,
        schema.markers,
        schema.observations,
        schema.history,
    ):
        connection.execute(delete(table).where(table.c.patient == patient))
    _delete_empty_sources(connection, sources)
    log = schema.audit
    erased = sorted(connection.execute(select(log.c.sequence).where(log.c.patient == patient)).scalars())
    connection.execute(
        update(log).where(log.c.patient == patient).values(patient=None, subject=None, source_sha256=None, content=None)
    )
    secret = key.encode() or secrets.token_bytes(32)
    left = hmac.new(secret, patient.encode(), hashlib.sha256).hexdigest()
    change.open("delete", note=dump_json(erased), digest=left)
    return left


def _has_rows(connection: Connection, patient: str) -> bool:
    tables = (schema.runs, schema.statements, schema.patients, schema.overrides)
    return any(
        connection.execute(select(table.c.patient).where(table.c.patient == patient).limit(1)).first()
        for table in tables
    )


def _delete_empty_sources(connection: Connection, sources: set[int]) -> None:
    """Sources that said nothing about anybody else."""
    table = schema.sources
    others = [
        select(other.c.source_id).where(other.c.source_id == table.c.source_id).exists()
        for other in (schema.runs, schema.statements)
    ]
    connection.execute(delete(table).where(table.c.source_id.in_(sources), ~or_(*others)))
