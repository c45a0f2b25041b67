"""Tables of a trial: visit windows, what was evaluable, times to MRD negativity and to relapse, Kaplan-Meier curves.

Every definition is stated in the record that uses it; nothing is counted that was not tested.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from moltrack.analysis.clearance import is_bounded
from moltrack.errors import InputError
from moltrack.model import (
    Axis,
    Clearance,
    EventType,
    PatientRecords,
    PlacedEvent,
    PlacedSample,
    Point,
    Reduction,
    Series,
    Status,
    Tissue,
)
from moltrack.quantity import format_level, quantity


@dataclass(frozen=True, slots=True)
class Visit:
    """A planned visit: its day from day 0 and the window around it, in days, both ends included."""

    name: str
    day: float
    before: float = 7
    after: float = 7

    def __post_init__(self) -> None:
        if self.before < 0 or self.after < 0:
            raise InputError(f"the window of visit '{self.name}' has a negative side.")

    def holds(self, day: float) -> bool:
        return self.day - self.before <= day <= self.day + self.after


@dataclass(frozen=True, slots=True)
class VisitMatch:
    """A visit with the sample taken for it; ``deviation`` in days from plan; ``others`` lay in the window as well."""

    visit: Visit
    sample: PlacedSample | None
    deviation: float | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OffSchedule:
    """A sample that no window holds: the nearest visit and how far away it was, or why it has none."""

    sample: PlacedSample
    nearest: str = ""
    deviation: float | None = None
    reason: str = ""


def map_visits(
    axis: Axis, visits: Sequence[Visit], *, tissue: Tissue | None = None
) -> tuple[tuple[VisitMatch, ...], tuple[OffSchedule, ...]]:
    """Samples assigned to visits, and those that belong to none.

    A sample goes to the visit whose planned day is nearest among the windows that hold it; of several samples the one
    nearest to plan is taken, the earlier of two equally near. Samples without a day cannot be assigned.
    """
    samples = [placed for placed in axis.samples if tissue is None or placed.info.tissue is tissue]
    taken: dict[str, list[PlacedSample]] = {visit.name: [] for visit in visits}
    off: list[OffSchedule] = []
    for placed in samples:
        day = placed.day
        if day is None:
            off.append(OffSchedule(placed, reason="the sample cannot be placed in days"))
            continue
        holding = [visit for visit in visits if visit.holds(day)]
        if holding:
            taken[_nearest(holding, day).name].append(placed)
        elif visits:
            nearest = _nearest(visits, day)
            off.append(OffSchedule(placed, nearest.name, day - nearest.day))
        else:
            off.append(OffSchedule(placed, reason="no visits are planned"))
    matches = []
    for visit in visits:
        near = sorted(taken[visit.name], key=lambda p: (abs((p.day or 0) - visit.day), p.day or 0, p.info.sample))
        if not near:
            matches.append(VisitMatch(visit, None))
            continue
        chosen = near[0]
        others = tuple(placed.info.sample for placed in near[1:])
        matches.append(VisitMatch(visit, chosen, (chosen.day or 0) - visit.day, others))
    return tuple(matches), tuple(off)


def _nearest(visits: Sequence[Visit], day: float) -> Visit:
    return min(visits, key=lambda visit: (abs(visit.day - day), visit.day))


@dataclass(frozen=True, slots=True)
class Evaluability:
    """What became of a series at a visit: ``evaluable``, ``insufficient``, ``not tested`` or ``no sample``."""

    visit: str
    sample: str
    marker: str
    assay: str
    state: str
    status: str = ""


def evaluability(matches: Iterable[VisitMatch], series: Sequence[Series]) -> tuple[Evaluability, ...]:
    """Every series at every visit: the table that says how much of a trial is missing."""
    rows: list[Evaluability] = []
    for match in matches:
        for one in series:
            sample = match.sample.info.sample if match.sample is not None else ""
            point = next((point for point in one.points if sample and point.sample == sample), None)
            if match.sample is None:
                state = "no sample"
            elif point is None:
                state = "not tested"
            else:
                state = "insufficient" if point.status is Status.NOT_EVALUABLE else "evaluable"
            status = str(point.status) if point is not None else ""
            rows.append(Evaluability(match.visit.name, sample, one.label, one.assay, state, status))
    return tuple(rows)


def best_reduction(clearances: Iterable[Clearance]) -> tuple[Clearance, Reduction] | None:
    """The largest log10 reduction over the series given, at the first sample that reached it; None = none assessable."""
    found = [(one, item) for one in clearances for item in one.reductions if item.log10 is not None]
    return max(found, key=lambda pair: pair[1].log10 or 0.0, default=None)


# --- times to events --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """A time to an event in days from ``origin``; ``observed`` False = censored. ``days`` None = not assessable."""

    patient: str
    name: str
    days: float | None
    observed: bool
    origin: str
    definition: str
    reason: str = ""


def time_to_mrd_negativity(
    series: Series, axis: Axis, patient: str, *, threshold: float | None = None, lock: float | None = None
) -> Outcome:
    """Days from the first detection of a series to its first negative sample.

    Negative = not detected with a limit at or below ``threshold``, or a level below it; without a threshold, not detected with
    a known limit. Censored at the last evaluable sample, or at ``lock`` (day of the data lock). The true time lies
    between the last positive and the first negative sample; the later of the two is given.
    """
    below = (
        f" at or below {format_level(threshold, series.quantity)}" if threshold is not None and series.quantity else ""
    )
    definition = f"first detection to first sample not detected{below}; censored at the last evaluable sample"
    points = [p for p in series.points if p.day is not None and p.status is not Status.NOT_EVALUABLE]
    points = [p for p in points if lock is None or (p.day or 0) <= lock]
    first = next((point for point in points if point.status is Status.DETECTED), None)
    origin = f"first detection of {series.label}"
    if first is None or first.day is None:
        return Outcome(
            patient, "mrd_negativity", None, False, origin, definition, "never detected in a sample with a day"
        )
    for point in points:
        if point.day is not None and point.day > first.day and _is_negative(point, threshold):
            return Outcome(patient, "mrd_negativity", point.day - first.day, True, origin, definition)
    last = points[-1].day or first.day
    return Outcome(patient, "mrd_negativity", last - first.day, False, origin, definition)


def _is_negative(point: Point, threshold: float | None) -> bool:
    if point.status is Status.NOT_DETECTED:
        return point.bound is not None and (threshold is None or point.bound.value <= threshold)
    return threshold is not None and point.level is not None and not is_bounded(point) and point.level < threshold


def time_to_relapse(
    axis: Axis,
    patient: str,
    *,
    origin: float = 0.0,
    origin_name: str = "",
    lock: float | None = None,
    or_death: bool = False,
) -> Outcome:
    """Days from ``origin`` to the first recorded relapse after it.

    ``or_death`` counts death as an event as well (relapse-free survival); otherwise a death censors. Censored at the last contact:
    the latest of recorded contacts, events and samples, or ``lock`` when that is earlier.
    """
    name = "relapse_free_survival" if or_death else "relapse"
    counted = {EventType.RELAPSE, EventType.DEATH} if or_death else {EventType.RELAPSE}
    definition = (
        f"first recorded relapse{' or death' if or_death else '; death censors'}; else censored at last contact"
    )
    said = origin_name or axis.anchor
    unplaced = [e for e in axis.events if e.event.type in counted and e.day is None and e.event.start.is_known]
    events = [e for e in axis.events if e.event.type in counted and e.day is not None and e.day >= origin]
    end = last_contact(axis)
    if end is None or end < origin:
        return Outcome(
            patient, name, None, False, said, definition, "no contact after the origin can be placed in days"
        )
    if unplaced and not events:
        reason = f"{unplaced[0].event.name} is recorded without a day"
        return Outcome(patient, name, None, False, said, definition, reason)
    first = min((event.day for event in events if event.day is not None), default=None)
    stop = end if lock is None else min(end, lock)
    if first is not None and first <= stop:
        return Outcome(patient, name, first - origin, True, said, definition)
    return Outcome(patient, name, stop - origin, False, said, definition)


def last_contact(axis: Axis) -> float | None:
    """The last day that anything is known of the patient; a death ends contact."""
    deaths = [e.day for e in axis.events if e.event.type is EventType.DEATH and e.day is not None]
    if deaths:
        return min(deaths)
    placed: list[PlacedEvent | PlacedSample] = [*(e for e in axis.events if not e.event.planned), *axis.samples]
    return max((item.day for item in placed if item.day is not None), default=None)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a Kaplan-Meier curve: survival from ``day`` on, its 95 % interval, and who is at risk just before it."""

    day: float
    survival: float
    low: float
    high: float
    at_risk: int


