"""Derived tables: one patient's merged description, markers and observations, written anew after each change.

Only rows that differ are touched; what no longer holds moves to ``history``, where ``--as-of`` finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from sqlalchemy import Connection, Table, bindparam, delete, select

from moltrack.errors import ConflictError, StoreError
from moltrack.model import Assay, Event, Normalized, PatientInfo, PatientInput, SampleInfo
from moltrack.store import identity, reading, schema
from moltrack.store.audit import Change, Entry, digest, ended
from moltrack.store.codec import dump_json, encode
from moltrack.store.merge import merge
from moltrack.store.rows import (
    OBSERVATION_KEY,
    insert_many,
    marker_row,
    observation_key,
    observation_row,
    plain,
)

Derive: TypeAlias = Callable[[PatientInput], Normalized]


def refresh(connection: Connection, change: Change, patient: str, derive: Derive, *, why: str) -> tuple[str, ...]:
    """Derive one patient anew; returns the messages that are new.

    ``why`` is the kind of the audit row when none of this transaction is about the patient yet.
    """
    inputs = reading.inputs(connection, patient)
    before = set(reading.messages(connection, patient))
    normalized = Normalized()
    if inputs is None:
        _clear_description(connection, patient)
    else:
        _refuse_shared_aliases(connection, patient, inputs.samples)
        _refuse_same_run_twice(inputs)
        normalized = derive(inputs)
        _clear_description(connection, patient)
        remarks = identity.within(identity.genotypes(inputs))
        normalized = replace(normalized, messages=(*normalized.messages, *remarks))
        _write_description(connection, inputs, normalized)
    entry = change.entry_for(patient, why)
    write_normalized(connection, entry, patient, normalized)
    change.discard_if_empty(entry)
    return tuple(message for message in normalized.messages if message not in before)


def write_normalized(connection: Connection, entry: Entry, patient: str, normalized: Normalized) -> None:
    """Make the patient's markers and observations these: twice is the same as once."""
    markers = {(patient, plain(marker.id)): (marker, encode(marker)) for marker in normalized.markers}
    observations = {observation_key(item): (item, encode(item)) for item in normalized.observations}
    if len(markers) < len(normalized.markers) or len(observations) < len(normalized.observations):
        raise StoreError(f"the derivation names a marker or an observation of patient {patient} twice.")
    since = entry.sequence
    new = _supersede(connection, entry, schema.markers, ("patient", "marker"), "marker", patient, markers)
    insert_many(connection, schema.markers, (marker_row(patient, *markers[key], since) for key in sorted(new)))
    new = _supersede(connection, entry, schema.observations, OBSERVATION_KEY, "observation", patient, observations)
    insert_many(connection, schema.observations, (observation_row(*observations[key], since) for key in sorted(new)))


def _supersede(
    connection: Connection,
    entry: Entry,
    table: Table,
    key_columns: Sequence[str],
    kind: str,
    patient: str,
    wanted: dict[Any, tuple[Any, str]],
) -> list[Any]:
    """Move rows that no longer hold to the history; returns the keys that have to be inserted."""
    columns = [table.c[name] for name in key_columns]
    rows = connection.execute(select(*columns, table.c.payload, table.c.since).where(table.c.patient == patient))
    kept, gone = set(), []
    for *key, payload, since in rows:
        known = wanted.get(tuple(key))
        if known is not None and known[1] == payload:
            kept.add(tuple(key))
        else:
            gone.append((tuple(key), payload, since))
    if gone:
        # Bound names must differ from the columns' own.
        condition = [table.c[name] == bindparam(f"b_{name}") for name in key_columns]
        connection.execute(
            delete(table).where(*condition),
            [{f"b_{name}": part for name, part in zip(key_columns, key, strict=True)} for key, _, _ in gone],
        )
        insert_many(
            connection,
            schema.history,
            ((patient, kind, payload, since, entry.sequence) for _, payload, since in gone),
            columns=("patient", "kind", "payload", "since", "superseded_by"),
        )
        entry.rows.extend(ended(digest(kind, patient, payload)) for _, payload, _ in gone)
    new = [key for key in wanted if key not in kept] if kept else list(wanted)
    entry.rows.extend(digest(kind, patient, wanted[key][1]) for key in new)
    return new


