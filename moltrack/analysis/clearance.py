"""A series against its baseline: log10 reductions with their uncertainty, clearance, nadir and return.

A miss bounds a reduction from below (>= log10(baseline / limit)); nothing is computed from a level that nobody measured.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from moltrack.analysis.kinetics import projections, rates
from moltrack.analysis.limits import count_pair
from moltrack.analysis.product import is_cell_product, product_kinetics
from moltrack.model import (
    Axis,
    Clearance,
    Estimate,
    EventType,
    Interval,
    Limit,
    MarkerKind,
    PatientRecords,
    PhaseKind,
    PlacedEvent,
    Point,
    Reduction,
    Series,
    Status,
    Threshold,
)
from moltrack.quantity import format_level, quantity

#: Events that a baseline comes before.
TREATMENTS = frozenset({EventType.TREATMENT, EventType.INFUSION, EventType.TRANSPLANT})
#: Rise above the nadir that counts as rebound (Heuser, Blood 2021;138:2753: MRD relapse by >= 1 log10).
REBOUND_LOG10 = 1.0
#: What is measured in health as well, or is a conclusion: nothing to be cleared.
_NEVER_CLEARED = frozenset({MarkerKind.ANALYTE, MarkerKind.CHIMERISM, MarkerKind.ANTIGEN, MarkerKind.REPORTED})
_Z95 = 1.959963984540054


def clearance(
    series: Series,
    axis: Axis,
    records: PatientRecords,
    since: str = "",
    *,
    thresholds: Sequence[Threshold] = (),
    estimates: bool = True,
) -> Clearance:
    """The series against its baseline, with estimates of its course.

    Parameters
    ----------
    since
        Event that the baseline is taken before when the series begins after the first treatment; "" = the anchor.
    thresholds
        Lines whose crossing is projected, where they are drawn on this series.
    estimates
        False leaves out the figures of the course (half-life, nadir ...), for cohorts.
    """
    baseline, rule, reason = find_baseline(series, axis, since)
    kind = next((marker.kind for marker in records.markers if marker.id == series.marker), None)
    status, status_reason = clearance_status(series, axis) if kind not in _NEVER_CLEARED else ("", "")
    if (why_not := _no_reduction(series, kind)) and baseline is not None:
        reason = why_not
    reductions: tuple[Reduction, ...] = ()
    if baseline is not None:
        later = [point for point in series.points if point.order > baseline.order]
        reductions = tuple(
            Reduction(point.sample, None, reason=reason) if reason else reduction(baseline, point) for point in later
        )
    return Clearance(
        series=series,
        baseline=baseline,
        baseline_rule=rule,
        reason=reason,
        reductions=reductions,
        estimates=(
            (*_estimates(series, axis, records, baseline, reductions), *projections(series, axis, thresholds))
            if estimates
            else ()
        ),
        status=status,
        status_reason=status_reason,
    )


# --- baseline ---------------------------------------------------------------------------------------------------------


def find_baseline(series: Series, axis: Axis, since: str = "") -> tuple[Point | None, str, str]:
    """The baseline of a series, the rule that chose it, and why no reduction follows from it ("" = one does).

    The first observation at or before the first treatment; when the series begins later, the last one before ``since``.
    A baseline without level stays the baseline: no other sample is promoted.
    """
    points = [point for point in series.points if point.status is not Status.NOT_EVALUABLE and _has_time(point, axis)]
    if not points:
        return None, "", "no evaluable sample whose place in time is known"
    treatment = first_treatment(axis)
    before = [
        point for point in points if _is_untreated(point, axis) or treatment is None or point.order < treatment.order
    ]
    if before:
        rule = "first sample"
        rule += (
            f" at or before the first treatment ({treatment.event.name})" if treatment else "; no treatment is recorded"
        )
        return before[0], rule, _no_level(before[0])
    name = since or axis.anchor
    event = next((placed for placed in axis.events if placed.event.name == name and placed.event.start.is_known), None)
    if event is None and name and name == axis.anchor:
        event = next((placed for placed in axis.events if placed.event.is_anchor), None)
    assert treatment is not None
    begins = f"the series begins after the first treatment ({treatment.event.name})"
    if event is None:
        return None, begins, f"{begins} and no event is set to count from"
    earlier = [point for point in points if point.order < event.order]
    if not earlier:
        or_before = "" if event is treatment else f" or before {event.event.name}"
        return None, begins, f"no sample before the first treatment ({treatment.event.name}){or_before}"
    return earlier[-1], f"last sample before {event.event.name}; {begins}", _no_level(earlier[-1])


def first_treatment(axis: Axis) -> PlacedEvent | None:
    """The first treatment, infusion or transplant whose place in time is known."""
    known = [
        placed
        for placed in axis.events
        if placed.event.type in TREATMENTS
        and not placed.event.planned
        and (placed.day is not None or placed.event.start.is_known or placed.event.is_anchor)
    ]
    return min(known, key=lambda placed: placed.order, default=None)


def _has_time(point: Point, axis: Axis) -> bool:
    placed = next(placed for placed in axis.samples if placed.info.sample == point.sample)
    return placed.info.time.is_known or _is_untreated(point, axis)


def _is_untreated(point: Point, axis: Axis) -> bool:
    """True when the sample's phase says that it was taken before any treatment."""
    placed = next(placed for placed in axis.samples if placed.info.sample == point.sample)
    phase = placed.info.phase
    return phase is not None and phase.kind is PhaseKind.DIAGNOSIS


