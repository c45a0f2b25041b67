"""Patients of a trial up to the data lock, and what all its tables have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from moltrack.analysis.trial import Definition, LogRank
from moltrack.errors import UnknownError
from moltrack.model import Event, PatientInput, PatientRecords, Time
from moltrack.timeline.patient import Timeline

if TYPE_CHECKING:
    import pandas as pd

    from moltrack.store import Store


@dataclass(frozen=True, slots=True)
class TrialTable:
    """A table with what its columns hold, the definitions that it uses, and remarks on single patients.

    ``log_rank`` is the test between the groups of a survival table.
    """

    name: str
    columns: Mapping[str, str]
    rows: tuple[Mapping[str, Any], ...]
    definitions: tuple[Definition, ...] = ()
    notes: tuple[str, ...] = ()
    log_rank: LogRank | None = None

    def frame(self) -> pd.DataFrame:
        """The rows with all columns, an empty cell where a row has none."""
        import pandas as pd

        return pd.DataFrame(
            [{name: row.get(name) for name in self.columns} for row in self.rows], columns=[*self.columns]
        )


@dataclass(frozen=True, slots=True)
class Subject:
    """A patient as far as the data lock allows to see; ``problem`` says why nothing can be counted."""

    patient: str
    line: Timeline
    lock_day: float | None = None
    notes: tuple[str, ...] = ()
    problem: str = ""


def subjects(store: Store, *, lock: date | None = None, since: str = "") -> tuple[Subject, ...]:
    """All patients of the store, in the order of their ids, up to the data lock.

    Parameters
    ----------
    lock
        Last day whose data are used; None = all data.
    since
        Event that days count from; "" = each patient's day 0.

    Raises
    ------
    UnknownError
        The store holds no patient, or none has the event ``since``.
    """
    names = sorted(info.patient for info in store.patients())
    if not names:
        raise UnknownError("the database holds no patient.")
    found = tuple(_subject(store, name, lock, since) for name in names)
    if since and all(item.problem for item in found):
        raise UnknownError(f"no patient has an event '{since}' whose day is known.")
    return found


def _subject(store: Store, patient: str, lock: date | None, since: str) -> Subject:
    records, notes = (
        (store.patient_records(patient), ()) if lock is None else records_until(store.inputs(patient), lock)
    )
    line = Timeline(records, since=since)
    problem = ""
    if since and not any(event.name == since for event in records.events):
        problem = f"has no event '{since}'" + (" up to the data lock" if lock else "")
        line = Timeline(records)
    elif since and line.axis.anchor != since:
        problem = f"the day of '{since}' is not known"
    elif not records.samples and not records.events:
        problem = "nothing is known" + (" up to the data lock" if lock else "")
    day0 = line.axis.day0
    lock_day = float((lock - day0).days) if lock is not None and day0 is not None else None
    return Subject(patient, line, lock_day, notes, problem)


def records_until(inputs: PatientInput, lock: date) -> tuple[PatientRecords, tuple[str, ...]]:
    """What was known of a patient at the end of a day, derived from samples and events up to then; and what could not be placed.

    A time that may lie after the lock (a month that the lock falls into, a place in a sequence) is not used.
    """
    from moltrack.analysis.axis import date_ranges
    from moltrack.normalize import normalize

    date_range = date_ranges(inputs)
    notes: list[str] = []

    def is_before(what: str, time: Time) -> bool:
        dates = date_range(time)
        if dates is None or dates[0] <= lock < dates[1]:
            notes.append(f"{what} ({time}) is not known to lie before the data lock and is not used")
        return dates is not None and dates[1] <= lock

    def without_later_end(event: Event) -> Event:
        dates = date_range(event.end) if event.end is not None else None
        return event if dates is not None and dates[1] <= lock else replace(event, end=None)

    samples = tuple(item for item in inputs.samples if is_before(f"sample {item.sample}", item.time))
    events = tuple(without_later_end(item) for item in inputs.events if is_before(item.name, item.start))
    kept = {item.sample for item in samples}
    runs = tuple(run for run in inputs.runs if run.run.sample in kept)
    normalized = normalize(replace(inputs, samples=samples, events=events, runs=runs))
    records = PatientRecords(
        patient=inputs.patient,
        samples=samples,
        events=events,
        markers=normalized.markers,
        observations=normalized.observations,
        overrides=inputs.overrides,
        assays=inputs.assays,
        runs=tuple(run.run for run in runs),
    )
    return records, tuple(notes)


def notes_of(found: Iterable[Subject]) -> tuple[str, ...]:
    """What stands beside a table: whom it leaves out, and what was not used of the others."""
    return tuple(
        f"{subject.patient}: {text}"
        for subject in found
        for text in (*([subject.problem] if subject.problem else []), *subject.notes)
    )