# --- merged descriptions ----------------------------------------------------------------------------------------------


def _clear_description(connection: Connection, patient: str) -> None:
    for table in (schema.patients, schema.samples, schema.aliases, schema.events):
        connection.execute(delete(table).where(table.c.patient == patient))


def _write_description(connection: Connection, inputs: PatientInput, normalized: Normalized) -> None:
    patient = inputs.patient.patient
    aliases = [(alias, patient, sample.sample) for sample in inputs.samples for alias in sample.aliases]
    for table, rows in (
        (schema.patients, [patient_row(inputs.patient, normalized.messages)]),
        (schema.samples, [sample_row(sample) for sample in inputs.samples]),
        (schema.aliases, aliases),
        (schema.events, [event_row(patient, number, event) for number, event in enumerate(inputs.events, start=1)]),
    ):
        insert_many(connection, table, rows)


def patient_row(info: PatientInfo, messages: Sequence[str]) -> tuple[Any, ...]:
    """A row of ``patients``; ``folded`` is the id without regard to capitals."""
    folded = info.patient.casefold()
    return info.patient, folded, plain(info.sex), info.age, plain(info.diagnosis), dump_json(messages), encode(info)


def sample_row(info: SampleInfo) -> tuple[Any, ...]:
    """A row of ``samples``."""
    phase = str(info.phase or "")
    return info.patient, info.sample, str(info.time), info.tissue.value, phase, plain(info.label), encode(info)


def event_row(patient: str, number: int, event: Event) -> tuple[Any, ...]:
    """A row of ``events``."""
    end = str(event.end) if event.end else ""
    return patient, number, event.type.value, plain(event.name), str(event.start), end, encode(event)


def assay_row(assay: Assay) -> tuple[Any, ...]:
    """A row of ``assays``."""
    return assay.id, assay.technique.value, assay.same_as, encode(assay)


def refresh_assays(connection: Connection, names: Sequence[str]) -> set[str]:
    """Write merged assays anew; returns the patients whose runs are read through them."""
    statements = reading.stated(connection, "", "assay")
    touched = set(names)
    for name in names:
        connection.execute(delete(schema.assays).where(schema.assays.c.assay == name))
        of_name = [item for item in statements if item.record.id == name]
        if of_name:
            insert_many(connection, schema.assays, [assay_row(merge(of_name))])
    joined = reading.all_assays(connection)
    while more := {assay.id for assay in joined if assay.same_as in touched} - touched:
        touched |= more
    runs = schema.runs
    query = select(runs.c.patient).where(runs.c.assay.in_(touched), reading.holds(runs)).distinct()
    return set(connection.execute(query).scalars())


def _refuse_shared_aliases(connection: Connection, patient: str, samples: Sequence[SampleInfo]) -> None:
    """An alias is one sample's alone, in the whole database; another patient's sample may not bear it either."""
    aliases = {alias: info.sample for info in samples for alias in info.aliases}
    names = set(aliases) | {info.sample for info in samples}
    table = schema.aliases
    for row in connection.execute(select(table).where(table.c.alias.in_(names), table.c.patient != patient)):
        raise ConflictError(
            f"'{row.alias}' is an alias of sample '{row.sample}' of patient {row.patient}, not of patient {patient}.",
            advice="Correct the patient or the alias.",
        )
    other = schema.samples
    for row in connection.execute(select(other).where(other.c.sample.in_(set(aliases)), other.c.patient != patient)):
        raise ConflictError(
            f"'{row.sample}' is a sample of patient {row.patient} and cannot be an alias of sample "
            f"'{aliases[row.sample]}' of patient {patient}.",
            advice="Correct the patient or the alias.",
        )


def _refuse_same_run_twice(inputs: PatientInput) -> None:
    """Two runs that became one by an alias."""
    seen: dict[tuple[str, str, str], str] = {}
    for item in inputs.runs:
        run = item.run
        key = (run.sample, run.assay, run.part)
        if key in seen:
            raise ConflictError(
                f"{run.assay} of sample '{run.sample}' of patient {run.patient} was read from {seen[key]} and, under an "
                f"alias of the sample, from {run.file}.",
                advice="Tell the files apart with --part, or supersede one with --replace.",
            )
        seen[key] = run.file
