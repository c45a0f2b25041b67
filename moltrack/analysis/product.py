"""Kinetics of a cell product from its measured levels: Cmax, Tmax, Clast, Tlast, AUC0-28, persistence.

Definitions: Stein, CPT Pharmacometrics Syst Pharmacol 2019;8:285 (Cmax, Tmax, AUC0-28 of transgene levels); the trapezoid is
linear while levels rise and logarithmic while they fall. Levels per µg DNA depend on the leukocyte count: nothing is converted.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence

from moltrack.model import Axis, Estimate, EventType, Measured, PatientRecords, PlacedEvent, Point, Series, Status
from moltrack.quantity import quantity

#: End of the window of the area under the curve, days from infusion.
AUC_DAYS = 28.0
_PRODUCT = re.compile(r"\b(CAR|TCR)(\b|-?T\b)|transgene|vector copies|VCN", re.IGNORECASE)


def is_cell_product(series: Series, records: PatientRecords) -> bool:
    """True for a series that measures an infused product: copies per µg DNA, or a name that says so."""
    if series.quantity == "copies_per_ug":
        return True
    marker = next((marker for marker in records.markers if marker.id == series.marker), None)
    finding = marker.finding if marker is not None else None
    names = f"{finding.name} {finding.population}" if isinstance(finding, Measured) else series.label
    return _PRODUCT.search(names) is not None


def product_kinetics(series: Series, axis: Axis) -> tuple[Estimate, ...]:
    """Cmax, Tmax, Clast, Tlast, AUC0-28 and persistence, in days from the first infusion of the product."""
    unit = quantity(series.quantity).unit
    infusion = first_infusion(axis)
    points = [point for point in series.points if point.status is not Status.NOT_EVALUABLE]
    quantified = [point for point in points if _is_quantified(point)]
    if not quantified:
        return (Estimate("cmax", None, unit, reason="no quantified sample"),)
    top = max(quantified, key=lambda point: (point.level or 0.0, -point.order))
    last = quantified[-1]
    warning = "" if infusion is not None else "no infusion is recorded: days count from day 0"
    if len(quantified) < 3:
        warning = "; ".join(filter(None, [f"{len(quantified)} samples: the true peak may lie between them", warning]))
    return (
        Estimate(
            "cmax",
            top.level,
            unit,
            method=f"highest level, sample {top.sample}",
            points=len(quantified),
            warning=warning,
            samples=(top.sample,),
        ),
        _day_estimate("tmax", top, infusion, "day of the highest level", len(quantified), warning),
        Estimate(
            "clast",
            last.level,
            unit,
            method=f"last quantified level, sample {last.sample}",
            points=len(quantified),
            samples=(last.sample,),
        ),
        _day_estimate("tlast", last, infusion, "day of the last quantified level", len(quantified), ""),
        _fall(top, last),
        _auc(quantified, infusion, unit),
        _persistence(points, last, infusion),
    )


def first_infusion(axis: Axis) -> PlacedEvent | None:
    """The first infusion that can be placed in days."""
    infusions = [
        p for p in axis.events if p.event.type is EventType.INFUSION and p.day is not None and not p.event.planned
    ]
    return min(infusions, key=lambda placed: placed.day or 0.0, default=None)


def trapezoid(data: Sequence[tuple[float, float]]) -> float:
    """Area under (day, level): linear trapezoid where the level rises, logarithmic where it falls."""
    area = 0.0
    for (t1, c1), (t2, c2) in itertools.pairwise(data):
        if 0 < c2 < c1:
            area += (t2 - t1) * (c1 - c2) / math.log(c1 / c2)
        else:
            area += (t2 - t1) * (c1 + c2) / 2
    return area


def _is_quantified(point: Point) -> bool:
    below = point.observation.comparator in {"<", "<="}
    return point.status is Status.DETECTED and point.level is not None and point.level > 0 and not below


def _since(point: Point, infusion: PlacedEvent | None) -> float | None:
    if point.day is None:
        return None
    return point.day - (infusion.day or 0.0 if infusion is not None else 0.0)


def _day_estimate(
    name: str, point: Point, infusion: PlacedEvent | None, method: str, points: int, warning: str
) -> Estimate:
    day = _since(point, infusion)
    if day is None:
        return Estimate(name, None, "days", reason=f"sample {point.sample} cannot be placed in days")
    method = f"{method}, sample {point.sample}"
    return Estimate(name, day, "days", method=method, points=points, warning=warning, samples=(point.sample,))


def _fall(top: Point, last: Point) -> Estimate:
    if last.order <= top.order or not top.level or not last.level:
        return Estimate("log10_fall", None, "log10", reason="no quantified sample after the peak")
    method = f"log10(Cmax / Clast), sample {top.sample} to sample {last.sample}"
    fall = math.log10(top.level / last.level)
    return Estimate("log10_fall", fall, "log10", method=method, points=2, samples=(top.sample, last.sample))


def _auc(quantified: Sequence[Point], infusion: PlacedEvent | None, unit: str) -> Estimate:
    name, per_day = "auc_0_28", f"{unit}·days"
    data = sorted((day, point.level or 0.0) for point in quantified if (day := _since(point, infusion)) is not None)
    data = [(day, level) for day, level in data if day >= 0]
    if len(data) < 3:
        return Estimate(
            name, None, per_day, points=len(data), reason=f"{len(data)} quantified samples: three are needed"
        )
    warning = ""
    samples = tuple(point.sample for point in quantified)
    if data[0][0] > 0:
        # Before the infusion there is no product: the one level that is known without being measured.
        data.insert(0, (0.0, 0.0))
        warning = "from 0 at infusion"
    inside = [pair for pair in data if pair[0] <= AUC_DAYS]
    if data[-1][0] < AUC_DAYS:
        name = "auc_0_t"
        shortened = f"no sample at or after day {AUC_DAYS:g}: area to day {data[-1][0]:g}"
        warning = "; ".join(filter(None, [shortened, warning]))
    elif inside[-1][0] < AUC_DAYS:
        after = data[len(inside)]
        inside.append((AUC_DAYS, _between(inside[-1], after)))
    return Estimate(
        name,
        trapezoid(inside),
        per_day,
        method="linear up, log down",
        points=len(data),
        warning=warning,
        samples=samples,
    )


def _between(before: tuple[float, float], after: tuple[float, float]) -> float:
    """The level on day 28: logarithmic between falling levels, linear between rising ones."""
    share = (AUC_DAYS - before[0]) / (after[0] - before[0])
    if 0 < after[1] < before[1]:
        return math.exp(math.log(before[1]) * (1 - share) + math.log(after[1]) * share)
    return before[1] * (1 - share) + after[1] * share


def _persistence(points: Sequence[Point], last: Point, infusion: PlacedEvent | None) -> Estimate:
    day = _since(last, infusion)
    if day is None:
        return Estimate("persistence", None, "days", reason=f"sample {last.sample} cannot be placed in days")
    still_there = points[-1] is last
    return Estimate(
        "persistence",
        day,
        "days",
        comparator="≥" if still_there else "",
        method="last day with a quantified level",
        points=len(points),
        warning="still present in the last sample" if still_there else "",
        samples=(last.sample,),
    )
