"""Endpoints of a patient: best response, and times to events, observed or censored, with their definitions.

**Units**: days from day 0 of the patient's axis, or from the origin that a definition names.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from moltrack.model import Axis, Clearance, EventType, PlacedEvent, PlacedSample, Reduction, Series, Status


@dataclass(frozen=True, slots=True)
class Definition:
    """What an endpoint means, in words, and who defines it so."""

    name: str
    title: str
    text: str
    source: str


_ELN2022 = "Döhner, Blood 2022;140:1345, Table 9"
_ELN_MRD = "Heuser, Blood 2021;138:2753"

DEFINITIONS = {
    item.name: item
    for item in (
        Definition(
            "best_reduction",
            "Best MRD response: log10 reduction",
            "largest log10(baseline / level) over the MRD series of the patient, each against its own baseline in the same assay and tissue, at "
            "the first sample that reached it. A result below the limit gives a lower bound (≥). It is of one series: other markers may have "
            "fallen less.",
            f"{_ELN_MRD}; Cross, Leukemia 2015;29:999 (a miss is scored by its own sensitivity)",
        ),
        Definition(
            "best_mrd",
            "Best MRD status",
            "the best status of any sample after the first treatment: negative, then low level or below threshold, then positive, then MRD "
            "relapse. Of several targets and methods in one sample the worst counts. Without morphologic remission there is no status.",
            _ELN_MRD,
        ),
        Definition(
            "mrd_negativity",
            "Time to MRD negativity",
            "from day 0 to the first sample in which every target and method with a status is negative, at low level or below threshold. The true "
            "time lies after the last sample that was not. Censored at the last sample with a status.",
            f"{_ELN_MRD}; the rule over several methods is a convention",
        ),
        Definition(
            "clearance",
            "Time to clearance of all markers",
            "from day 0 to the first of two consecutive evaluable samples in which a series was not detected down to a known limit; of several "
            "series that were ever detected, the last to get there. Remission is not asked for. Censored at the last evaluable sample of the "
            "series that is not cleared; one sample alone does not confirm.",
            "convention",
        ),
        Definition(
            "molecular_relapse",
            "Time to molecular relapse",
            "from the first MRD negativity (as above) to the first of the samples that make a confirmed MRD relapse: conversion to positive, or a "
            "rise by 1 log10 within one tissue, found again within 4 weeks. An unconfirmed one does not count. Censored at the last sample with a "
            "status before a hematologic relapse.",
            _ELN_MRD,
        ),
        Definition(
            "relapse",
            "Time to hematologic relapse",
            "from the first CR, CRh or CRi (of one that was reached before day 0 and not lost, from day 0) to hematologic relapse; death and last "
            "contact censor. Death without relapse competes: the complement of "
            "its Kaplan-Meier curve is above the cumulative incidence.",
            f"{_ELN2022} (cumulative incidence of relapse)",
        ),
        Definition(
            "rfs",
            "Relapse-free survival",
            "only with CR, CRh or CRi: from its first day to hematologic relapse or death from any cause; else censored at the day last known "
            "to be alive. Of a remission that was reached before day 0 and not lost, from day 0.",
            f"{_ELN2022}; remission before day 0 by convention",
        ),
        Definition(
            "os",
            "Overall survival",
            "from day 0 to death from any cause; else censored at the day last known to be alive.",
            _ELN2022,
        ),
    )
}

#: Endpoints that are times, in the order of tables.
TIMES = ("mrd_negativity", "clearance", "molecular_relapse", "relapse", "rfs", "os")


@dataclass(frozen=True, slots=True)
class Moment:
    """A day on the axis with what happened; ``note`` when the day is not known exactly."""

    day: float
    what: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A time to an event in days from ``origin``; ``observed`` False = censored. ``days`` None = not assessable, ``reason`` says why.

    ``name`` is a key of :data:`DEFINITIONS`; ``start`` and ``day`` are the days of origin and of event or censoring on the patient's
    axis; ``after`` the days from origin that the event surely lies after, when it was seen between two samples.
    """

    patient: str
    name: str
    days: float | None
    observed: bool
    origin: str
    reason: str = ""
    start: float | None = None
    day: float | None = None
    after: float | None = None
    event: str = ""


# --- best response ----------------------------------------------------------------------------------------------------