def kaplan_meier(outcomes: Iterable[Outcome]) -> tuple[Step, ...]:
    """Kaplan-Meier estimate with Greenwood's interval on the log(-log) scale, by lifelines.

    Outcomes that are not assessable are left out.
    """
    from lifelines import KaplanMeierFitter

    known = [outcome for outcome in outcomes if outcome.days is not None]
    if not known:
        return ()
    fit = KaplanMeierFitter().fit([o.days for o in known], [o.observed for o in known])
    table = fit.event_table["at_risk"]
    frame = fit.survival_function_.iloc[:, 0]
    bounds = fit.confidence_interval_
    return tuple(
        Step(float(day), float(frame[day]), float(bounds.iloc[i, 0]), float(bounds.iloc[i, 1]), int(table[day]))
        for i, day in enumerate(frame.index)
    )


# --- long form --------------------------------------------------------------------------------------------------------

#: Columns of :func:`long_form`, named after the SDTM domain LB (Study Data Tabulation Model 2.0); no claim of conformance.
LONG_COLUMNS = (
    "USUBJID",
    "VISIT",
    "LBREFID",
    "LBDY",
    "LBSPEC",
    "LBTESTCD",
    "LBTEST",
    "LBMETHOD",
    "LBORRES",
    "LBSTRESN",
    "LBSTRESU",
    "LBSTAT",
    "LBREASND",
    "LBLLOD",
)