def _no_level(baseline: Point) -> str:
    if baseline.status is Status.NOT_DETECTED:
        return f"not detected at baseline (sample {baseline.sample})"
    if baseline.level is None:
        return f"the baseline (sample {baseline.sample}) has no level"
    if baseline.level <= 0:
        return f"the baseline (sample {baseline.sample}) is zero"
    return ""


def _no_reduction(series: Series, kind: MarkerKind | None) -> str:
    """Why a log10 reduction of this kind of series means nothing; "" = it does."""
    if not series.quantity:
        return "results without a level"
    if kind in _NEVER_CLEARED - {MarkerKind.REPORTED}:
        return f"a log10 reduction says nothing of {str(kind).replace('_', ' ')}"
    if not quantity(series.quantity).log_scale:
        return f"{quantity(series.quantity).title} is not on a logarithmic scale"
    return ""


# --- reduction --------------------------------------------------------------------------------------------------------


def reduction(baseline: Point, point: Point) -> Reduction:
    """log10(baseline / level) of one point; a bound when the point is a miss or below its LOQ.

    The interval is by the delta method from the counts of both: the variance of ln p is (1 - p) / k for a fraction k / n,
    1 / a + 1 / b for a ratio of counts. Without counts there is none.
    """
    if point.status is Status.NOT_EVALUABLE:
        return Reduction(point.sample, None, reason="the sample was not evaluable")
    assert baseline.level is not None
    scale = baseline.observation.quantity
    bound = _as_bound(point)
    level = bound.value if bound is not None else point.level
    if point.status is Status.NOT_DETECTED and bound is None:
        return Reduction(point.sample, None, reason="not detected, limit unknown")
    if level is None:
        return Reduction(point.sample, None, reason="detected without a level")
    if level <= 0:
        return Reduction(point.sample, None, reason="the level is zero and no limit is known")
    shown = f"{format_level(baseline.level, scale)} / {format_level(level, scale)}"
    if bound is not None and level >= baseline.level:
        reason = f"the limit ({format_level(level, scale)}) is not below the baseline"
        return Reduction(point.sample, None, reason=reason)
    value = math.log10(baseline.level / level)
    comparator = "≥" if bound is not None or baseline.observation.comparator in {">", ">="} else ""
    if point.observation.comparator in {">", ">="}:
        if comparator:
            return Reduction(point.sample, None, reason="both levels are printed as bounds")
        comparator = "≤"
    return Reduction(
        sample=point.sample,
        log10=value,
        comparator=comparator,
        interval=_interval(baseline, point, value, bound),
        percent_of_baseline=100 * level / baseline.level,
        formula=f"log10({shown})" + (f"; {bound.kind.upper()} {bound.source}" if bound is not None else ""),
    )


def _as_bound(point: Point) -> Limit | None:
    """The limit that stands for the level: of a miss, and of a detection that was only seen to lie below its LOQ."""
    if point.status is Status.NOT_DETECTED:
        return point.bound
    below_loq = point.level is None or point.observation.comparator in {"<", "<="}
    return point.bound if below_loq else None


