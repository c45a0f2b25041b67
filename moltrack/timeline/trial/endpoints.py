"""One row of endpoints per patient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from moltrack.analysis.trial import DEFINITIONS, TIMES, Outcome, best_mrd, best_reduction
from moltrack.model import Clearance
from moltrack.timeline.patient import Timeline
from moltrack.timeline.trial.outcomes import mrd_assessments, no_mrd, outcomes
from moltrack.timeline.trial.selection import Selection, check_selection, mrd_series, selected
from moltrack.timeline.trial.subjects import Subject, TrialTable, notes_of


def _time_columns() -> dict[str, str]:
    columns: dict[str, str] = {}
    for name in TIMES:
        title = DEFINITIONS[name].title
        columns |= {
            f"{name}_days": f"{title}: days from its origin to event or censoring; empty = not assessable",
            f"{name}_status": "observed, censored or not assessable",
            f"{name}_day": "day of event or censoring from day 0",
            f"{name}_after": "the event lies after so many days from the origin: it was seen between two samples",
            f"{name}_origin": "what the days count from",
            f"{name}_event": "what was observed",
            f"{name}_reason": "why it is not assessable, or what is remarkable",
        }
    return columns


ENDPOINT_COLUMNS: dict[str, str] = {
    "patient": "patient id",
    "day0": "what day 0 is",
    "day0_date": "its date; empty when unknown",
    "reduction_log10": "best MRD response: largest log10 reduction; empty = not assessable",
    "reduction_comparator": "≥ = a bound: the sample is below its limit",
    "reduction_low": "95 % interval, or the bound",
    "reduction_high": "95 % interval; empty for a bound",
    "reduction_limit": "the limit that the bound comes from, canonical",
    "reduction_marker": "marker",
    "reduction_assay": "assay",
    "reduction_tissue": "tissue",
    "reduction_baseline": "sample of the baseline",
    "reduction_sample": "first sample that reached it",
    "reduction_day": "its day from day 0",
    "reduction_reason": "why it is not assessable",
    "mrd_status": "best MRD status",
    "mrd_sample": "first sample that reached it",
    "mrd_day": "its day from day 0",
    "mrd_by": "target and method of the status",
    "mrd_reason": "why there is none",
    **_time_columns(),
}


def endpoints_table(found: Sequence[Subject], selection: Selection = Selection()) -> TrialTable:
    """One row per patient: best MRD response, best MRD status, and the times of :data:`TIMES`.

    Raises
    ------
    UnknownError
        No patient has a marker that the selection names.
    """
    check_selection(found, selection)
    rows = tuple(_endpoint_row(subject, selection) for subject in found)
    return TrialTable("endpoints", ENDPOINT_COLUMNS, rows, tuple(DEFINITIONS.values()), notes_of(found))


def _endpoint_row(subject: Subject, selection: Selection) -> dict[str, Any]:
    line = subject.line
    axis = line.axis
    row: dict[str, Any] = {
        "patient": subject.patient,
        "day0": axis.anchor,
        "day0_date": axis.day0.isoformat() if axis.day0 else "",
    }
    if subject.problem:
        row |= {"reduction_reason": subject.problem, "mrd_reason": subject.problem}
        times = {name: Outcome(subject.patient, name, None, False, "", subject.problem) for name in TIMES}
    else:
        line = selected(line, selection)
        row |= _reduction_cells(line, selection) | _mrd_cells(line)
        times = outcomes(line, selection)
    for name, outcome in times.items():
        row |= {
            f"{name}_days": outcome.days,
            f"{name}_status": outcome_status(outcome),
            f"{name}_day": outcome.day,
            f"{name}_after": outcome.after,
            f"{name}_origin": outcome.origin,
            f"{name}_event": outcome.event,
            f"{name}_reason": outcome.reason,
        }
    return row


def outcome_status(outcome: Outcome) -> str:
    """``observed``, ``censored`` or ``not assessable``."""
    return "not assessable" if outcome.days is None else "observed" if outcome.observed else "censored"


def _reduction_cells(line: Timeline, selection: Selection) -> dict[str, Any]:
    series = set(mrd_series(line, selection))
    clearances = [item for item in line.clearances if item.series in series]
    best = best_reduction(clearances)
    if best is None:
        return {"reduction_reason": _no_reduction(clearances)}
    one, item = best
    point = next(point for point in one.series.points if point.sample == item.sample)
    return {
        "reduction_log10": item.log10,
        "reduction_comparator": item.comparator,
        "reduction_low": item.interval.low if item.interval else None,
        "reduction_high": item.interval.high if item.interval else None,
        "reduction_limit": point.bound.value if item.comparator == "≥" and point.bound else None,
        "reduction_marker": one.series.label,
        "reduction_assay": one.series.assay,
        "reduction_tissue": str(one.series.tissue),
        "reduction_baseline": one.baseline.sample if one.baseline else "",
        "reduction_sample": item.sample,
        "reduction_day": point.day,
    }


def _no_reduction(clearances: Sequence[Clearance]) -> str:
    if not clearances:
        return "no MRD series"
    reasons = dict.fromkeys(
        one.reason or next((item.reason for item in one.reductions if item.reason), "no sample after the baseline")
        for one in clearances
    )
    return "; ".join(reasons)


def _mrd_cells(line: Timeline) -> dict[str, Any]:
    best = best_mrd(mrd_assessments(line))
    if best is None:
        return {"mrd_reason": no_mrd(line)}
    return {"mrd_status": best.text, "mrd_sample": best.sample, "mrd_day": best.day, "mrd_by": best.by}
