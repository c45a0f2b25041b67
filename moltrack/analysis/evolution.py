"""How the clone changes: markers that emerge, are lost or not followed up; markers that move together; VAF as cells."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from moltrack.analysis.clearance import clearance_status, is_bounded, log_variance
from moltrack.analysis.limits import detection_limit
from moltrack.errors import InputError
from moltrack.model import (
    Appearance,
    Axis,
    Course,
    Evolution,
    Marker,
    Observation,
    PatientRecords,
    Point,
    Series,
    Status,
)

#: Standard deviation of ln(level) that is assumed where no counts are known: replicates of one assay differ by about this
#: much (0.1 log10), a convention.
UNKNOWN_SPREAD = 0.1 * math.log(10)

_Z95 = 1.959963984540054

#: Samples that two series must share to be compared.
SHARED_SAMPLES = 3


def evolution(records: PatientRecords, axis: Axis, series: Sequence[Series]) -> Evolution:
    """How the clone changed: what came after the first sample, in the order of markers, and how each series went."""
    orders = _orders(axis)
    items: dict[str, list[Observation]] = {}
    for item in records.observations:
        items.setdefault(item.marker, []).append(item)
    found = (
        _appearance(marker, items.get(marker.id, ()), orders)
        for marker in records.markers
        if marker.tracked and marker.is_clonal
    )
    return Evolution(
        appearances=tuple(one for one in found if one is not None),
        courses=tuple(Course(one, *clearance_status(one, axis)) for one in series),
    )


def appearance(marker: Marker, records: PatientRecords, axis: Axis) -> Appearance | None:
    """When a marker was first detected, and what had been looked at before.

    None for a marker of the first sample, or one that was never detected.
    """
    return _appearance(marker, [item for item in records.observations if item.marker == marker.id], _orders(axis))


def _orders(axis: Axis) -> dict[str, int]:
    return {placed.info.sample: placed.order for placed in axis.samples}


def _appearance(marker: Marker, observations: Iterable[Observation], orders: Mapping[str, int]) -> Appearance | None:
    items = sorted(
        (item for item in dict.fromkeys(observations) if item.sample in orders),
        key=lambda item: (orders[item.sample], item.sample, item.assay, item.part, item.quantity, str(item.origins)),
    )
    detected = [item for item in items if item.status is Status.DETECTED]
    if not detected or orders[detected[0].sample] == 1:
        return None
    sample = detected[0].sample
    new = tuple(item for item in detected if item.sample == sample)
    earlier = tuple(
        item for item in items if item.status is Status.NOT_DETECTED and orders[item.sample] < orders[sample]
    )
    for miss, hit in itertools.product(reversed(earlier), new):
        limit = detection_limit(miss)
        if limit is None or hit.level is None or miss.quantity != hit.quantity or limit.value >= hit.level:
            continue
        return Appearance(marker.id, sample, new, earlier, hit, miss, limit)
    return Appearance(marker.id, sample, new, earlier)


# --- markers that move together -----------------------------------------------------------------------------------------


def moving_together(series: Sequence[Series], *, alpha: float = 0.05) -> list[tuple[Series, ...]]:
    """Groups of series whose levels keep one ratio to each other within their errors.

    Two series move together when they share at least three quantified samples and the hypothesis of parallel courses on the
    log scale is not rejected (chi-squared over the log ratios, variances from counts), and when neither was missed where
    the other lets expect it above its limit. Groups are by complete linkage, in
    the order given; a series without partner is left out. Parallel courses suggest one clone, they do not prove it.
    """
    courses = [_Course.of(one) for one in series]
    groups: list[list[_Course]] = []
    for one in (course for course in courses if len(course.logs) >= SHARED_SAMPLES):
        for group in groups:
            if all(one.is_parallel(other, alpha) for other in group):
                group.append(one)
                break
        else:
            groups.append([one])
    found = [tuple(course.series for course in group) for group in groups]
    return [group for group in found if len({one.marker for one in group}) > 1]


def is_parallel(one: Series, other: Series, *, alpha: float = 0.05) -> bool:
    """True when two series share three quantified samples and their log ratio does not change beyond error."""
    return _Course.of(one).is_parallel(_Course.of(other), alpha)


@dataclass(frozen=True, slots=True)
class _Course:
    """A series as ln(level) and its variance by sample, and as ln(limit) where it was not detected."""

    series: Series
    logs: dict[str, tuple[float, float]]
    bounds: dict[str, float]

    @classmethod
    def of(cls, series: Series) -> _Course:
        points = [point for point in series.points if _is_quantified(point)]
        misses = {
            point.sample: math.log(point.bound.value)
            for point in series.points
            if point.status is Status.NOT_DETECTED and point.bound is not None and point.bound.value > 0
        }
        return cls(series, {p.sample: (math.log(p.level or 1), _variance(p)) for p in points}, misses)

    def is_parallel(self, other: _Course, alpha: float) -> bool:
        from scipy.special import chdtrc

        if (self.series.quantity, self.series.tissue) != (other.series.quantity, other.series.tissue):
            return False
        pairs = [(self.logs[sample], other.logs[sample]) for sample in self.logs if sample in other.logs]
        if len(pairs) < SHARED_SAMPLES:
            return False
        ratios = [one[0] - two[0] for one, two in pairs]
        weights = [1 / (one[1] + two[1]) for one, two in pairs]
        mean = sum(w * r for w, r in zip(weights, ratios, strict=True)) / sum(weights)
        chi2 = sum(w * (r - mean) ** 2 for w, r in zip(weights, ratios, strict=True))
        spread = 1 / sum(weights)
        if self._should_have_been_seen(other, -mean, spread) or other._should_have_been_seen(self, mean, spread):
            return False
        return float(chdtrc(len(pairs) - 1, chi2)) > alpha

    def _should_have_been_seen(self, other: _Course, shift: float, spread: float) -> bool:
        """True when a miss of the other course lies below what this one, moved by ``shift``, lets expect there."""
        return any(
            level + shift - other.bounds[sample] > _Z95 * math.sqrt(variance + spread)
            for sample, (level, variance) in self.logs.items()
            if sample in other.bounds
        )


def _is_quantified(point: Point) -> bool:
    return point.status is Status.DETECTED and bool(point.level) and not is_bounded(point)


def _variance(point: Point) -> float:
    known = log_variance(point)
    return UNKNOWN_SPREAD**2 if known is None else known


# --- VAF and cells ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Zygosity:
    """A way in which mutated cells may carry the variant: ``mutated`` of ``total`` copies, beside cells with ``normal`` copies.

    ``formula`` gives the share of cells F from the VAF v.
    """

    name: str
    mutated: int
    total: int
    formula: str
    normal: int = 2


ZYGOSITIES = (
    Zygosity("heterozygous, two copies", 1, 2, "F = 2 v"),
    Zygosity("copy-neutral loss of heterozygosity", 2, 2, "F = v"),
    Zygosity("other copy lost", 1, 1, "F = 2 v / (1 + v)"),
    Zygosity("trisomy, one copy mutated", 1, 3, "F = 2 v / (1 - v)"),
    Zygosity("trisomy, two copies mutated", 2, 3, "F = 2 v / (2 - v)"),
)
#: X and Y of a male.
ONE_COPY = Zygosity("the only copy, in a male", 1, 1, "F = v", normal=1)


def cell_fraction_from_vaf(vaf: float, zygosity: Zygosity) -> float | None:
    """Share F of all cells that carry the variant; None when that zygosity cannot give the VAF.

    v = m F / (T F + n (1 - F)), m mutated of T copies in mutated cells, n copies elsewhere: F = n v / (m - v (T - n)).
    """
    if not 0 <= vaf <= 1:
        raise InputError(f"{vaf} is not a VAF: it must lie from 0 to 1.")
    divisor = zygosity.mutated - vaf * (zygosity.total - zygosity.normal)
    fraction = zygosity.normal * vaf / divisor if divisor > 0 else math.inf
    return fraction if fraction <= 1 + 1e-9 else None


def cell_fractions(vaf: float) -> dict[str, float]:
    """The shares of cells that a VAF allows, by zygosity: the range to state when the copy number is not known."""
    found = {zygosity.name: cell_fraction_from_vaf(vaf, zygosity) for zygosity in ZYGOSITIES}
    return {name: min(1.0, share) for name, share in found.items() if share is not None}