def best_reduction(clearances: Iterable[Clearance]) -> tuple[Clearance, Reduction] | None:
    """The largest log10 reduction over the series given, at the first sample that reached it; None = none assessable.

    A bound printed as "at most" is no reduction reached.
    """
    found = [
        (one, item)
        for one in clearances
        for item in one.reductions
        if item.log10 is not None and item.comparator != "≤"
    ]
    orders = {point.sample: point.order for one, _ in found for point in one.series.points}
    return min(
        found,
        key=lambda pair: (-(pair[1].log10 or 0.0), orders[pair[1].sample], pair[0].series.name),
        default=None,
    )


@dataclass(frozen=True, slots=True)
class MrdAssessment:
    """The MRD status of one target by one method in one sample: ``status`` is a key of :data:`MRD_RANK`, ``by`` names target and method."""

    sample: str
    order: int
    day: float | None
    status: str
    by: str
    text: str = ""


#: MRD statuses from best to worst; those of rank 0 and 1 count as MRD-negative response (Heuser, Blood 2021;138:2753: MRD-LL as well).
MRD_RANK = {
    "negative": 0,
    "low_level": 1,
    "below_threshold": 1,
    "positive": 2,
    "MRD relapse, unconfirmed": 3,
    "MRD relapse, confirmed": 3,
}
NEGATIVE = 1


def best_mrd(assessments: Sequence[MrdAssessment]) -> MrdAssessment | None:
    """The best status over samples, of each sample its worst; the first sample that reached it."""
    return min(_worst_by_sample(assessments), key=lambda item: (MRD_RANK[item.status], item.order), default=None)


def is_negative(assessment: MrdAssessment) -> bool:
    """Whether a status counts as MRD-negative response."""
    return MRD_RANK[assessment.status] <= NEGATIVE


def _worst_by_sample(assessments: Sequence[MrdAssessment]) -> list[MrdAssessment]:
    by_order = sorted(assessments, key=lambda item: (item.order, item.by))
    return [
        max(items, key=lambda item: MRD_RANK[item.status])
        for _, group in itertools.groupby(by_order, key=lambda item: item.order)
        if (items := list(group))
    ]


# --- times to events --------------------------------------------------------------------------------------------------


def time_to_mrd_negativity(assessments: Sequence[MrdAssessment], axis: Axis, patient: str) -> Outcome:
    """Days from day 0 to the first MRD-negative sample; see :data:`DEFINITIONS`."""
    name, origin = "mrd_negativity", axis.anchor
    worst = _worst_by_sample(assessments)
    samples = [item for item in worst if item.day is not None and item.day >= 0]
    if not samples:
        reason = "no MRD status" if not worst else "no sample with an MRD status can be placed in days after day 0"
        return Outcome(patient, name, None, False, origin, reason)
    for index, item in enumerate(samples):
        if is_negative(item):
            after = samples[index - 1].day if index else None
            return Outcome(
                patient, name, item.day, True, origin, "", 0.0, item.day, after, f"{item.text} ({item.sample})"
            )
    return Outcome(patient, name, samples[-1].day, False, origin, "", 0.0, samples[-1].day)


def time_to_molecular_relapse(
    assessments: Sequence[MrdAssessment], axis: Axis, patient: str, *, until: float | None = None
) -> Outcome:
    """Days from the first MRD negativity to a confirmed MRD relapse; ``until`` = day of a hematologic relapse, which ends the course."""
    name = "molecular_relapse"
    start = time_to_mrd_negativity(assessments, axis, patient)
    origin = "first MRD negativity"
    if not start.observed or start.day is None:
        return Outcome(patient, name, None, False, origin, start.reason or "MRD negativity was not reached")
    later = [
        item
        for item in sorted(assessments, key=lambda item: (item.order, item.by))
        if item.day is not None and item.day >= start.day and (until is None or item.day <= until)
    ]
    confirmed = [run for run in _relapse_runs(later) if any(item.status.endswith(", confirmed") for item in run)]
    if confirmed:
        first = min((run[0] for run in confirmed), key=lambda item: item.order)
        day = first.day or 0.0
        before = [
            item.day for item in later if item.by == first.by and item.order < first.order and item.day is not None
        ]
        after = max(before) - start.day if before else None
        return Outcome(
            patient, name, day - start.day, True, origin, "", start.day, day, after, f"{first.by} ({first.sample})"
        )
    last = max([item.day for item in later if item.day is not None], default=start.day)
    open_runs = [run[0] for run in _relapse_runs(later)]
    reason = f"MRD relapse of day {open_runs[0].day:g} ({open_runs[0].by}) is not confirmed" if open_runs else ""
    return Outcome(patient, name, last - start.day, False, origin, reason, start.day, last)