def long_form(
    records: PatientRecords, matches: Iterable[VisitMatch], series: Sequence[Series]
) -> tuple[dict[str, object], ...]:
    """One row per visit and series, what was not done included. ``LBDY`` counts from 1 on day 0, as SDTM has no day 0."""
    rows: list[dict[str, object]] = []
    for match in matches:
        for one in series:
            placed = match.sample
            sample = placed.info.sample if placed is not None else ""
            point = next((point for point in one.points if sample and point.sample == sample), None)
            rows.append(_long_row(records.patient.patient, match, one, placed, point))
    return tuple(rows)


def _long_row(
    patient: str, match: VisitMatch, series: Series, placed: PlacedSample | None, point: Point | None
) -> dict[str, object]:
    reason = ""
    if point is None:
        reason = "NO SAMPLE" if placed is None else "NOT TESTED"
    elif point.status is Status.NOT_EVALUABLE:
        reason = "SAMPLE INSUFFICIENT"
    day = placed.day if placed is not None else None
    unit = quantity(series.quantity).unit if series.quantity else ""
    result = ""
    if point is not None and point.status is not Status.NOT_EVALUABLE:
        result = point.observation.printed or str(point.status).replace("_", " ").upper()
    values = (
        patient,
        match.visit.name,
        placed.info.sample if placed is not None else "",
        None if day is None else round(day) + (1 if day >= 0 else 0),
        str(series.tissue),
        series.marker,
        series.label,
        str(series.technique),
        result,
        point.level if point is not None and point.status is Status.DETECTED else None,
        unit,
        "NOT DONE" if reason else "",
        reason,
        point.bound.value if point is not None and point.bound is not None else None,
    )
    return dict(zip(LONG_COLUMNS, values, strict=True))
