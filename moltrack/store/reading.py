"""Reading what the store holds: one patient at a time, now or as it stood after an earlier change."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select

from moltrack.errors import ConflictError, UnknownError
from moltrack.model import (
    Assay,
    Call,
    Coverage,
    Event,
    Marker,
    Observation,
    Override,
    PatientInfo,
    PatientInput,
    PatientRecords,
    Run,
    RunRecords,
    SampleInfo,
)
from moltrack.store import schema
from moltrack.store.codec import decode
from moltrack.store.merge import Stated, merge, merge_events
from moltrack.store.rows import observation_key

#: Statement kind -> the record it holds.
KINDS: dict[str, Any] = {"patient": PatientInfo, "sample": SampleInfo, "event": Event, "assay": Assay}


def holds(table: Table, at: int | None = None) -> ColumnElement[bool]:
    """The condition that a row holds now, or held after the change with that sequence number."""
    if at is None:
        return table.c.superseded_by.is_(None)
    return and_(table.c.since <= at, or_(table.c.superseded_by.is_(None), table.c.superseded_by > at))


# --- what was stated --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stored:
    """All that holds of one patient as it was stated, with the assays of the whole store.

    ``runs`` are in the order of sample, assay and part, their samples named as in the files.
    """

    patient: str
    stated: tuple[Stated[Any], ...] = ()
    runs: tuple[RunRecords, ...] = ()
    overrides: tuple[Override, ...] = ()
    assays: tuple[Assay, ...] = ()

    def inputs(self) -> PatientInput | None:
        """What the derivation reads, runs in the order of sample, assay and part; None = nothing is stated."""
        found = described(self.patient, self.stated, [item.run for item in self.runs])
        if found is None:
            return None
        info, samples, events = found
        names = sample_names(samples)
        records = [
            replace(item, run=replace(item.run, sample=names[item.run.sample])) if item.run.sample in names else item
            for item in self.runs
        ]
        records.sort(key=lambda item: _place(item.run))
        assays = used_assays(self.assays, (item.run for item in records))
        return PatientInput(info, samples, events, assays, tuple(records), self.overrides)


def stored(connection: Connection, patient: str, at: int | None = None) -> Stored:
    """What holds of one patient now, or after the change with that sequence number."""
    runs = current_runs(connection, patient, at)
    calls = _printed(connection, schema.calls, patient, at) if runs else {}
    coverage = _printed(connection, schema.coverage, patient, at) if runs else {}
    records = tuple(
        RunRecords(
            run,
            tuple(decode(payload, Call) for payload in calls.get(run_id, ())),
            tuple(decode(payload, Coverage) for payload in coverage.get(run_id, ())),
        )
        for run_id, run in runs.items()
    )
    return Stored(
        patient,
        stated(connection, patient, at),
        records,
        overrides(connection, patient, at, active=True),
        all_assays(connection),
    )


def stated(connection: Connection, patient: str, at: int | None = None) -> tuple[Stated[Any], ...]:
    """The statements about one patient (about assays: patient "") in the order they were made."""
    table = schema.statements
    rows = connection.execute(
        select(table.c.kind, table.c.payload, schema.sources.c.name)
        .join_from(table, schema.sources, table.c.source_id == schema.sources.c.source_id, isouter=True)
        .where(table.c.patient == patient, holds(table, at))
        .order_by(table.c.statement_id)
    )
    return tuple(Stated(decode(row.payload, KINDS[row.kind]), row.name or "set by hand") for row in rows)


def current_runs(connection: Connection, patient: str, at: int | None = None) -> dict[int, Run]:
    """A patient's runs by their number in the database, in the order of sample, assay and part."""
    table = schema.runs
    query = select(table.c.run_id, table.c.payload).where(table.c.patient == patient, holds(table, at))
    found = [(row.run_id, decode(row.payload, Run)) for row in connection.execute(query)]
    return dict(sorted(found, key=lambda item: (*_place(item[1]), item[0])))


