"""The long form: one row per patient, visit and parameter, with names of CDISC's ADaM BDS and SDTM LB; no claim of conformance."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from moltrack.analysis.clearance import is_bounded
from moltrack.model import Axis, Clearance, LimitKind, PlacedSample, Point, Reduction, Series, Status, Technique
from moltrack.quantity import quantity

#: The columns of :func:`long_form`, in order, with what they hold.
LONG_COLUMNS: dict[str, str] = {
    "USUBJID": "patient id",
    "VISIT": "visit of the schedule; UNSCHEDULED = no window holds the sample; without a schedule the phase as given",
    "VISITNUM": "place of the visit in the schedule, from 1; empty when unscheduled or without a schedule",
    "ADT": "date of the sample, ISO 8601; empty when the day is not known",
    "ADY": "day of the sample: 1 on day 0, -1 the day before; there is no day 0; empty when it cannot be placed",
    "LBREFID": "sample id",
    "LBSPEC": "tissue: BM, PB, other, unknown",
    "LBMETHOD": "technique",
    "PARAMCD": "code of the parameter: a letter, then letters and digits, 8 in all; the same for the same PARAM everywhere",
    "PARAM": "marker, quantity, assay and tissue: one series",
    "AVAL": "level in AVALU when it was quantified; empty for a bound, a detection without a level, a miss",
    "AVALC": "result in words: the level, <bound or >bound, DETECTED, NOT DETECTED (limit unknown)",
    "AVALU": "unit of AVAL, bounds and limits: fraction, ratio, copies/µg ...",
    "LBORRES": "result as the file prints it",
    "ABLFL": "Y = the baseline of the series",
    "BASE": "AVAL of the baseline; empty when it has no level",
    "CHG": "AVAL - BASE, after the baseline, when both are levels",
    "LOG10RED": "log10(BASE / level), after the baseline; with LOG10REDC a bound",
    "LOG10REDC": "comparator of LOG10RED: >= when the sample is below a limit, <= when above one",
    "LLOD": "limit of detection of this result, in AVALU",
    "LLOQ": "limit of quantification of this result, in AVALU",
    "CUTOFF": "highest value of negatives, in AVALU",
    "DTYPE": "REPLICATES = made of several rows of one sample; no row is imputed, carried forward or averaged over days",
    "ANL01FL": "Y = the sample that stands for the visit: nearest to plan in its window",
    "LBSTAT": "NOT DONE = there is no result",
    "LBREASND": "why: NO SAMPLE: ..., NOT TESTED, NOT EVALUABLE",
}


@dataclass(frozen=True, slots=True)
class Planned:
    """A row of the long form before it has a result: a visit with its sample, or without one. ``chosen`` = it stands for the visit.

    ``tests`` are what the visit expects, each as the markers and techniques that answer it; () = every series of its tissue.
    ``reason`` says why there is no sample.
    """

    visit: str
    number: int | None = None
    sample: PlacedSample | None = None
    chosen: bool = False
    tissue: str = ""
    tests: tuple[frozenset[tuple[str, Technique]], ...] = ()
    reason: str = ""


def long_form(
    patient: str, axis: Axis, planned: Sequence[Planned], clearances: Sequence[Clearance]
) -> tuple[dict[str, object], ...]:
    """One row per planned visit or sample and series; what a visit expects and nobody did is a row that says so."""
    rows: list[dict[str, object]] = []
    for item in planned:
        name = item.sample.info.sample if item.sample is not None else ""
        done = {_key(one.series) for one in clearances if any(point.sample == name for point in one.series.points)}
        for one in clearances:
            points = [point for point in one.series.points if point.sample == name]
            if points:
                rows += [_row(patient, axis, item, one, point) for point in points]
            elif item.chosen and _is_expected(item, one.series, done):
                rows.append(_row(patient, axis, item, one, None))
    return tuple(rows)


def _key(series: Series) -> tuple[str, Technique]:
    return series.marker, series.technique


def _is_expected(item: Planned, series: Series, done: set[tuple[str, Technique]]) -> bool:
    """Whether a visit lacks a result of this series: it is of its tissue, and no series answered the test that it could answer."""
    tissue = item.tissue or (str(item.sample.info.tissue) if item.sample is not None else "")
    if tissue and tissue != str(series.tissue):
        return False
    return not item.tests or any(_key(series) in test and not test & done for test in item.tests)


def _row(patient: str, axis: Axis, item: Planned, one: Clearance, point: Point | None) -> dict[str, object]:
    series, placed = one.series, item.sample
    baseline = one.baseline
    base = baseline.level if baseline is not None and not is_bounded(baseline) else None
    reduction = _reduction(one, point)
    level = _level(point)
    is_baseline = baseline is not None and point is not None and point.sample == baseline.sample
    not_done = point is None or point.status is Status.NOT_EVALUABLE
    return {
        "USUBJID": patient,
        "VISIT": item.visit,
        "VISITNUM": item.number,
        "ADT": _date(axis, placed),
        "ADY": _study_day(placed),
        "LBREFID": placed.info.sample if placed is not None else "",
        "LBSPEC": str(series.tissue),
        "LBMETHOD": str(series.technique),
        "PARAMCD": param_code(series.name, series.denominator),
        "PARAM": series.name + (f" of {series.denominator}" if series.denominator else ""),
        "AVAL": level,
        "AVALC": _result(point, level),
        "AVALU": quantity(series.quantity).unit if series.quantity else "",
        "LBORRES": point.observation.printed if point is not None else "",
        "ABLFL": "Y" if is_baseline else "",
        "BASE": base,
        "CHG": level - base if level is not None and base is not None and reduction is not None else None,
        "LOG10RED": reduction.log10 if reduction is not None else None,
        "LOG10REDC": {"≥": ">=", "≤": "<="}.get(reduction.comparator, "") if reduction is not None else "",
        "LLOD": _limit(point, LimitKind.LOD),
        "LLOQ": _limit(point, LimitKind.LOQ),
        "CUTOFF": _limit(point, LimitKind.CUTOFF),
        "DTYPE": "REPLICATES" if point is not None and point.observation.replicates > 1 else "",
        "ANL01FL": "Y" if item.chosen and not not_done else "",
        "LBSTAT": "NOT DONE" if not_done else "",
        "LBREASND": _why_not(item, point) if not_done else "",
    }


def param_code(name: str, denominator: str = "") -> str:
    """Eight characters for a series: up to four letters or digits of its name, then a digest of all of it."""
    letters = re.sub(r"[^A-Z0-9]", "", name.upper()).lstrip("0123456789")[:4] or "X"
    return letters + hashlib.sha256(f"{name}\0{denominator}".encode()).hexdigest().upper()[: 8 - len(letters)]


def _reduction(one: Clearance, point: Point | None) -> Reduction | None:
    if point is None:
        return None
    return next((item for item in one.reductions if item.sample == point.sample), None)


def _level(point: Point | None) -> float | None:
    if point is None or point.status is not Status.DETECTED or is_bounded(point):
        return None
    return point.level if point.observation.comparator not in {">", ">="} else None


def _result(point: Point | None, level: float | None) -> str:
    if point is None or point.status is Status.NOT_EVALUABLE:
        return ""
    if level is not None:
        return f"{level:.6g}"
    if point.status is Status.DETECTED and point.level is not None and point.observation.comparator in {">", ">="}:
        return f">{point.level:.6g}"
    if is_bounded(point) and point.bound is not None:
        return f"<{point.bound.value:.6g}"
    return "DETECTED" if point.status is Status.DETECTED else "NOT DETECTED"


def _limit(point: Point | None, kind: LimitKind) -> float | None:
    return point.observation.limit(kind) if point is not None else None


def _why_not(item: Planned, point: Point | None) -> str:
    if point is not None:
        return "NOT EVALUABLE"
    return f"NO SAMPLE: {item.reason}" if item.sample is None else "NOT TESTED"


def _study_day(placed: PlacedSample | None) -> int | None:
    """SDTM has no day 0: the day of reference is day 1."""
    if placed is None or placed.day is None or placed.day_low != placed.day_high:
        return None
    return round(placed.day) + (1 if placed.day >= 0 else 0)


def _date(axis: Axis, placed: PlacedSample | None) -> str:
    if placed is None:
        return ""
    time = placed.info.time
    if time.first is not None:
        return str(time).replace("..", "/")
    if axis.day0 is None or placed.day_low is None or placed.day_low != placed.day_high:
        return ""
    return (axis.day0 + timedelta(days=placed.day_low)).isoformat()
