"""The times of a patient to MRD negativity, clearance, relapse and death."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from moltrack.analysis.trial import (
    MRD_RANK,
    Moment,
    MrdAssessment,
    Outcome,
    last_contact,
    time_to,
    time_to_clearance,
    time_to_molecular_relapse,
    time_to_mrd_negativity,
)
from moltrack.model import EventType, PlacedEvent, PlacedSample, Verdict
from moltrack.timeline.patient import Timeline
from moltrack.timeline.trial.selection import Selection, mrd_series


def mrd_assessments(line: Timeline) -> tuple[MrdAssessment, ...]:
    """The MRD statuses of a patient, by sample, target and method; what could not be assessed is left out."""
    found = []
    for verdict in line.mrd:
        status = next((name for name in MRD_RANK if verdict.category and verdict.category.startswith(name)), "")
        if status:
            placed = line.samples[verdict.sample]
            by = f"{verdict.target} by {verdict.method}"
            found.append(MrdAssessment(verdict.sample, placed.order, placed.day, status, by, verdict.category or ""))
    return tuple(found)


def outcomes(line: Timeline, selection: Selection = Selection()) -> dict[str, Outcome]:
    """The times of :data:`TIMES` of one patient."""
    patient, axis = line.records.patient.patient, line.axis
    assessments = mrd_assessments(line)
    first = remission(line)
    relapsed = relapses(line)
    last = last_contact(axis)
    relapse_unplaced = _unplaced(line, EventType.RELAPSE)
    death_unplaced = _unplaced(line, EventType.DEATH)
    after = [moment.day for moment in relapsed if first is None or moment.day >= first.day]
    negativity = time_to_mrd_negativity(assessments, axis, patient)
    if negativity.days is None and not assessments:
        negativity = replace(negativity, reason=no_mrd(line))
    no_day0 = "" if axis.anchor else "day 0 is not known"
    start = Moment(0.0, axis.anchor) if axis.anchor else None
    return {
        "mrd_negativity": negativity,
        "clearance": time_to_clearance(mrd_series(line, selection), axis, patient),
        "molecular_relapse": time_to_molecular_relapse(assessments, axis, patient, until=min(after, default=None)),
        "relapse": time_to("relapse", patient, first, relapsed, last, unplaced=relapse_unplaced, missing=NO_REMISSION),
        "rfs": relapse_free_survival(line),
        "os": time_to(
            "os", patient, start, _recorded(line, EventType.DEATH), last, unplaced=death_unplaced, missing=no_day0
        ),
    }


NO_REMISSION = "no CR, CRh or CRi with a day is recorded or can be computed"


def relapse_free_survival(line: Timeline) -> Outcome:
    """From the first remission to hematologic relapse or death; see the definitions."""
    events = [*relapses(line), *_recorded(line, EventType.DEATH)]
    unplaced = _unplaced(line, EventType.RELAPSE) or _unplaced(line, EventType.DEATH)
    patient = line.records.patient.patient
    return time_to(
        "rfs", patient, remission(line), events, last_contact(line.axis), unplaced=unplaced, missing=NO_REMISSION
    )


#: A recorded relapse that is none of hematology.
_MOLECULAR = re.compile(r"molecular|MRD|molekular", re.IGNORECASE)


def remission(line: Timeline) -> Moment | None:
    """The first CR, CRh or CRi from day 0 on, as recorded, else as computed; day 0 itself when one was reached before and not lost."""
    from moltrack.rules.response.course import is_remission

    recorded = [_moment(e) for e in line.axis.events if is_remission(e.event) and e.day is not None]
    computed = _computed(line, _is_remission)
    before = max((m for m in recorded or computed if m.day < 0), key=lambda moment: moment.day, default=None)
    if before is not None and not any(before.day <= relapse.day < 0 for relapse in relapses(line)):
        return Moment(0.0, f"{line.axis.anchor}, in remission ({before.what})")
    after = [m for m in recorded if m.day >= 0] or [m for m in computed if m.day >= 0]
    return min(after, key=lambda moment: moment.day, default=None)


def _is_remission(verdict: Verdict) -> bool:
    from moltrack.rules.response.criteria import is_remission

    possible = (verdict.category,) if verdict.category else verdict.possible
    return bool(possible) and all(is_remission(category) for category in possible)


def relapses(line: Timeline) -> list[Moment]:
    """Hematologic relapses: as recorded, else as computed."""
    recorded = [moment for moment in _recorded(line, EventType.RELAPSE) if not _MOLECULAR.search(moment.what)]
    return recorded or _computed(line, lambda verdict: verdict.category == "relapse")


def _recorded(line: Timeline, kind: EventType) -> list[Moment]:
    return [_moment(e) for e in line.axis.events if e.event.type is kind and not e.event.planned and e.day is not None]


def _computed(line: Timeline, wanted: Callable[[Verdict], bool]) -> list[Moment]:
    placed = [(verdict, line.samples[verdict.sample]) for verdict in line.responses if wanted(verdict)]
    return [
        Moment(sample.day, f"{verdict.text} computed in sample {verdict.sample}", _inexact(sample, verdict.sample))
        for verdict, sample in placed
        if sample.day is not None
    ]


def _moment(placed: PlacedEvent) -> Moment:
    return Moment(placed.day or 0.0, placed.event.name, _inexact(placed, placed.event.name))


def _inexact(placed: PlacedEvent | PlacedSample, name: str) -> str:
    if placed.day_low == placed.day_high:
        return ""
    time = placed.event.start if isinstance(placed, PlacedEvent) else placed.info.time
    return f"{name} is known only as {time}"


def _unplaced(line: Timeline, kind: EventType) -> str:
    """An event of that type without a day, by name; "" = there is none."""
    events = [e.event.name for e in line.axis.events if e.event.type is kind and e.day is None and not e.event.planned]
    return next((name for name in events if kind is not EventType.RELAPSE or not _MOLECULAR.search(name)), "")


def no_mrd(line: Timeline) -> str:
    """Why a patient has no MRD status."""
    reasons = dict.fromkeys(verdict.reason for verdict in line.mrd if verdict.reason)
    return "; ".join(reasons) or "no sample after the first treatment was tested for MRD"
