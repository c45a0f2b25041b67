"""The long form over all patients."""

from __future__ import annotations

from collections.abc import Sequence

from moltrack.analysis.trial import LONG_COLUMNS, Planned, long_form, map_visits, why_missing
from moltrack.timeline.trial.schedule import Schedule
from moltrack.timeline.trial.subjects import Subject, TrialTable, notes_of
from moltrack.timeline.trial.visits import answers_of, check_tests


def long_table(found: Sequence[Subject], schedule: Schedule | None = None) -> TrialTable:
    """One row per patient, visit and series; without a schedule one per result.

    Raises
    ------
    FormatError
        The schedule expects a test that nobody knows.
    """
    if schedule is not None:
        check_tests(found, schedule)
    rows = tuple(
        row
        for subject in found
        if not subject.problem
        for row in long_form(subject.patient, subject.line.axis, _planned(subject, schedule), subject.line.clearances)
    )
    return TrialTable("long", LONG_COLUMNS, rows, notes=notes_of(found))


def _planned(subject: Subject, schedule: Schedule | None) -> list[Planned]:
    axis = subject.line.axis
    if schedule is None:
        return [Planned(str(placed.info.phase or ""), sample=placed) for placed in axis.samples]
    matches, off = map_visits(axis, schedule.visits)
    planned: list[Planned] = []
    for match in matches:
        visit = match.visit
        tests = tuple(
            frozenset((item.marker, item.technique) for item in answers_of(subject.line, test)) for test in visit.tests
        )
        is_open = subject.lock_day is not None and visit.last > subject.lock_day
        if match.sample is None and is_open:
            continue
        planned.append(
            Planned(
                visit.name,
                schedule.number(visit),
                match.sample,
                chosen=True,
                tissue=str(visit.tissue or ""),
                tests=tests,
                reason=why_missing(visit, axis),
            )
        )
        planned += [Planned(visit.name, schedule.number(visit), other) for other in match.others]
    return [*planned, *(Planned("UNSCHEDULED", sample=item.sample) for item in off)]
