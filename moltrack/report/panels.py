"""Panels of the chart: series grouped by unit, and the scales of their axes, logarithmic and linear."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from moltrack.model import Clearance, LimitKind, Marker, MarkerKind, Point, Series, Status, Threshold
from moltrack.quantity import QUANTITIES, quantity
from moltrack.report.words import quantity_words


@dataclass(frozen=True, slots=True)
class Line:
    """Thresholds of one level that one rule draws in a panel, with the markers that they are for."""

    threshold: Threshold
    markers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """The series of one unit with the levels they span; ``log`` is False for quantities without a logarithmic scale."""

    title: str
    quantity: str
    members: tuple[Clearance, ...]
    log: bool
    bands: tuple[str, ...]
    lines: tuple[Line, ...] = ()

    @property
    def has_levels(self) -> bool:
        return bool(self.values)

    @property
    def values(self) -> list[float]:
        found = [v for c in self.members for p in c.series.points if (v := drawn_level(p)) is not None]
        ends = [
            b for c in self.members for p in c.series.points if p.interval for b in (p.interval.low, p.interval.high)
        ]
        found += [value for value in ends if value is not None and (value > 0 or not self.log)]
        if len({c.series.marker for c in self.members}) == 1:
            # A marker alone shows its limit of detection as well.
            found += [v for c in self.members for p in c.series.points if (v := p.observation.limit(LimitKind.LOD))]
        return found + [line.threshold.level for line in self.lines] if found else []


def drawn_level(point: Point) -> float | None:
    """The height of a point: its level, the limit of a miss or of a value below LOQ; None = not on the scale."""
    if point.status is Status.NOT_EVALUABLE:
        return None
    if point.status is Status.NOT_DETECTED:
        return point.bound.value if point.bound is not None and point.observation.quantity else None
    if point.level is not None:
        return point.level
    return point.bound.value if point.bound is not None and point.observation.quantity else None


def panels(
    clearances: Sequence[Clearance], markers: dict[str, Marker], thresholds: Sequence[Threshold] = ()
) -> list[Panel]:
    """Series grouped by unit: levels of different quantities, denominators or techniques of cells never share an axis.

    A threshold stands only in a panel that holds its marker, quantity and assay.
    """
    groups: dict[tuple[str, ...], list[Clearance]] = {}
    for found in clearances:
        groups.setdefault(_unit_key(found.series, markers), []).append(found)
    order = list(QUANTITIES)
    keys = sorted(
        groups, key=lambda key: (key[0] == "", key[0] == "analyte", order.index(key[0]) if key[0] else 99, key)
    )
    return [replace(_panel(key, groups[key]), lines=_lines(groups[key], thresholds)) for key in keys]


def _lines(members: Sequence[Clearance], thresholds: Sequence[Threshold]) -> tuple[Line, ...]:
    held = {(found.series.marker, found.series.quantity, found.series.assay) for found in members}
    groups: dict[tuple[float, str], list[Threshold]] = {}
    for line in thresholds:
        if (line.marker, line.quantity, line.assay) in held:
            groups.setdefault((line.level, line.title), []).append(line)
    return tuple(Line(group[0], tuple(dict.fromkeys(line.marker for line in group))) for group in groups.values())


def _unit_key(series: Series, markers: dict[str, Marker]) -> tuple[str, ...]:
    if not series.quantity:
        return ("",)
    if series.quantity == "analyte":
        return ("analyte", series.label, _printed_unit(series))
    marker = markers.get(series.marker)
    # Cells of flow, FISH and morphology are counted over different wholes; an expression has a scale of its own.
    separate = series.quantity in {"cell_fraction", "copy_number"} or (
        marker is not None and marker.kind in {MarkerKind.ANTIGEN, MarkerKind.CHIMERISM, MarkerKind.EXPRESSION}
    )
    kind = str(marker.kind) if marker is not None and marker.kind in {MarkerKind.ANTIGEN, MarkerKind.CHIMERISM} else ""
    return (series.quantity, series.denominator, str(series.technique) if separate else "", kind)


def _printed_unit(series: Series) -> str:
    for point in series.points:
        words = point.observation.printed.split(" ", 1)
        if len(words) == 2:
            return words[1]
    return ""


def _panel(key: tuple[str, ...], members: Sequence[Clearance]) -> Panel:
    name = key[0]
    if not name:
        return Panel("Results without a level", "", tuple(members), False, ())
    if name == "analyte":
        return Panel(
            " ".join(filter(None, [key[1], f"({key[2]})" if key[2] else ""])),
            name,
            tuple(members),
            False,
            _bands(members),
        )
    title = quantity_words(name, key[1])
    title = title[0].upper() + title[1:]
    title += f" · {key[2]}" if key[2] else ""
    title += f" · {key[3].replace('_', ' ')}" if key[3] else ""
    unit = quantity(name).unit
    if unit not in {"fraction", "ratio"} and unit not in title:
        title += f" ({unit})"
    panel = Panel(title, name, tuple(members), quantity(name).log_scale, _bands(members))
    # A share that moves within one decade (an antigen, chimerism) reads better on a linear axis.
    if key[3] and panel.values and min(panel.values) > 0.1:
        panel = replace(panel, log=False)
    if any(value <= 0 for value in panel.values):
        panel = replace(panel, log=False)
    return panel


def _bands(members: Sequence[Clearance]) -> tuple[str, ...]:
    """Which bands a panel needs under its scale."""
    points = [point for found in members for point in found.series.points if drawn_level(point) is None]
    bands = []
    if any(point.status is Status.DETECTED for point in points):
        bands.append("detected, no level")
    if any(point.status is Status.NOT_DETECTED for point in points):
        bands.append("limit unknown")
    return tuple(bands)


# --- scales -----------------------------------------------------------------------------------------------------------


def scales(panel: Panel) -> dict[str, Any]:
    """Both axes of a panel: ticks as percent and as fraction, so that a page switches without computing."""
    values = panel.values
    positive = [value for value in values if value > 0] or [1.0]
    found: dict[str, Any] = {"linear": _linear_scale(panel, values)}
    if panel.log:
        low, high = math.log10(min(positive)), math.log10(max(positive))
        first, last = math.floor(low - 0.08), math.ceil(high + 0.08)
        decades = list(range(first, last + 1))
        step = max(1, round(len(decades) / 6))
        ticks = [10.0**power for power in decades[::step]]
        if last - first <= 2:
            ticks = sorted({m * 10.0**power for power in decades for m in (1, 2, 5) if power < last or m == 1})
            ticks = [t for t in ticks if low - 0.45 <= math.log10(t) <= high + 0.45] or ticks
        bottom, top = min(low - 0.25, math.log10(ticks[0])), max(high + 0.25, math.log10(ticks[-1]))
        found["log"] = {
            "axis": {"type": "log", "range": [bottom, top], "tickmode": "array", "tickvals": ticks},
            "percent": [tick_text(tick, panel.quantity, percent=True) for tick in ticks],
            "fraction": [tick_text(tick, panel.quantity, percent=False) for tick in ticks],
        }
    return found


def _linear_scale(panel: Panel, values: Sequence[float]) -> dict[str, Any]:
    low, high = min([*values, 0.0]), max([*values, 0.0])
    if panel.quantity in {"analyte", "copy_number"} and min(values) > 0.5 * max(values):
        low = min(values) - 0.2 * (max(values) - min(values) or abs(max(values)) or 1)
    if high <= low:
        high = low + 1
    step = nice_step((high - low) / 3)
    first = math.floor(low / step) * step
    ticks = [first + step * index for index in range(int((high - first) / step) + 2)]
    ticks = [tick for tick in ticks if low - step / 2 <= tick <= high + step]
    pad = 0.06 * (high - low)
    return {
        "axis": {
            "type": "linear",
            "range": [low - pad, max(high + pad, ticks[-1])],
            "tickmode": "array",
            "tickvals": ticks,
        },
        "percent": [tick_text(tick, panel.quantity, percent=True) for tick in ticks],
        "fraction": [tick_text(tick, panel.quantity, percent=False) for tick in ticks],
    }


def nice_step(size: float) -> float:
    """The step of 1, 2 or 5 times a power of ten that is next above a size."""
    power = 10.0 ** math.floor(math.log10(size))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= size * 0.999)


def tick_text(value: float, quantity_name: str, *, percent: bool) -> str:
    """``0.01 %`` or ``10⁻⁴`` for fractions, plain numbers otherwise."""
    shown_as_percent = quantity_name in QUANTITIES and (
        quantity(quantity_name).is_fraction or quantity_name == "normalized_copies"
    )
    if shown_as_percent and percent:
        return f"{float(f'{value * 100:.6g}'):.10g} %".replace("e-05", "·10⁻⁵")
    if value > 0 and value < 0.001:
        power = math.floor(math.log10(value) + 1e-9)
        mantissa = round(value / 10.0**power, 3)
        exponent = str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"10{exponent}" if mantissa == 1 else f"{mantissa:g}·10{exponent}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{float(f'{value:.6g}'):g}"
