"""Where samples and events stand on the horizontal axis of a figure: by days, or equally spaced in their order.

Samples that cannot be placed in days stand in their order at the left (or right) of an axis break.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from moltrack.model import Axis, PlacedEvent, PlacedSample
from moltrack.report.words import escaped, sample_time

_Placed: TypeAlias = PlacedSample | PlacedEvent
_STEPS = (1, 2, 5, 7, 14, 28, 50, 100, 200, 365, 730, 1825)


@dataclass(frozen=True, slots=True)
class Slot:
    """A tick with a name of its own: a sample that has no day."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class PlacedSpan:
    """An event on the horizontal axis; ``x1`` equals ``x0`` for a point in time.

    ``vague`` = it lies somewhere between the two: its day is known as a range, or only its place in the order.
    """

    placed: PlacedEvent
    x0: float
    x1: float
    vague: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """One way to lay out time. ``low`` and ``high`` bound what lies on the scale of days; ``breaks`` where the scale ends."""

    name: str
    title: str
    samples: dict[str, float]
    events: tuple[PlacedSpan, ...]
    slots: tuple[Slot, ...]
    ticks: tuple[tuple[float, str], ...]
    span: tuple[float, float]
    breaks: tuple[float, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    undrawn: tuple[PlacedEvent, ...] = ()


def by_days(axis: Axis) -> Places | None:
    """Days from day 0 on a true scale; None when nothing can be placed in days."""
    samples = [placed for placed in axis.samples if placed.day is not None]
    if not samples:
        return None
    events = [placed for placed in axis.events if placed.day is not None]
    linked: list[_Placed] = [*samples, *events]
    everything: list[_Placed] = [*axis.samples, *axis.events]
    lows = [placed.day_low for placed in linked if placed.day_low is not None]
    highs = [placed.day_high for placed in linked if placed.day_high is not None]
    highs += [placed.end_day for placed in events if placed.end_day is not None]
    low, high = min(lows), max(highs)
    width = max(high - low, 1.0)
    orders = [placed.order for placed in linked]
    loose = [p for p in everything if p.day is None and (isinstance(p, PlacedSample) or _has_order(p))]
    left = [p for p in loose if p.order < min(orders) or (isinstance(p, PlacedSample) and p.order < max(orders))]
    right = [p for p in loose if p.order > max(orders)]
    where = {id(p): float(p.day) for p in linked if p.day is not None}
    step = min(0.07 * width, 0.75 * width / max(len(left) + len(right), 1))
    gap = 1.6 * step
    left.sort(key=lambda p: p.order)
    right.sort(key=lambda p: p.order)
    for index, placed in enumerate(left):
        where[id(placed)] = low - gap - step * (len(left) - 1 - index)
    for index, placed in enumerate(right):
        where[id(placed)] = high + gap + step * index
    first, last = min(where.values()), max([*where.values(), high])
    breaks = ([low - gap / 2] if left else []) + ([high + gap / 2] if right else [])
    slots = [Slot(where[id(p)], _label(p)) for p in (*left, *right) if isinstance(p, PlacedSample)]
    pad = 0.03 * (last - first) or 1.0
    return Places(
        name="days",
        title=f"days from {axis.anchor}" if axis.anchor else "days",
        samples={p.info.sample: where[id(p)] for p in axis.samples if id(p) in where},
        events=tuple(span for p in axis.events if (span := _span(p, where.get(id(p)), linked)) is not None),
        slots=tuple(slots),
        ticks=_day_ticks(low, high),
        span=(first - pad, last + pad),
        breaks=tuple(breaks),
        low=low,
        high=high,
        undrawn=tuple(p for p in axis.events if p.day is None and not _has_order(p)),
    )


def _span(placed: PlacedEvent, x: float | None, linked: Sequence[_Placed]) -> PlacedSpan | None:
    """An event on the scale of days: a point, a bar, or the range that it lies in; None when nothing is known."""
    if x is None:
        if not _has_order(placed):
            return None
        before = [p.day for p in linked if p.day is not None and p.order < placed.order]
        after = [p.day for p in linked if p.day is not None and p.order > placed.order]
        return PlacedSpan(placed, max(before), min(after), vague=True) if before and after else None
    if placed.end_day is not None and placed.day is not None:
        return PlacedSpan(placed, x, max(x, placed.end_day))
    if placed.day_low is not None and placed.day_high is not None and placed.day_low < placed.day_high:
        return PlacedSpan(placed, placed.day_low, placed.day_high, vague=True)
    return PlacedSpan(placed, x, x)


def by_order(axis: Axis) -> Places:
    """Equal distances in the order of samples; events between the samples that they lie between."""
    linked = [(placed.day, float(placed.order)) for placed in axis.samples if placed.day is not None]
    events = tuple(
        PlacedSpan(p, p.order, max(p.order, _order_at(p.end_day, linked, p.order)))
        for p in axis.events
        if _has_order(p)
    )
    xs = [float(p.order) for p in axis.samples] + [x for event in events for x in (event.x0, event.x1)] or [0.0]
    return Places(
        name="equal",
        title="samples in their order (not to scale)",
        samples={p.info.sample: float(p.order) for p in axis.samples},
        events=events,
        slots=(),
        ticks=tuple((float(p.order), _label(p)) for p in axis.samples),
        span=(min(xs) - 0.4, max(xs) + 0.4),
        undrawn=tuple(p for p in axis.events if not _has_order(p)),
    )


def _has_order(placed: PlacedEvent) -> bool:
    return placed.day is not None or placed.event.start.is_known or placed.event.is_anchor


def _label(placed: PlacedSample) -> str:
    return f"{escaped(shortened(placed.info.sample, 16))}<br>{escaped(shortened(sample_time(placed), 16))}"


def shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _order_at(day: float | None, linked: Sequence[tuple[float | None, float]], start: float) -> float:
    """The place of a day between samples in their order."""
    if day is None:
        return start
    before = [order for sample_day, order in linked if sample_day is not None and sample_day <= day]
    return max(start, max(before) + 0.3 if before else start)


def _day_ticks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    step = next((step for step in _STEPS if (high - low) / step <= 9), _STEPS[-1])
    first = math.ceil(low / step) * step
    count = int((high - first) // step) + 1
    return tuple((first + index * step, f"{first + index * step:g}") for index in range(max(count, 0)))
