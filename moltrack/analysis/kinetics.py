"""Rates of change: exponential decline and rise with left-censored points, per stretch between treatment starts.

The level follows N(t) = N0 exp(b t); errors are normal on the log scale. Undetected samples enter as left-censored at their
limit (Tobit, Econometrica 1958;26:24), never as zero and never at an invented level.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from moltrack.errors import InputError
from moltrack.model import Axis, Estimate, EventType, Interval, Point, Series, Status, Threshold
from moltrack.quantity import format_level

#: Fewest quantified points that a regression with its interval is given for.
POINTS_NEEDED = 3
_TREATMENTS = frozenset({EventType.TREATMENT, EventType.INFUSION, EventType.TRANSPLANT})
TWO_POINTS = "two points carry no uncertainty"


@dataclass(frozen=True, slots=True)
class Datum:
    """A level on a day; ``censored`` = the level lies somewhere below it. ``sample`` = where it was measured."""

    day: float
    level: float
    censored: bool = False
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """ln N = ``intercept`` + ``slope`` x (day - ``centre``), with its covariance and the t quantile of 95 %.

    ``r_squared`` None when a point is censored.
    """

    centre: float
    intercept: float
    slope: float
    variance_intercept: float
    variance_slope: float
    covariance: float
    t95: float
    sigma: float
    points: int
    censored: int
    r_squared: float | None = None

    def at(self, day: float) -> float:
        """The fitted ln N on a day."""
        return self.intercept + self.slope * (day - self.centre)

    @property
    def slope_interval(self) -> tuple[float, float]:
        half = self.t95 * math.sqrt(self.variance_slope)
        return self.slope - half, self.slope + half


def half_life(day1: float, level1: float, day2: float, level2: float) -> float:
    """ln 2 / k with k = ln(N1 / N2) / (t2 - t1), in days; negative for a rise (its size is the doubling time).

    Raises
    ------
    InputError
        The days do not ascend, a level is not positive, or the levels are equal.
    """
    if day2 <= day1:
        raise InputError(f"day {day2:g} is not after day {day1:g}.")
    if level1 <= 0 or level2 <= 0:
        raise InputError("a rate needs two levels above zero.")
    if level1 == level2:
        raise InputError("the two levels are equal: there is no rate.")
    return math.log(2) * (day2 - day1) / math.log(level1 / level2)


def doubling_time(day1: float, level1: float, day2: float, level2: float) -> float:
    """Days in which the level doubles between two points."""
    return -half_life(day1, level1, day2, level2)


def fit_exponential(data: Sequence[Datum]) -> Fit:
    """Exponential course through the points: least squares on ln N, or the Tobit likelihood when some are censored.

    The maximum likelihood variance is scaled by n / (n - 2), and intervals use Student's t with n - 2 degrees of freedom
    (n quantified points): with few points the plain normal ones are too narrow.

    Raises
    ------
    InputError
        Fewer than three quantified points, or all on one day.
    """
    from scipy.special import stdtrit

    quantified = [datum for datum in data if not datum.censored]
    if len(quantified) < POINTS_NEEDED:
        raise InputError(f"{len(quantified)} quantified points: a regression needs {POINTS_NEEDED}.")
    if len({datum.day for datum in quantified}) < 2:
        raise InputError("all quantified points are of one day.")
    fit = _least_squares(quantified)
    censored = [datum for datum in data if datum.censored]
    # Points exactly on a line that passes below every limit leave no error to estimate: the line is the answer.
    if censored and not (fit.sigma < 1e-6 and all(fit.at(datum.day) < math.log(datum.level) for datum in censored)):
        fit = _tobit(data, fit)
    return _with_quantile(fit, float(stdtrit(len(quantified) - 2, 0.975)))


def _with_quantile(fit: Fit, t95: float) -> Fit:
    return replace(fit, t95=t95)


def _least_squares(data: Sequence[Datum]) -> Fit:
    n = len(data)
    centre = sum(datum.day for datum in data) / n
    xs = [datum.day - centre for datum in data]
    ys = [math.log(datum.level) for datum in data]
    mean = sum(ys) / n
    sxx = sum(x * x for x in xs)
    slope = sum(x * y for x, y in zip(xs, ys, strict=True)) / sxx
    residual = sum((y - mean - slope * x) ** 2 for x, y in zip(xs, ys, strict=True))
    total = sum((y - mean) ** 2 for y in ys)
    variance = residual / (n - 2)
    return Fit(
        centre=centre,
        intercept=mean,
        slope=slope,
        variance_intercept=variance / n,
        variance_slope=variance / sxx,
        covariance=0.0,
        t95=math.nan,
        sigma=math.sqrt(variance),
        points=n,
        censored=0,
        r_squared=1 - residual / total if total > 0 else 1.0,
    )


def _tobit(data: Sequence[Datum], start: Fit) -> Fit:
    """Maximum likelihood with left-censored points, in Olsen's parameters (1/sigma, beta/sigma), where it is concave.

    Olsen, Econometrica 1978;46:1211.
    """
    import numpy as np
    from scipy.optimize import minimize
    from scipy.special import log_ndtr

    scale = max(abs(datum.day - start.centre) for datum in data) or 1.0
    x = np.array([(datum.day - start.centre) / scale for datum in data])
    y = np.array([math.log(datum.level) for datum in data])
    censored = np.array([datum.censored for datum in data])
    design = np.column_stack([np.ones_like(x), x])
    observed = ~censored
    outer = np.column_stack([-design, y])

    def parts(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Standardized residuals, and the hazard of the censored ones."""
        z = theta[2] * y - design @ theta[:2]
        tail = z[censored]
        return z, np.exp(-0.5 * tail**2 - 0.5 * math.log(2 * math.pi) - log_ndtr(tail))

    def loss(theta: np.ndarray) -> float:
        if theta[2] <= 0:
            return math.inf
        z, _ = parts(theta)
        seen = 0.5 * (z[observed] ** 2).sum() - observed.sum() * math.log(theta[2])
        return float(seen - log_ndtr(z[censored]).sum())

    def gradient(theta: np.ndarray) -> np.ndarray:
        z, hazard = parts(theta)
        z[censored] = -hazard
        slope = z @ outer
        slope[2] -= observed.sum() / theta[2]
        return np.asarray(slope)

    def information(theta: np.ndarray) -> np.ndarray:
        z, hazard = parts(theta)
        weight = np.ones_like(y)
        weight[censored] = hazard * (hazard + z[censored])
        found = (outer * weight[:, None]).T @ outer
        found[2, 2] += observed.sum() / theta[2] ** 2
        return np.asarray(found)

    first = np.array([start.intercept, start.slope * scale, 1.0]) / max(start.sigma, 1e-3)
    unit = np.maximum(np.abs(first), 1.0)  # steps are taken in units of the start, whatever the size of 1/sigma
    found = minimize(
        lambda u: loss(u * unit),
        first / unit,
        jac=lambda u: gradient(u * unit) * unit,
        hess=lambda u: information(u * unit) * np.outer(unit, unit),
        method="trust-exact",
        options={"gtol": 1e-5},
    )
    theta = found.x * unit
    covariance_theta = np.linalg.inv(information(theta))
    # beta = theta[:2] / theta[2]: delta method back to the parameters that people read.
    jacobian = np.array([[1 / theta[2], 0, -theta[0] / theta[2] ** 2], [0, 1 / theta[2], -theta[1] / theta[2] ** 2]])
    n = int(observed.sum())
    covariance = jacobian @ covariance_theta @ jacobian.T * n / (n - 2)
    return Fit(
        centre=start.centre,
        intercept=float(theta[0] / theta[2]),
        slope=float(theta[1] / theta[2] / scale),
        variance_intercept=float(covariance[0, 0]),
        variance_slope=float(covariance[1, 1] / scale**2),
        covariance=float(covariance[0, 1] / scale),
        t95=math.nan,
        sigma=float(1 / theta[2]),
        points=len(data),
        censored=int(censored.sum()),
    )


