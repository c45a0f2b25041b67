"""Derived tables: one patient's merged description, markers and observations, written anew after each change.

Only rows that differ are touched; what no longer holds moves to ``history``, where ``--as-of`` finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, Table, bindparam, delete, select

from moltrack.errors import ConflictError, StoreError
from moltrack.model import Assay, Event, Normalized, PatientInfo, PatientInput, SampleInfo
from moltrack.store import identity, reading, schema
from moltrack.store.audit import Change, Entry, ended, payload_digests
from moltrack.store.codec import dump_json, encode
from moltrack.store.merge import merge
from moltrack.store.reading import Stored
from moltrack.store.rows import MARKER_KEY, OBSERVATION_KEY, insert_many, marker_row, observation_row, of_patient, plain

Derive: TypeAlias = Callable[[PatientInput], Normalized]
Row: TypeAlias = tuple[Any, ...]
Key: TypeAlias = tuple[str, ...]

#: Tables that are written whole when something in them differs.
DESCRIPTION = (schema.patients, schema.samples, schema.aliases, schema.events)


def refresh(connection: Connection, change: Change, patient: str, derive: Derive, *, why: str) -> tuple[str, ...]:
    """Derive one patient anew; returns the messages that are new.

    ``why`` is the kind of the audit row when none of this transaction is about the patient yet.
    """
    before = derived_rows(connection, patient)
    return write(connection, change, plan(reading.stored(connection, patient), before, derive), why=why)


# --- what there is, and what there should be --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Derived:
    """A patient's derived rows as they are stored: ``markers`` and ``observations`` as key -> (payload, since)."""

    description: tuple[tuple[Row, ...], ...]
    markers: dict[Key, tuple[str, int]]
    observations: dict[Key, tuple[str, int]]


def derived_rows(connection: Connection, patient: str, description: Sequence[Table] = DESCRIPTION) -> Derived:
    """What is derived of a patient so far, with the tables of its ``description`` that are wanted."""
    return Derived(
        tuple(tuple(map(tuple, of_patient(connection, table, patient))) for table in description),
        _stored(connection, schema.markers, MARKER_KEY, patient),
        _stored(connection, schema.observations, OBSERVATION_KEY, patient),
    )


def _stored(connection: Connection, table: Table, key: Key, patient: str) -> dict[Key, tuple[str, int]]:
    rows = of_patient(connection, table, patient, (*key, "payload", "since"))
    return {tuple(row[: len(key)]): (row.payload, row.since) for row in rows}


@dataclass(frozen=True, slots=True)
class Rows:
    """Markers and observations as rows that lack only ``since``, by their keys."""

    markers: dict[Key, Row]
    observations: dict[Key, Row]


def rows_of(patient: str, normalized: Normalized) -> Rows:
    """What the derivation found, as rows.

    Raises
    ------
    StoreError
        It names a marker or an observation twice.
    """
    markers = {row[: len(MARKER_KEY)]: row for row in (marker_row(patient, item) for item in normalized.markers)}
    observations = {row[: len(OBSERVATION_KEY)]: row for row in map(observation_row, normalized.observations)}
    if len(markers) < len(normalized.markers) or len(observations) < len(normalized.observations):
        raise StoreError(f"the derivation names a marker or an observation of patient {patient} twice.")
    return Rows(markers, observations)


@dataclass(frozen=True, slots=True)
class TableChange:
    """What a change does to ``markers`` or ``observations``.

    ``gone`` are (key, payload, since) that go to the history, ``new`` rows that lack ``since``, ``digests`` the hashes of
    both for the audit.
    """

    table: Table
    key: Key
    kind: str
    gone: list[tuple[Key, str, int]]
    new: list[Row]
    digests: list[bytes]


def compare(patient: str, before: Derived, wanted: Rows) -> tuple[TableChange, ...]:
    """What has to be done so that the stored rows are the wanted ones; nothing for those that are the same."""
    return (
        _compare(patient, schema.markers, MARKER_KEY, "marker", before.markers, wanted.markers),
        _compare(
            patient, schema.observations, OBSERVATION_KEY, "observation", before.observations, wanted.observations
        ),
    )


