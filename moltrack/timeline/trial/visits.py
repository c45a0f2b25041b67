"""Which sample was taken for each planned visit, and what could be evaluated of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from moltrack.analysis.trial import STATES, OffSchedule, VisitMatch, evaluability, map_visits, why_missing
from moltrack.model import Observation
from moltrack.timeline.patient import Timeline
from moltrack.timeline.trial.schedule import Schedule
from moltrack.timeline.trial.selection import is_named
from moltrack.timeline.trial.subjects import Subject, TrialTable, notes_of


def visits_table(found: Sequence[Subject], schedule: Schedule) -> TrialTable:
    """One row per patient and planned visit, then one per sample that no visit took.

    Raises
    ------
    FormatError
        The schedule expects a test that is neither a technique nor a gene, a lesion, or a marker of any patient.
    """
    check_tests(found, schedule)
    rows = [row for subject in found for row in _visit_rows(subject, schedule)]
    columns = VISIT_COLUMNS | {
        f"test {test}": "evaluable, not evaluable, not tested, missing or not due; empty = not expected at this visit"
        for test in schedule.tests
    }
    return TrialTable("visits", columns, tuple(rows), notes=(*_counts(rows, schedule), *notes_of(found)))


VISIT_COLUMNS: dict[str, str] = {
    "patient": "patient id",
    "visit": "visit of the schedule; empty for a sample that no visit took",
    "visit_number": "place of the visit in the schedule, from 1",
    "planned_day": "planned day from day 0",
    "window_first": "first day of the window",
    "window_last": "last day of the window",
    "tissue": "tissue that the visit asks for; of an unscheduled sample its own",
    "sample": "sample taken for the visit; with window 'out' the nearest one outside",
    "day": "day of the sample from day 0",
    "deviation": "day - planned day",
    "window": "in, out (there is a sample, but outside), none (there is no sample), unscheduled",
    "others": "further samples in the window, ';'-joined",
    "reason": "why a test is not evaluable, and what is remarkable of the sample",
}


def _counts(rows: Sequence[dict[str, Any]], schedule: Schedule) -> list[str]:
    """How many patients are evaluable, not tested, missing ... of each test at each visit, as sentences."""
    said = []
    for visit in schedule.visits:
        own = [row for row in rows if row.get("visit") == visit.name and row["tissue"] == str(visit.tissue or "")]
        for test in visit.tests:
            states = [row.get(f"test {test}") for row in own]
            counts = ", ".join(f"{states.count(state)} {state}" for state in STATES if state in states)
            said.append(f"{visit.name}, {test}: of {len(own)} patients {counts or 'none is seen'}")
    return said


def _visit_rows(subject: Subject, schedule: Schedule) -> list[dict[str, Any]]:
    matches, off = map_visits(subject.line.axis, schedule.visits) if not subject.problem else ((), ())
    rows = [_visit_row(subject, schedule, match, off) for match in matches]
    shown = {row["sample"] for row in rows}
    rows += [
        {
            "patient": subject.patient,
            "tissue": str(item.sample.info.tissue),
            "sample": item.sample.info.sample,
            "day": item.sample.day,
            "deviation": item.deviation,
            "window": "unscheduled",
            "reason": f"sample {item.sample.info.sample} {item.reason}",
        }
        for item in off
        if item.sample.info.sample not in shown
    ]
    return rows or [{"patient": subject.patient, "window": "none", "reason": subject.problem or "no sample"}]


def _visit_row(subject: Subject, schedule: Schedule, match: VisitMatch, off: Sequence[OffSchedule]) -> dict[str, Any]:
    visit, axis = match.visit, subject.line.axis
    # A sample from before treatment is none for a visit after it, however near.
    outside = [item for item in off if item.nearest is visit and ((item.sample.day or 0) > 0) == (visit.day > 0)]
    near = min(outside, key=lambda item: abs(item.deviation or 0.0), default=None) if match.sample is None else None
    placed = match.sample or (near.sample if near is not None else None)
    states = [
        evaluability(match, test, answers_of(subject.line, test), axis, lock=subject.lock_day) for test in visit.tests
    ]
    reasons = dict.fromkeys(
        f"{item.test}: {item.reason}" for item in states if item.reason and match.sample is not None
    )
    if match.sample is None:
        is_open = subject.lock_day is not None and visit.last > subject.lock_day
        reasons = {
            f"sample {near.sample.info.sample} {near.reason}" if near else why_missing(visit, axis, is_open): None
        }
    return {
        "patient": subject.patient,
        "visit": visit.name,
        "visit_number": schedule.number(visit),
        "planned_day": visit.day,
        "window_first": visit.first,
        "window_last": visit.last,
        "tissue": str(visit.tissue or ""),
        "sample": placed.info.sample if placed is not None else "",
        "day": placed.day if placed is not None else None,
        "deviation": match.deviation if near is None else near.deviation,
        "window": "in" if match.sample is not None else "out" if near is not None else "none",
        "others": ";".join(item.info.sample for item in match.others),
        "reason": "; ".join(reasons),
        **{f"test {item.test}": item.state for item in states},
    }


def answers_of(line: Timeline, test: str) -> list[Observation]:
    """Observations that a test of a schedule is answered by: those of a technique, or of the markers of a name."""
    from moltrack.formats.clinical.cells import technique_named

    technique = technique_named(test)
    if technique is not None:
        followed = {marker.id for marker in line.records.markers if marker.tracked}
        return [o for o in line.records.observations if o.technique is technique and o.marker in followed]
    named = {marker.id for marker in line.records.markers if is_named(marker, test)}
    return [item for item in line.records.observations if item.marker in named]


def check_tests(found: Sequence[Subject], schedule: Schedule) -> None:
    """Refuse a test that cannot be meant: neither a technique nor a gene, a lesion, or a marker of any patient."""
    from moltrack import resources
    from moltrack.formats.clinical.cells import technique_named

    for test in schedule.tests:
        known = technique_named(test) is not None or resources.gene_symbol(test) or test in resources.lesions()
        if not known and not any(is_named(m, test) for subject in found for m in subject.line.records.markers):
            raise schedule.error(test, f"expects '{test}', which is neither a technique nor a marker of any patient.")