def days_to_level(fit: Fit, level: float) -> tuple[float, Interval | None]:
    """The day on which the fitted course crosses a level, with Fieller's interval (Q J R Stat Soc B 1954;16:175).

    The interval is None when the slope is not distinguishable from zero: it would be unbounded.
    """
    if level <= 0 or fit.slope == 0:
        raise InputError("a projection needs a level above zero and a course that changes.")
    a = fit.intercept - math.log(level)
    estimate = -a / fit.slope
    t2 = fit.t95**2
    quadratic = fit.slope**2 - t2 * fit.variance_slope
    linear = a * fit.slope - t2 * fit.covariance
    constant = a * a - t2 * fit.variance_intercept
    discriminant = linear**2 - quadratic * constant
    if quadratic <= 0 or discriminant < 0:
        return fit.centre + estimate, None
    root = math.sqrt(discriminant)
    low, high = (-linear - root) / quadratic, (-linear + root) / quadratic
    return fit.centre + estimate, Interval(fit.centre + low, fit.centre + high, "Fieller 95 %")


def projection(series: Series, axis: Axis, level: float) -> Estimate:
    """When the last stretch of a series would cross a level: a projection, never a relapse call."""
    name = f"day at {format_level(level, series.quantity)}"
    pieces = stretches(series, axis)
    if not pieces:
        return Estimate(name, None, "days", reason="no two samples that can be placed in days")
    data = pieces[-1]
    warning = "projection of the present course, not a finding"
    try:
        fit = fit_exponential(data)
    except InputError as error:
        return Estimate(name, None, "days", points=len(data), reason=error.message, samples=_samples(data))
    day, interval = days_to_level(fit, level)
    if day <= data[-1].day:
        return Estimate(name, None, "days", points=len(data), reason="the present course does not lead there")
    if interval is None:
        warning += "; its 95 % interval is unbounded, since the rate is not distinguishable from no change"
    return Estimate(
        name,
        day,
        "days",
        interval=interval,
        method=_method(fit, data),
        points=fit.points,
        warning=warning,
        samples=_samples(data),
    )