def _compare(
    patient: str,
    table: Table,
    key: Key,
    kind: str,
    before: dict[Key, tuple[str, int]],
    wanted: dict[Key, Row],
) -> TableChange:
    gone = [
        (name, payload, since)
        for name, (payload, since) in before.items()
        if name not in wanted or wanted[name][-1] != payload
    ]
    if before:
        new = [row for name, row in wanted.items() if name not in before or before[name][0] != row[-1]]
    else:
        new = list(wanted.values())
    digests = list(map(ended, payload_digests(kind, patient, (payload for _, payload, _ in gone))))
    digests += payload_digests(kind, patient, (row[-1] for row in new))
    return TableChange(table, key, kind, gone, new, digests)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that deriving a patient anew changes, worked out before anything is written.

    ``description`` holds the tables that differ with their rows; ``samples`` are those whose names must be the
    patient's alone; ``messages`` are new for the user.
    """

    patient: str
    samples: tuple[SampleInfo, ...]
    description: tuple[tuple[Table, tuple[Row, ...]], ...]
    changes: tuple[TableChange, ...]
    messages: tuple[str, ...]


def plan(stored: Stored, before: Derived, derive: Derive) -> Plan:
    """Derive a patient from what was stated and compare with what is there; touches no database.

    Raises
    ------
    ConflictError
        Two statements cannot both hold, or two runs have become one.
    """
    patient = stored.patient
    inputs = stored.inputs()
    if inputs is None:
        nothing = Rows({}, {})
        gone = tuple((table, ()) for table, rows in zip(DESCRIPTION, before.description, strict=True) if rows)
        return Plan(patient, (), gone, compare(patient, before, nothing), ())
    _refuse_same_run_twice(inputs)
    normalized = derive(inputs)
    messages = (*normalized.messages, *identity.remarks_of(inputs))
    description = tuple(
        (table, rows)
        for table, rows, old in zip(DESCRIPTION, _description(inputs, messages), before.description, strict=True)
        if set(rows) != set(old)
    )
    changes = compare(patient, before, rows_of(patient, normalized))
    known = reading.messages_of(before.description[0])
    return Plan(
        patient, inputs.samples, description, changes, tuple(message for message in messages if message not in known)
    )


# --- writing ----------------------------------------------------------------------------------------------------------


def write(connection: Connection, change: Change, planned: Plan, *, why: str) -> tuple[str, ...]:
    """Carry out a plan; returns its messages. ``why``: see :func:`refresh`.

    Raises
    ------
    ConflictError
        A name of a sample is another patient's.
    """
    patient = planned.patient
    _refuse_shared_aliases(connection, patient, planned.samples)
    for table, rows in planned.description:
        connection.execute(delete(table).where(table.c.patient == patient))
        insert_many(connection, table, rows)
    entry = change.entry_for(patient, why)
    write_changes(connection, entry, patient, planned.changes)
    change.discard_if_empty(entry)
    return planned.messages


def write_changes(connection: Connection, entry: Entry, patient: str, changes: Iterable[TableChange]) -> None:
    """Move rows that no longer hold to the history and insert the new ones."""
    since = (entry.sequence,)
    for item in changes:
        if item.gone:
            # Bound names must differ from the columns' own.
            condition = [item.table.c[name] == bindparam(f"b_{name}") for name in item.key]
            connection.execute(
                delete(item.table).where(*condition),
                [{f"b_{name}": part for name, part in zip(item.key, key, strict=True)} for key, _, _ in item.gone],
            )
            insert_many(
                connection,
                schema.history,
                ((patient, item.kind, payload, old, entry.sequence) for _, payload, old in item.gone),
                columns=("patient", "kind", "payload", "since", "superseded_by"),
            )
        insert_many(connection, item.table, (row + since for row in item.new))
        entry.rows.extend(item.digests)


# --- merged descriptions ----------------------------------------------------------------------------------------------


def _description(inputs: PatientInput, messages: Sequence[str]) -> tuple[tuple[Row, ...], ...]:
    """The rows of each table of :data:`DESCRIPTION`."""
    patient = inputs.patient.patient
    return (
        (patient_row(inputs.patient, messages),),
        tuple(map(sample_row, inputs.samples)),
        tuple((alias, patient, sample.sample) for sample in inputs.samples for alias in sample.aliases),
        tuple(event_row(patient, number, event) for number, event in enumerate(inputs.events, start=1)),
    )


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
    statements = reading.stated(connection, "")
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
    if not names:
        return
    table = schema.aliases
    for row in connection.execute(select(table).where(table.c.alias.in_(names), table.c.patient != patient)):
        raise ConflictError(
            f"'{row.alias}' is an alias of sample '{row.sample}' of patient {row.patient}, not of patient {patient}.",
            advice="Correct the patient or the alias.",
        )
    if not aliases:
        return
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