def _interval(baseline: Point, point: Point, value: float, bound: Limit | None) -> Interval | None:
    if bound is not None:
        return Interval(value, None, f"bound from {bound.kind.upper()}")
    variances = [log_variance(p) for p in (baseline, point)]
    if variances[0] is None or variances[1] is None:
        return None
    half = _Z95 * math.sqrt(variances[0] + variances[1]) / math.log(10)
    return Interval(value - half, value + half, "delta 95 %")


def log_variance(point: Point) -> float | None:
    """Variance of ln(level) from the counts behind it; None when they do not say."""
    item = point.observation
    pair = count_pair(item)
    if pair is not None:
        k, n = pair
        if k <= 0 or (item.quantity == "allelic_ratio" and k >= n):
            return None
        return 1 / k + 1 / (n - k) if item.quantity == "allelic_ratio" else (1 - k / n) / k
    counts = item.counts
    if item.quantity == "normalized_copies" and counts.copies and counts.control_copies and point.interval is not None:
        return 1 / counts.copies + 1 / counts.control_copies
    return None


# --- the course -------------------------------------------------------------------------------------------------------


def clearance_status(series: Series, axis: Axis) -> tuple[str, str]:
    """Whether the marker is gone, and why that can be said.

    Cleared = the first of at least two consecutive evaluable samples in which it was not detected down to a known limit.
    Not followed up = the patient has a later sample, and the series has no result of one.
    """
    points = [point for point in series.points if point.status is not Status.NOT_EVALUABLE]
    detected = [index for index, point in enumerate(points) if point.status is Status.DETECTED]
    if not detected:
        return "", "never detected by this assay"
    tail = points[detected[-1] + 1 :]
    earlier_misses = any(point.status is Status.NOT_DETECTED for point in points[detected[0] : detected[-1]])
    if not tail:
        last = points[-1]
        if len(points) == 1 and not _has_later_sample(axis, last.sample):
            return (
                "no_later_sample",
                f"no sample is known to be later than sample {last.sample}: nothing to compare yet",
            )
        if len(points) == 1:
            return "not_followed_up", f"no result after sample {last.sample}: not followed up, which is not cleared"
        if earlier_misses:
            return "reappeared", f"not detected in between, detected again in sample {last.sample}"
        return "not_cleared", f"still detected in sample {last.sample}"
    adequate = [point for point in tail if point.bound is not None]
    if not adequate:
        return "limit_unknown", f"not detected from sample {tail[0].sample} on, but down to what is not known"
    between = f"between samples {points[detected[-1]].sample} and {adequate[0].sample}"
    if len(adequate) >= 2:
        return "cleared", f"cleared {between}; confirmed by sample {adequate[1].sample}"
    return "cleared_unconfirmed", f"cleared {between}; one sample, not confirmed by a second"


def _has_later_sample(axis: Axis, name: str) -> bool:
    """True when the patient has a sample after this one, in days or by its order; another tissue of the same day is none."""
    last = next(placed for placed in axis.samples if placed.info.sample == name)
    return any(
        other.order > last.order
        and other.info.time.is_known
        and other.info.time != last.info.time
        and (other.day is None or last.day is None or other.day > last.day)
        for other in axis.samples
    )


def _estimates(
    series: Series, axis: Axis, records: PatientRecords, baseline: Point | None, reductions: Sequence[Reduction]
) -> tuple[Estimate, ...]:
    if not series.quantity or not quantity(series.quantity).log_scale:
        return ()
    if is_cell_product(series, records):
        return (*product_kinetics(series, axis), *rates(series, axis))
    found: list[Estimate] = []
    if (best := best_response(reductions)) is not None:
        found.append(best)
    after = [point for point in series.points if baseline is None or point.order > baseline.order]
    found += [
        item for item in (nadir(series, after), time_to_undetectable(series), rebound(series)) if item is not None
    ]
    if (area := area_under_curve(series)) is not None:
        found.append(area)
    return (*found, *rates(series, axis))


def best_response(reductions: Sequence[Reduction]) -> Estimate | None:
    """The largest log10 reduction reached, at the first sample that reached it."""
    values = [item for item in reductions if item.log10 is not None]
    if not values:
        return None
    best = max(values, key=lambda item: item.log10 or 0.0)
    return Estimate(
        "best_response",
        best.log10,
        "log10",
        comparator=best.comparator,
        interval=best.interval,
        method=f"largest log10 reduction, sample {best.sample}",
        points=len(values),
        samples=(best.sample,),
    )