def _relapse_runs(assessments: Sequence[MrdAssessment]) -> list[list[MrdAssessment]]:
    """Consecutive samples of one target and method that all say MRD relapse."""
    runs: list[list[MrdAssessment]] = []
    for by in sorted({item.by for item in assessments}):
        own = [item for item in assessments if item.by == by]
        for relapsed, group in itertools.groupby(own, key=lambda item: item.status.startswith("MRD relapse")):
            if relapsed:
                runs.append(list(group))
    return runs


def time_to_clearance(series: Sequence[Series], axis: Axis, patient: str) -> Outcome:
    """Days from day 0 until all series that were ever detected are cleared; see :data:`DEFINITIONS`."""
    name, origin = "clearance", axis.anchor
    cleared: list[tuple[float, float | None, str]] = []
    open_until: list[tuple[float, str]] = []
    for one in series:
        points = [point for point in one.points if point.status is not Status.NOT_EVALUABLE]
        if not any(point.status is Status.DETECTED for point in points):
            continue
        if any(point.day is None for point in points):
            return Outcome(patient, name, None, False, origin, f"a sample of {one.name} cannot be placed in days")
        found = _first_clearance(one)
        if found is not None:
            cleared.append((*found, one.name))
            continue
        last = points[-1]
        misses = last.status is Status.NOT_DETECTED
        limit = "limit unknown" if last.bound is None else "not confirmed by a second sample"
        open_until.append((last.day or 0.0, f"{one.name}: {f'not detected, {limit}' if misses else 'still detected'}"))
    if open_until:
        day, reason = min(open_until)
        if day < 0:
            return Outcome(patient, name, None, False, origin, f"{reason}; no sample after day 0")
        return Outcome(patient, name, day, False, origin, reason, 0.0, day)
    if not cleared:
        return Outcome(patient, name, None, False, origin, "no marker was ever detected")
    day, after, which = max(cleared, key=lambda item: (item[0], item[2]))
    return Outcome(patient, name, day, True, origin, "", 0.0, day, after, which)


def _first_clearance(series: Series) -> tuple[float, float | None] | None:
    """Day of the first of two consecutive samples after day 0 and a detection without it, and day of the sample before."""
    samples = [
        list(points)
        for _, points in itertools.groupby(
            (point for point in series.points if point.status is not Status.NOT_EVALUABLE),
            key=lambda point: point.order,
        )
    ]
    seen = False
    for index, points in enumerate(samples[:-1]):
        seen = seen or any(point.status is Status.DETECTED for point in points)
        missed = all(p.status is Status.NOT_DETECTED and p.bound is not None for p in (*points, *samples[index + 1]))
        day = points[0].day
        if seen and missed and day is not None and day >= 0:
            return day, samples[index - 1][0].day
    return None


def time_to(
    name: str,
    patient: str,
    origin: Moment | None,
    events: Sequence[Moment],
    until: float | None,
    *,
    unplaced: str = "",
    missing: str = "",
) -> Outcome:
    """Days from ``origin`` to the first of ``events``, else censored at ``until``.

    Parameters
    ----------
    until
        Last day that the patient is known to be under observation.
    unplaced
        An event that counts but has no day: without another one nothing can be said.
    missing
        Why there is no origin.
    """
    if origin is None:
        return Outcome(patient, name, None, False, "", missing)
    after = [event for event in events if event.day >= origin.day]
    if not after and unplaced:
        return Outcome(patient, name, None, False, origin.what, f"{unplaced} is recorded without a day")
    first = min(after, key=lambda event: event.day, default=None)
    if first is not None and (until is None or first.day <= until):
        note = "; ".join(filter(None, [origin.note, first.note]))
        days = first.day - origin.day
        return Outcome(patient, name, days, True, origin.what, note, origin.day, first.day, event=first.what)
    if until is None or until < origin.day:
        return Outcome(patient, name, None, False, origin.what, "nothing after the origin can be placed in days")
    return Outcome(patient, name, until - origin.day, False, origin.what, origin.note, origin.day, until)


def last_contact(axis: Axis) -> float | None:
    """The last day that anything is known of the patient; a death ends contact."""
    deaths = [e.day for e in axis.events if e.event.type is EventType.DEATH and e.day is not None]
    if deaths:
        return min(deaths)
    placed: list[PlacedEvent | PlacedSample] = [*(e for e in axis.events if not e.event.planned), *axis.samples]
    return max((item.day for item in placed if item.day is not None), default=None)