def projections(series: Series, axis: Axis, thresholds: Sequence[Threshold]) -> tuple[Estimate, ...]:
    """Where the last stretch leads: the day of every threshold of the series that lies ahead of its last level.

    Nothing is said of a series that has fallen below its limit, or that moves away from the line.
    """
    pieces = stretches(series, axis)
    if not pieces or pieces[-1][-1].censored:
        return ()
    first, last = pieces[-1][0].level, pieces[-1][-1].level
    found = []
    for line in thresholds:
        if (line.marker, line.quantity, line.assay) != (series.marker, series.quantity, series.assay):
            continue
        leads_there = (last < line.level and last > first) or (last > line.level and last < first)
        if leads_there:
            one = projection(series, axis, line.level)
            about = f"{line.title}: {line.meaning}"
            found.append(replace(one, method="; ".join(filter(None, [about, one.method]))))
    return tuple(found)


def _samples(data: Sequence[Datum]) -> tuple[str, ...]:
    return tuple(datum.sample for datum in data if datum.sample)


# --- of a series ------------------------------------------------------------------------------------------------------


def rates(series: Series, axis: Axis) -> tuple[Estimate, ...]:
    """Half-life or doubling time of every stretch of a series; a stretch ends where a treatment starts or the level turns."""
    pieces = stretches(series, axis)
    if not pieces and sum(point.status is not Status.NOT_EVALUABLE for point in series.points) > 1:
        placed = sum(_datum(point) is not None for point in series.points)
        known = f"{placed or 'no'} result{'' if placed == 1 else 's'} with a level or a limit on a known day"
        return (Estimate("rate", None, "days", reason=f"{known}: two are needed"),)
    return tuple(_under_treatment(rate(data), data, axis) for data in pieces)


def _under_treatment(found: Estimate, data: Sequence[Datum], axis: Axis) -> Estimate:
    """The rate with its samples, and the treatments that start in its stretch."""
    started = [
        placed.event.name
        for placed in axis.events
        if placed.event.type in _TREATMENTS
        and not placed.event.planned
        and placed.day is not None
        and data[0].day <= placed.day < data[-1].day
    ]
    under = f"after {', '.join(started)}" if started else ""
    return replace(
        found, method="; ".join(filter(None, [found.method, under if found.method else ""])), samples=_samples(data)
    )


def stretches(series: Series, axis: Axis) -> list[list[Datum]]:
    """The series cut at treatment starts and at a nadir that is followed by a rise of at least 1 log10.

    A stretch begins with the last sample before the treatment and needs two samples on different days. Samples without a
    day, or without level and limit, take no part.
    """
    data = [datum for point in series.points if (datum := _datum(point)) is not None]
    data.sort(key=lambda datum: datum.day)
    starts = [
        placed.day
        for placed in axis.events
        if placed.event.type in _TREATMENTS and placed.day is not None and not placed.event.planned
    ]
    cuts = [
        index
        for index in range(1, len(data) - 1)
        if any(data[index].day <= start < data[index + 1].day for start in starts)
    ]
    pieces: list[list[Datum]] = []
    for first, last in zip([0, *cuts], [*cuts, len(data) - 1], strict=True):
        pieces += _cut_at_nadir(data[first : last + 1])
    return [piece for piece in pieces if len({datum.day for datum in piece}) > 1 and not all(d.censored for d in piece)]


