"""Observations of a patient become series: marker x quantity (with its denominator) x assay x tissue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from moltrack.analysis.limits import drawn_bound, level_interval
from moltrack.model import (
    Assay,
    Axis,
    Limit,
    Observation,
    PatientRecords,
    PlacedSample,
    Point,
    Series,
    Status,
    Tissue,
)
from moltrack.quantity import allelic_ratio_from_vaf, canonical_level, vaf_from_allelic_ratio

#: (quantity, denominator)
_Scale = tuple[str, str]


def build_series(records: PatientRecords, axis: Axis) -> tuple[Series, ...]:
    """The series of all tracked markers, in the order of markers, then by quantity, assay and tissue.

    A detection without level, or a miss, stands in every series of its marker, assay and tissue: "positive" and "looked
    for, not found" are about the marker, not about one of its scales. Assays are joined only by their stated ``same_as``
    and factor.
    """
    assays = {assay.id: assay for assay in records.assays}
    places = {placed.info.sample: placed for placed in axis.samples}
    grouped: dict[tuple[str, str, Tissue], list[Observation]] = {}
    for item in records.observations:
        if item.sample in places:
            joined = _in_joined_assay(item, assays)
            grouped.setdefault((item.marker, joined.assay, item.tissue), []).append(joined)
    series: list[Series] = []
    for marker in records.markers:
        if not marker.tracked:
            continue
        keys = sorted(key for key in grouped if key[0] == marker.id)
        for key in keys:
            items = grouped[key]
            for scale in _scales(items):
                members = [member for item in items if (member := _on_scale(item, scale, items, assays.get(key[1])))]
                points = sorted((_point(item, places[item.sample]) for item in members), key=_point_order)
                first = members[0]
                series.append(
                    Series(
                        marker=marker.id,
                        label=marker.label,
                        quantity=scale[0],
                        denominator=scale[1],
                        assay=key[1],
                        technique=first.technique,
                        tissue=key[2],
                        points=tuple(points),
                        flags=_changes(points),
                    )
                )
    return tuple(series)


def _in_joined_assay(item: Observation, assays: dict[str, Assay]) -> Observation:
    """The observation on the scale of the assay that its own is declared the same as (level here x factor = there)."""
    assay = assays.get(item.assay)
    if assay is None or not assay.same_as or assay.factor is None:
        return item
    if assay.quantity and item.quantity and assay.quantity != item.quantity:
        return item
    factor = float(assay.factor)
    if factor == 1:
        return replace(item, assay=assay.same_as, flags=(*item.flags, f"measured by {assay.id}"))
    return replace(
        item,
        assay=assay.same_as,
        level=None if item.level is None else item.level * factor,
        limits=tuple(replace(limit, value=limit.value * factor) for limit in item.limits),
        formula=" ; ".join(filter(None, [item.formula, f"level by {assay.id} x {assay.factor}"])),
        flags=(*item.flags, f"measured by {assay.id}"),
    )


def _scales(items: Sequence[Observation]) -> list[_Scale]:
    """The scales that have a level; without any, the one that all share, or none."""
    with_level = sorted({(item.quantity, item.denominator) for item in items if item.level is not None})
    if with_level:
        return with_level
    shared = {(item.quantity, item.denominator) for item in items if item.quantity}
    return [shared.pop()] if len(shared) == 1 else [("", "")]


def _on_scale(
    item: Observation, scale: _Scale, items: Sequence[Observation], assay: Assay | None
) -> Observation | None:
    """The observation as a member of a series; None when it belongs to another scale only."""
    own = (item.quantity, item.denominator)
    if own == scale:
        return item
    if item.level is not None:
        return None
    if any(o.sample == item.sample and (o.quantity, o.denominator) == scale for o in items):
        return None
    quantity, denominator = scale
    if not item.quantity:
        # Of several scales nothing says which one the limits of the row are on.
        limits = _limits_on(item, quantity, assay, own=len(_scales(items)) == 1)
        return replace(item, quantity=quantity, denominator=denominator, limits=limits)
    if item.quantity == quantity and not item.denominator:
        return item
    if item.quantity == "vaf" and quantity == "allelic_ratio":
        limits = tuple(replace(limit, value=allelic_ratio_from_vaf(limit.value)) for limit in item.limits)
        return replace(item, limits=limits)
    if item.quantity == "allelic_ratio" and quantity == "vaf":
        limits = tuple(replace(limit, value=vaf_from_allelic_ratio(limit.value)) for limit in item.limits)
        return replace(item, limits=limits)
    return replace(item, limits=())


def _limits_on(item: Observation, quantity: str, assay: Assay | None, *, own: bool) -> tuple[Limit, ...]:
    """The limits of a result without scale on one scale: the row's ``own``, then those the assay declares for that scale."""
    found = {limit.kind: limit for limit in item.limits if own and not limit.source.startswith("declared for assay")}
    for declared in assay.limits if assay is not None else ():
        value = canonical_level(declared.value)
        if declared.value.quantity == quantity and value is not None:
            found.setdefault(declared.kind, Limit(declared.kind, value, f"declared for assay {item.assay}"))
    return tuple(sorted(found.values(), key=lambda limit: limit.kind))


def _point(item: Observation, place: PlacedSample) -> Point:
    return Point(
        sample=item.sample,
        order=place.order,
        day=place.day,
        day_low=place.day_low,
        day_high=place.day_high,
        status=item.status,
        level=item.level,
        bound=drawn_bound(item),
        interval=level_interval(item) if item.status is Status.DETECTED else None,
        observation=item,
    )


def _point_order(point: Point) -> tuple[int, str, str, str]:
    item = point.observation
    return point.order, item.sample, item.part, str(item.origins)


def _changes(points: Sequence[Point]) -> tuple[str, ...]:
    """Changes of program or version along the series: they flag it, they do not split it."""
    flags: list[str] = []
    tools: list[tuple[str, str]] = []
    for point in points:
        tool = (point.observation.tool, point.observation.tool_version)
        if not any(tool):
            continue
        if tools and tool != tools[-1]:
            flags.append(f"{_shown(tools[-1])} until then, {_shown(tool)} from sample {point.sample}")
        tools.append(tool)
    return tuple(dict.fromkeys(flags))


def _shown(tool: tuple[str, str]) -> str:
    return " ".join(filter(None, tool))