def nadir(series: Series, points: Sequence[Point]) -> Estimate | None:
    """The lowest level after the baseline; a miss is a nadir at its limit ("≤")."""
    valued = [(value, point) for point in points if (value := point_value(point)) is not None]
    if not valued:
        return None
    value, point = min(valued, key=lambda pair: (pair[0], pair[1].order))
    return Estimate(
        "nadir",
        value,
        quantity(series.quantity).unit,
        comparator="≤" if is_bounded(point) else "",
        interval=point.interval,
        method=f"lowest level, sample {point.sample}",
        points=len(valued),
        samples=(point.sample,),
    )


def time_to_undetectable(series: Series) -> Estimate | None:
    """Days from the first detection to the first miss with a limit; the event itself lies in the interval before it."""
    points = [point for point in series.points if point.status is not Status.NOT_EVALUABLE]
    first = next((point for point in points if point.status is Status.DETECTED), None)
    if first is None:
        return None
    for previous, point in itertools.pairwise(points):
        if point.order <= first.order or point.status is not Status.NOT_DETECTED or point.bound is None:
            continue
        if first.day is None or point.day is None:
            reason = "the samples cannot be placed in days"
            return Estimate("time_to_undetectable", None, "days", reason=reason)
        low = previous.day - first.day if previous.day is not None else None
        return Estimate(
            "time_to_undetectable",
            point.day - first.day,
            "days",
            interval=Interval(low, point.day - first.day, "between last positive and first negative sample"),
            method=f"from sample {first.sample} to sample {point.sample}",
            points=2,
            samples=(first.sample, point.sample),
        )
    return None


def rebound(series: Series) -> Estimate | None:
    """Days from the nadir to the first level at least 1 log10 above it; a nadir that is a miss stands at its limit."""
    valued = [(value, point) for point in series.points if (value := point_value(point)) is not None]
    lowest: tuple[float, Point] | None = None
    for value, point in valued:
        risen = lowest is not None and not is_bounded(point) and math.log10(value / lowest[0]) >= REBOUND_LOG10 - 1e-12
        if lowest is not None and risen:
            rise = math.log10(value / lowest[0])
            bounded = "≥" if is_bounded(lowest[1]) else ""
            method = f"{bounded}{rise:.2f} log10 above the nadir of sample {lowest[1].sample}, in sample {point.sample}"
            if point.day is None or lowest[1].day is None:
                return Estimate("rebound", None, "days", method=method, reason="the samples cannot be placed in days")
            return Estimate(
                "rebound",
                point.day - lowest[1].day,
                "days",
                comparator="≤",
                method=method,
                points=2,
                samples=(lowest[1].sample, point.sample),
            )
        if lowest is None or value < lowest[0]:
            lowest = value, point
    return None


def area_under_curve(series: Series) -> Estimate | None:
    """Trapezoid over quantified points in days (linear up, log down), from the first to the last of them."""
    from moltrack.analysis.product import trapezoid

    measured = [point for point in series.points if point.day is not None and point.level and not is_bounded(point)]
    levels = [(point.day, point.level) for point in measured]
    if len(levels) < 3:
        return None
    unit = f"{quantity(series.quantity).unit}·days"
    area = trapezoid([(float(day), float(level)) for day, level in levels if day is not None and level is not None])
    return Estimate(
        "auc",
        area,
        unit,
        method="trapezoid, linear up and log down",
        points=len(levels),
        samples=tuple(point.sample for point in measured),
    )


def point_value(point: Point) -> float | None:
    """The level, or the limit that stands for it; None when neither is known or it is zero."""
    value = point.bound.value if is_bounded(point) and point.bound is not None else point.level
    if point.status is Status.NOT_DETECTED and point.bound is None:
        return None
    return value if value is not None and value > 0 else None


def is_bounded(point: Point) -> bool:
    """True when only a bound of the level is known: a miss, or a detection printed as "< LOQ"."""
    return point.status is Status.NOT_DETECTED or (
        point.bound is not None and (point.level is None or point.observation.comparator in {"<", "<="})
    )