def _cut_at_nadir(data: list[Datum]) -> list[list[Datum]]:
    if len(data) < POINTS_NEEDED:
        return [data]
    low = min(range(len(data)), key=lambda index: data[index].level)
    risen = max((datum.level for datum in data[low:] if not datum.censored), default=0.0)
    if 0 < low < len(data) - 1 and risen >= 10 * data[low].level:
        return [data[: low + 1], data[low:]]
    return [data]


def _datum(point: Point) -> Datum | None:
    if point.day is None or point.status is Status.NOT_EVALUABLE:
        return None
    below = point.observation.comparator in {"<", "<="}
    if point.bound is not None and (point.status is Status.NOT_DETECTED or point.level is None or below):
        return Datum(point.day, point.bound.value, True, point.sample) if point.bound.value > 0 else None
    if point.status is Status.DETECTED and point.level is not None and point.level > 0:
        return Datum(point.day, point.level, sample=point.sample)
    return None


def rate(data: Sequence[Datum]) -> Estimate:
    """Half-life (decline) or doubling time (rise) of one stretch, with interval from three quantified points on."""
    quantified = [datum for datum in data if not datum.censored]
    span = f"days {data[0].day:g} to {data[-1].day:g}"
    if len(quantified) >= POINTS_NEEDED and len({datum.day for datum in quantified}) > 1:
        fit = fit_exponential(data)
        return _regression_rate(fit, data)
    if len(quantified) >= 2 and quantified[0].day < quantified[-1].day:
        return _two_points(quantified[0], quantified[-1], span, unused=len(data) - len(quantified))
    if len(quantified) == 1:
        other = data[-1] if data[0] is quantified[0] else data[0]
        return _bounded(quantified[0], other, span)
    return Estimate(
        "rate", None, "days", points=len(data), reason=f"{span}: no two quantified samples on different days"
    )


def _two_points(first: Datum, second: Datum, span: str, *, unused: int) -> Estimate:
    warning = TWO_POINTS
    if unused:
        warning += f"; {unused} sample{'s' if unused > 1 else ''} below the limit not used"
    if first.level == second.level:
        return Estimate("rate", None, "days", points=2, reason=f"{span}: the level did not change")
    value = half_life(first.day, first.level, second.day, second.level)
    name = "half_life" if value > 0 else "doubling_time"
    method = f"ln 2 (t2 - t1) / |ln(N1 / N2)|, {span}"
    return Estimate(name, abs(value), "days", method=method, points=2, warning=warning)


def _bounded(known: Datum, limit: Datum, span: str) -> Estimate:
    """One level and one limit: the change was at least that fast, when the limit lies below the level."""
    if limit.level >= known.level or limit.day == known.day:
        return Estimate("rate", None, "days", points=2, reason=f"{span}: the limit is not below the level")
    name = "half_life" if limit.day > known.day else "doubling_time"
    value = abs(math.log(2) * (limit.day - known.day) / math.log(known.level / limit.level))
    method = f"ln 2 (t2 - t1) / |ln(N / limit)|, {span}"
    return Estimate(name, value, "days", comparator="≤", method=method, points=2, warning=TWO_POINTS)


def _regression_rate(fit: Fit, data: Sequence[Datum]) -> Estimate:
    if fit.slope == 0:
        return Estimate("rate", None, "days", points=fit.points, reason="the level did not change")
    name = "half_life" if fit.slope < 0 else "doubling_time"
    slow, fast = sorted(abs(b) for b in fit.slope_interval)
    includes_zero = fit.slope_interval[0] <= 0 <= fit.slope_interval[1]
    if includes_zero:
        fast = max(-fit.slope_interval[0], 0.0) if fit.slope < 0 else fit.slope_interval[1]
    low = math.log(2) / fast if fast > 0 else None
    high = None if includes_zero or slow == 0 else math.log(2) / slow
    return Estimate(
        name,
        math.log(2) / abs(fit.slope),
        "days",
        interval=Interval(low, high, "regression 95 %"),
        method=_method(fit, data),
        points=fit.points,
        warning="the 95 % interval of the rate includes no change" if includes_zero else "",
    )


def _method(fit: Fit, data: Sequence[Datum]) -> str:
    span = f"days {data[0].day:g} to {data[-1].day:g}"
    if fit.censored:
        return f"left-censored regression of ln N (Tobit), {span}, {fit.censored} of {fit.points} below the limit"
    return f"least squares of ln N, {span}, {fit.points} points, R² {fit.r_squared:.2f}"