def _place(run: Run) -> tuple[str, str, str]:
    return run.sample, run.assay, run.part


def described(
    patient: str, statements: Iterable[Stated[Any]], runs: Iterable[Run]
) -> tuple[PatientInfo, tuple[SampleInfo, ...], tuple[Event, ...]] | None:
    """Patient, samples and events merged from all statements and runs; None when nothing holds.

    A sample that is named by the alias of another is that other one.
    """
    patients, samples, events = [], [], []
    for item in statements:
        if isinstance(item.record, PatientInfo):
            patients.append(item)
        elif isinstance(item.record, SampleInfo):
            samples.append(item)
        else:
            events.append(item.record)
    samples += [Stated(SampleInfo(patient, run.sample), run.file) for run in runs]
    if not (patients or samples or events):
        return None
    names = sample_names(item.record for item in samples)
    groups: dict[str, list[Stated[SampleInfo]]] = {}
    for item in samples:
        name = names.get(item.record.sample, item.record.sample)
        groups.setdefault(name, []).append(Stated(replace(item.record, sample=name), item.origin))
    return (
        merge([*patients, Stated(PatientInfo(patient), "")]),
        tuple(merge(groups[name]) for name in sorted(groups)),
        merge_events(events),
    )


def sample_names(samples: Iterable[SampleInfo]) -> dict[str, str]:
    """Alias -> sample, of one patient.

    Raises
    ------
    ConflictError
        Two samples claim the same alias.
    """
    names: dict[str, str] = {}
    for info in sorted(samples, key=lambda info: info.sample):
        for alias in info.aliases:
            if names.setdefault(alias, info.sample) != info.sample:
                raise ConflictError(
                    f"the alias '{alias}' is claimed by the samples {names[alias]} and {info.sample} of patient {info.patient}."
                )
    return {alias: name for alias, name in names.items() if alias != name}


def all_assays(connection: Connection) -> tuple[Assay, ...]:
    """The assays of the store, by id."""
    table = schema.assays
    rows = connection.execute(select(table.c.payload)).scalars()
    return tuple(sorted((decode(payload, Assay) for payload in rows), key=lambda assay: assay.id))


def used_assays(assays: Iterable[Assay], runs: Iterable[Run]) -> tuple[Assay, ...]:
    """The assays that runs name, with those they are joined to."""
    known = {assay.id: assay for assay in assays}
    wanted: set[str] = set()
    waiting = [run.assay for run in runs]
    while waiting:
        name = waiting.pop()
        if name in known and name not in wanted:
            wanted.add(name)
            waiting.append(known[name].same_as)
    return tuple(known[name] for name in sorted(wanted))


def overrides(
    connection: Connection, patient: str, at: int | None = None, *, active: bool = False
) -> tuple[Override, ...]:
    """A user's decisions in the order they were made; ``active`` leaves out the revoked ones."""
    table = schema.overrides
    query = select(table.c.payload).where(table.c.patient == patient, holds(table, at)).order_by(table.c.override_id)
    found = (decode(payload, Override) for payload in connection.execute(query).scalars())
    return tuple(override for override in found if not (active and override.revoked))


def _printed(connection: Connection, table: Table, patient: str, at: int | None) -> dict[int, list[str]]:
    """Run -> payloads of its rows in the order of the file."""
    runs = schema.runs
    query = (
        select(table.c.run_id, table.c.payload)
        .join_from(runs, table, runs.c.run_id == table.c.run_id)
        .where(runs.c.patient == patient, holds(runs, at))
        .order_by(table.c.run_id, table.c.number)
    )
    found: dict[int, list[str]] = {}
    for run_id, payload in connection.execute(query):
        found.setdefault(run_id, []).append(payload)
    return found


# --- what was derived -------------------------------------------------------------------------------------------------


