"""Where samples and events stand on the horizontal axis of a figure: by days, or equally spaced in their order.

Samples that cannot be placed in days stand in their order at the left (or right) of an axis break. Long stretches in which
nothing happened can be left out of the scale of days.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from moltrack.model import Axis, PlacedEvent, PlacedSample
from moltrack.report.words import escaped, sample_time

_Placed: TypeAlias = PlacedSample | PlacedEvent
#: A stretch without sample or event is long when it is so many days and such a share of the time shown.
LONG_GAP, LONG_SHARE = 60, 0.3
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
class Piece:
    """A stretch of the scale of days that is drawn without a gap: ``first`` to ``last``, from ``x`` on."""

    first: float
    last: float
    x: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Days that are left out, between two pieces of the scale."""

    x0: float
    x1: float
    days: float


@dataclass(frozen=True, slots=True)
class Places:
    """One way to lay out time. ``pieces`` are what lies on the scale of days; ``breaks`` where the scale ends."""

    name: str
    title: str
    samples: dict[str, float]
    events: tuple[PlacedSpan, ...]
    slots: tuple[Slot, ...]
    ticks: tuple[tuple[float, str], ...]
    span: tuple[float, float]
    breaks: tuple[float, ...] = ()
    pieces: tuple[Piece, ...] = ()
    gaps: tuple[Gap, ...] = ()
    undrawn: tuple[PlacedEvent, ...] = ()


def by_days(axis: Axis, *, trimmed: bool = False) -> Places | None:
    """Days from day 0 on a true scale; None when nothing can be placed in days.

    Parameters
    ----------
    trimmed
        Leave out long stretches without sample or event; None when there are none.
    """
    samples = [placed for placed in axis.samples if placed.day is not None]
    if not samples:
        return None
    events = [placed for placed in axis.events if placed.day is not None]
    linked: list[_Placed] = [*samples, *events]
    pieces = _pieces(linked, trimmed=trimmed)
    if trimmed and len(pieces) == 1:
        return None
    everything: list[_Placed] = [*axis.samples, *axis.events]
    low, high = pieces[0].x, _x_of(pieces[-1].last, pieces)
    width = max(high - low, 1.0)
    orders = [placed.order for placed in linked]
    loose = [p for p in everything if p.day is None and (isinstance(p, PlacedSample) or _has_order(p))]
    left = [p for p in loose if p.order < min(orders) or (isinstance(p, PlacedSample) and p.order < max(orders))]
    right = [p for p in loose if p.order > max(orders)]
    where = {id(p): _x_of(p.day, pieces) for p in linked if p.day is not None}
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
        name="trimmed" if trimmed else "days",
        title=f"days from {axis.anchor}" if axis.anchor else "days",
        samples={p.info.sample: where[id(p)] for p in axis.samples if id(p) in where},
        events=tuple(span for p in axis.events if (span := _span(p, where.get(id(p)), linked, pieces)) is not None),
        slots=tuple(slots),
        ticks=day_ticks(pieces),
        span=(first - pad, last + pad),
        breaks=tuple(breaks),
        pieces=pieces,
        gaps=tuple(
            Gap(_x_of(one.last, pieces), other.x, other.first - one.last) for one, other in itertools.pairwise(pieces)
        ),
        undrawn=tuple(p for p in axis.events if p.day is None and not _has_order(p)),
    )


def _pieces(linked: Sequence[_Placed], *, trimmed: bool) -> tuple[Piece, ...]:
    """The days that are drawn: all of them, or those between long gaps, which take a twelfth of the whole each."""
    ends = [day for p in linked for day in (p.day_low, p.day_high, p.day) if day is not None]
    ends += [p.end_day for p in linked if isinstance(p, PlacedEvent) and p.end_day is not None]
    days = sorted(set(ends))
    whole = days[-1] - days[0]
    cuts = [
        index
        for index in range(1, len(days))
        if trimmed and days[index] - days[index - 1] > max(LONG_GAP, LONG_SHARE * whole)
    ]
    parts = [days[start:end] for start, end in zip([0, *cuts], [*cuts, len(days)], strict=True)]
    drawn = sum(part[-1] - part[0] for part in parts)
    if not cuts or drawn < 1:
        return (Piece(days[0], days[-1], days[0]),)
    pieces, x = [], days[0]
    for part in parts:
        pieces.append(Piece(part[0], part[-1], x))
        x += part[-1] - part[0] + drawn / 12
    return tuple(pieces)


def _x_of(day: float, pieces: Sequence[Piece]) -> float:
    """Where a day stands: no day that is drawn lies in a gap."""
    piece = next(piece for piece in reversed(pieces) if day >= piece.first or piece is pieces[0])
    return piece.x + day - piece.first


def _span(
    placed: PlacedEvent, x: float | None, linked: Sequence[_Placed], pieces: Sequence[Piece]
) -> PlacedSpan | None:
    """An event on the scale of days: a point, a bar, or the range that it lies in; None when nothing is known."""
    if x is None:
        if not _has_order(placed):
            return None
        before = [p.day for p in linked if p.day is not None and p.order < placed.order]
        after = [p.day for p in linked if p.day is not None and p.order > placed.order]
        if not before or not after:
            return None
        return PlacedSpan(placed, _x_of(max(before), pieces), _x_of(min(after), pieces), vague=True)
    if placed.end_day is not None and placed.day is not None:
        return PlacedSpan(placed, x, max(x, _x_of(placed.end_day, pieces)))
    if placed.day_low is not None and placed.day_high is not None and placed.day_low < placed.day_high:
        return PlacedSpan(placed, _x_of(placed.day_low, pieces), _x_of(placed.day_high, pieces), vague=True)
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


def day_ticks(pieces: Sequence[Piece]) -> tuple[tuple[float, str], ...]:
    """About nine ticks over all pieces, each named by its day."""
    drawn = sum(piece.last - piece.first for piece in pieces)
    step = next((step for step in _STEPS if drawn / step <= 9), _STEPS[-1])
    ticks = []
    for index, piece in enumerate(pieces):
        # After a gap the scale begins anew, whatever the step.
        days = [piece.first] if index else []
        day = math.ceil(piece.first / step) * step
        while day <= piece.last:
            days += [day] if day - piece.first >= step / 2 or not index else []
            day += step
        ticks += [(piece.x + day - piece.first, f"{day:g}") for day in days]
    return tuple(ticks)