def records(connection: Connection, patient: str, at: int | None = None) -> PatientRecords:
    """Everything known of one patient; with ``at`` as it was shown after that change.

    Raises
    ------
    UnknownError
        No such patient, or none yet at that time.
    """
    runs = tuple(current_runs(connection, patient, at).values())
    found = described(patient, stated(connection, patient, at), runs)
    if found is None:
        raise unknown_patient(connection, patient, at)
    info, samples, events = found
    markers = [decode(text, Marker) for text in _derived(connection, schema.markers, "marker", patient, at)]
    observations = [
        decode(text, Observation) for text in _derived(connection, schema.observations, "observation", patient, at)
    ]
    return PatientRecords(
        info,
        samples,
        events,
        tuple(sorted(markers, key=lambda marker: marker.id)),
        tuple(sorted(observations, key=observation_key)),
        overrides(connection, patient, at),
        used_assays(all_assays(connection), runs),
        runs,
        messages(connection, patient) if at is None else (),
    )


def _derived(connection: Connection, table: Table, kind: str, patient: str, at: int | None) -> list[str]:
    query = select(table.c.payload).where(table.c.patient == patient)
    if at is None:
        return list(connection.execute(query).scalars())
    past = schema.history
    earlier = select(past.c.payload).where(past.c.patient == patient, past.c.kind == kind, holds(past, at))
    return [
        *connection.execute(query.where(table.c.since <= at)).scalars(),
        *connection.execute(earlier).scalars(),
    ]


def messages(connection: Connection, patient: str) -> tuple[str, ...]:
    """What the derivation had to say about the patient."""
    return messages_of(connection.execute(select(schema.patients).where(schema.patients.c.patient == patient)).all())


def messages_of(rows: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    """The messages in the patient's row of ``patients``, if there is one."""
    place = schema.patients.columns.keys().index("messages")
    return tuple(json.loads(rows[0][place])) if rows else ()


def patient_names(connection: Connection) -> list[str]:
    """All patients, sorted."""
    return sorted(connection.execute(select(schema.patients.c.patient)).scalars())


def all_patients(connection: Connection) -> list[PatientInfo]:
    """All patients by id."""
    rows = connection.execute(select(schema.patients.c.payload)).scalars()
    return sorted((decode(payload, PatientInfo) for payload in rows), key=lambda info: info.patient)


def one_patient(connection: Connection, patient: str) -> PatientInfo:
    """One patient.

    Raises
    ------
    UnknownError
        No such patient; the message lists near names.
    """
    query = select(schema.patients.c.payload).where(schema.patients.c.patient == patient)
    payload = connection.execute(query).scalar_one_or_none()
    if payload is None:
        raise unknown_patient(connection, patient)
    return decode(payload, PatientInfo)


def described_rows(connection: Connection, table: Table, patient: str, cls: type[Any]) -> list[Any]:
    """Merged records of one patient from the table ``samples`` or ``events``, in their order."""
    order: Sequence[Any] = list(table.primary_key.columns)
    query = select(table.c.payload, order[-1].label("place")).where(table.c.patient == patient)
    rows = sorted(connection.execute(query), key=lambda row: row.place)
    return [decode(row.payload, cls) for row in rows]


def unknown_patient(connection: Connection, patient: str, at: int | None = None) -> UnknownError:
    """The failure that names patients whose id is near."""
    names = patient_names(connection)
    if at is not None and patient in names:
        return UnknownError(f"patient '{patient}' was not in the database at that time.")
    near = difflib.get_close_matches(patient, names, n=3, cutoff=0.5)
    folded = [name for name in names if name.casefold() == patient.casefold()]
    if not names:
        advice = "The database holds no patient yet; see 'moltrack ingest --help'."
    elif near or folded:
        advice = f"Did you mean {' or '.join(dict.fromkeys([*folded, *near]))}?"
    else:
        advice = "See 'moltrack patient list'."
    return UnknownError(f"patient '{patient}' is not in the database.", advice=advice)
