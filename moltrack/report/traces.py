"""Traces of the chart: the points, lines and bounds of a series, and the strip of what was tested."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from moltrack.model import Clearance, LimitKind, Marker, MarkerKind, Observation, PatientView, Point, Status, Tissue
from moltrack.quantity import format_level
from moltrack.report.lanes import NO_LABEL
from moltrack.report.panels import Line, Panel, drawn_level
from moltrack.report.places import Places, shortened
from moltrack.report.words import cells, escaped, hover_text, series_name

#: Okabe and Ito's colours without yellow and black, which vanish on white or on dark ground, with a grey instead.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7a7a7a")
DASHES = ("solid", "dot", "dashdot", "longdash")
SHAPES = {
    MarkerKind.SMALL_VARIANT: "circle",
    MarkerKind.ITD: "square",
    MarkerKind.FUSION: "diamond",
    MarkerKind.STRUCTURAL_VARIANT: "hexagon2",
    MarkerKind.COPY_NUMBER: "hourglass",
    MarkerKind.KARYOTYPE_EVENT: "bowtie",
    MarkerKind.EXPRESSION: "star",
    MarkerKind.FLOW: "pentagon",
    MarkerKind.ANTIGEN: "star-square",
    MarkerKind.BLASTS: "hexagon",
    MarkerKind.CHIMERISM: "star-diamond",
    MarkerKind.ANALYTE: "triangle-up",
    MarkerKind.REPORTED: "square",
}
#: More series than this share one row per assay in the strip of what was tested.
STRIP_ROWS = 24


@dataclass(frozen=True, slots=True)
class Style:
    color: str
    symbol: str
    dash: str


def styles(clearances: Sequence[Clearance], markers: dict[str, Marker]) -> list[Style]:
    """Colour by marker, shape by kind of marker, dash by assay: no two series of one marker look the same."""
    names = list(dict.fromkeys(found.series.marker for found in clearances))
    seen: dict[tuple[str, str], list[str]] = {}
    found_styles: list[Style] = []
    for found in clearances:
        series = found.series
        marker = markers.get(series.marker)
        assays = seen.setdefault((series.marker, series.quantity), [])
        assays.append(series.assay)
        found_styles.append(
            Style(
                color=COLORS[names.index(series.marker) % len(COLORS)],
                symbol=SHAPES[marker.kind] if marker is not None else "circle",
                dash=DASHES[(len(assays) - 1) % len(DASHES)],
            )
        )
    return found_styles


@dataclass(frozen=True, slots=True)
class SeriesContext:
    """What drawing one series needs."""

    found: Clearance
    places: Places
    view: PatientView
    axis: str
    band: str
    panel: Panel
    row: int
    intervals: bool
    alone: bool
    style: Style
    row_of: Callable[[Observation], int | None] | None


def series_traces(c: SeriesContext) -> list[tuple[dict[str, Any], list[int | None]]]:
    """Traces of a series: measured points with solid lines, dashed connectors to bounds, and its marks in the bands."""
    points = [point for point in c.found.series.points if point.sample in c.places.samples]
    if not c.panel.quantity:
        shown = [point for point in points if point.status is not Status.NOT_EVALUABLE]
        return [_band_trace(c, shown, c.axis, {True: c.row, False: c.row})] if shown else []
    drawn = [point for point in points if drawn_level(point) is not None]
    rest = [point for point in points if drawn_level(point) is None and point.status is not Status.NOT_EVALUABLE]
    found: list[tuple[dict[str, Any], list[int | None]]] = []
    if drawn:
        found.append(_point_trace(c, drawn))
        limits = _limit_trace(c, points)
        if limits is not None:
            found.append((limits, []))
        connector = _connector(c, drawn)
        if connector is not None:
            found.append((connector, []))
    if rest:
        rows = {
            detected: c.panel.bands.index(name)
            for detected, name in ((True, "detected, no level"), (False, "limit unknown"))
            if name in c.panel.bands
        }
        found.append(_band_trace(c, rest, c.band, rows))
    return found


def _symbol(c: SeriesContext, point: Point) -> str:
    if point.status is Status.NOT_DETECTED:
        return "triangle-down-open"
    if point.bound is not None:
        # Half a marker: there, but below what can be quantified.
        return f"{c.style.symbol}-open-dot"
    return c.style.symbol


def _beside(point: Point) -> str:
    """What is written beside a point that is no measured level: ``<`` or ``>`` at a bound, ``+`` for there but not quantified."""
    sign = point.observation.comparator[:1]
    if sign in {"<", ">"}:
        return sign
    if point.status is Status.NOT_DETECTED:
        return "<"
    return "+" if point.bound is not None else ""


def _point_trace(c: SeriesContext, points: Sequence[Point]) -> tuple[dict[str, Any], list[int | None]]:
    x: list[float | None] = []
    y: list[float | None] = []
    symbols: list[str] = []
    signs: list[str] = []
    hover: list[str] = []
    rows: list[int | None] = []
    low: list[float] = []
    high: list[float] = []
    before: list[float] = []
    after: list[float] = []
    for index, point in enumerate(points):
        if index and not _is_solid(c, points[index - 1], point):
            for values in (x, y, rows):
                values.append(None)
            symbols.append(c.style.symbol)
            signs.append("")
            hover.append("")
            for numbers in (low, high, before, after):
                numbers.append(0.0)
        level = drawn_level(point)
        assert level is not None
        x.append(c.places.samples[point.sample])
        y.append(_rounded(level, 6))
        symbols.append(_symbol(c, point))
        signs.append(_beside(point))
        rows.append(c.row_of(point.observation) if c.row_of is not None else None)
        hover.append(_hover(c, point) if c.row_of is None else "")
        interval = point.interval if point.status is Status.DETECTED else None
        low.append(_rounded(level - interval.low, 3) if interval is not None and interval.low is not None else 0.0)
        high.append(_rounded(interval.high - level, 3) if interval is not None and interval.high is not None else 0.0)
        known = (
            c.places.name != "equal"
            and point.day is not None
            and point.day_low is not None
            and point.day_high is not None
        )
        before.append(
            point.day - point.day_low if known and point.day is not None and point.day_low is not None else 0.0
        )
        after.append(
            point.day_high - point.day if known and point.day is not None and point.day_high is not None else 0.0
        )
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": escaped(series_name(c.found.series)),
        "x": x,
        "y": y,
        "yaxis": c.axis,
        "line": {"color": c.style.color, "width": 2, "dash": c.style.dash},
        "marker": {
            "color": c.style.color,
            "size": 9,
            "symbol": symbols if len(set(symbols)) > 1 else symbols[0],
            "line": {"color": c.style.color, "width": 1.5},
        },
        "hoverinfo": "text",
        "connectgaps": False,
        "cliponaxis": False,
    }
    if any(signs):
        trace |= {
            "mode": "lines+markers+text",
            "text": [escaped(sign) or NO_LABEL for sign in signs],
            "textposition": "middle right",
            "textfont": {"size": 12},
        }
    if c.row_of is None:
        trace["hovertext"] = hover
    if any(low) or any(high):
        trace["error_y"] = {
            "type": "data", "symmetric": False, "array": high, "arrayminus": low, "thickness": 1, "width": 2,
            "color": c.style.color, "visible": c.intervals,
        }  # fmt: skip
    if any(before) or any(after):
        trace["error_x"] = {
            "type": "data", "symmetric": False, "array": after, "arrayminus": before, "thickness": 1, "width": 2,
            "color": c.style.color,
        }  # fmt: skip
    return trace, rows


def _rounded(value: float, digits: int) -> float:
    """Fewer digits than a float prints: the page stays small, no pixel moves."""
    return float(f"{value:.{digits}g}")


def _hover(c: SeriesContext, point: Point) -> str:
    placed = next((p for p in c.view.axis.samples if p.info.sample == point.sample), None)
    reduction = next((r for r in c.found.reductions if r.sample == point.sample), None)
    return hover_text(cells(point.observation, c.found.series.label, placed, point, reduction))


def _is_solid(c: SeriesContext, one: Point, other: Point) -> bool:
    """True between two measured levels on one scale of time with no other sample between; else the line is dashed."""
    same_scale = (one.day is None) == (other.day is None)
    return same_scale and Status.NOT_DETECTED not in {one.status, other.status} and not _passes_over(c, one, other)


def _passes_over(c: SeriesContext, one: Point, other: Point) -> bool:
    """True when a sample of the tissue lies between, on another day, in which the series has no level."""
    return any(
        one.order < placed.order < other.order
        and placed.info.tissue == c.found.series.tissue
        and (placed.day is None or placed.day not in {one.day, other.day})
        for placed in c.view.axis.samples
    )


def _connector(c: SeriesContext, points: Sequence[Point]) -> dict[str, Any] | None:
    x: list[float | None] = []
    y: list[float | None] = []
    for one, other in itertools.pairwise(points):
        if not _is_solid(c, one, other):
            x += [c.places.samples[one.sample], c.places.samples[other.sample], None]
            y += [drawn_level(one), drawn_level(other), None]
    if not x:
        return None
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "yaxis": c.axis,
        "line": {"color": c.style.color, "width": 1.2, "dash": "dash"},
        "hoverinfo": "skip",
        "connectgaps": False,
        "showlegend": False,
    }


def _limit_trace(c: SeriesContext, points: Sequence[Point]) -> dict[str, Any] | None:
    """The limit of detection along the samples as steps: shown when a marker stands alone."""
    limits = [
        (c.places.samples[p.sample], limit) for p in points if (limit := _known_limit(p)) is not None and limit > 0
    ]
    if not limits or not c.panel.quantity:
        return None
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "limit of detection",
        "x": [x for x, _ in limits],
        "y": [_rounded(limit, 6) for _, limit in limits],
        "yaxis": c.axis,
        "line": {"color": c.style.color, "width": 1, "dash": "dot", "shape": "hv"},
        "marker": {"symbol": "line-ew-open", "size": 9, "color": c.style.color},
        "fill": "tozeroy",
        "fillcolor": "rgba(128,128,128,0.12)",
        "opacity": 0.6,
        "hovertext": [
            f"limit of detection {format_level(limit, c.panel.quantity) if c.panel.quantity != 'analyte' else f'{limit:g}'}"
            for _, limit in limits
        ],
        "hoverinfo": "text",
        "visible": c.alone,
        "meta": "limit",
        "showlegend": False,
    }


def threshold_trace(line: Line, panel: Panel, places: Places, axis: str) -> dict[str, Any]:
    """A guideline's threshold, or a cutoff, over the whole width: named at its end and in its hover text."""
    drawn = line.threshold
    xs = sorted({places.span[0], *places.samples.values(), places.span[1]})
    level = format_level(drawn.level, panel.quantity) if panel.quantity != "analyte" else f"{drawn.level:g}"
    about = [
        f"<b>{escaped(drawn.title)}</b>",
        f"{escaped(drawn.meaning)}: {level}",
        escaped(drawn.citation),
        escaped(f"rule {drawn.rule}") if drawn.rule else "",
    ]
    return {
        "type": "scatter",
        "mode": "lines+text",
        "name": f"threshold, {escaped(drawn.title)}",
        "x": xs,
        "y": [drawn.level] * len(xs),
        "yaxis": axis,
        "line": {"color": "#8c8c8c", "width": 1.2, "dash": "6px,2px,1px,2px"},
        "text": [*[NO_LABEL] * (len(xs) - 1), f"{level}, {escaped(shortened(drawn.title, 34))}"],
        "textposition": "top left",
        "textfont": {"size": 9},
        "hovertext": "<br>".join(part for part in about if part),
        "hoverinfo": "text",
        "meta": "threshold",
        "cliponaxis": False,
        "showlegend": False,
    }


def _known_limit(point: Point) -> float | None:
    item = point.observation
    if point.status is Status.NOT_EVALUABLE or not item.quantity:
        return None
    if point.status is Status.NOT_DETECTED and point.bound is not None:
        return point.bound.value
    return item.limit(LimitKind.LOD)


def _band_trace(
    c: SeriesContext, points: Sequence[Point], axis: str, rows: dict[bool, int]
) -> tuple[dict[str, Any], list[int | None]]:
    """Results that have no place on the scale: ``+`` for a detection without level, an open triangle for a miss."""
    detected = [point.status is Status.DETECTED for point in points]
    # Two series of one sample would hide each other: they stand a little apart.
    shift = 0.0 if not c.panel.quantity else ((c.row % 3) - 1) * 0.22
    table_rows = [c.row_of(point.observation) if c.row_of is not None else None for point in points]
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers+text",
        "name": escaped(series_name(c.found.series)),
        "x": [c.places.samples[point.sample] for point in points],
        "y": [rows[flag] + shift for flag in detected],
        "yaxis": axis,
        "text": [f" {escaped(shortened(point.observation.text, 24))}" for point in points],
        "textposition": "middle right",
        "textfont": {"size": 10},
        "marker": {
            "color": c.style.color,
            "size": 9,
            "symbol": [_band_symbol(c, point) for point in points],
            "line": {"color": c.style.color, "width": [0 if flag else 1.5 for flag in detected]},
        },
        "hoverinfo": "text",
        "cliponaxis": False,
        "showlegend": not c.panel.has_levels,
    }
    if c.row_of is None:
        trace["hovertext"] = [_hover(c, point) for point in points]
    return trace, table_rows


def _band_symbol(c: SeriesContext, point: Point) -> str:
    if point.status is Status.NOT_DETECTED:
        return "triangle-down-open"
    # A conclusion in words is not a detection without level.
    return c.style.symbol if point.observation.text else "cross"


# --- tested -----------------------------------------------------------------------------------------------------------


def strip_rows(clearances: Sequence[Clearance]) -> list[tuple[str, dict[str, bool]]]:
    """(name, sample -> evaluable) per marker and assay; per assay alone when there are many."""
    many = len(clearances) > STRIP_ROWS
    rows: dict[str, dict[str, bool]] = {}
    for found in clearances:
        series = found.series
        tissue = f" {series.tissue}" if series.tissue is not Tissue.UNKNOWN else ""
        name = f"{series.assay}{tissue}" if many else f"{series.label} · {series.assay}{tissue}"
        row = rows.setdefault(name, {})
        for point in series.points:
            row[point.sample] = row.get(point.sample, False) or point.status is not Status.NOT_EVALUABLE
    return [(shortened(name, 25), row) for name, row in rows.items()]


def strip_trace(
    strip: Sequence[tuple[str, dict[str, bool]]], places: Places, view: PatientView, axis: str
) -> dict[str, Any]:
    marks = [
        (
            places.samples[sample],
            y,
            evaluable,
            f"{escaped(name)}<br>sample {escaped(sample)}: {'tested' if evaluable else 'insufficient'}",
        )
        for y, (name, row) in enumerate(strip)
        for sample, evaluable in row.items()
        if sample in places.samples
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "Tested",
        "x": [mark[0] for mark in marks],
        "y": [mark[1] for mark in marks],
        "yaxis": axis,
        "marker": {
            "symbol": ["square" if mark[2] else "square-open" for mark in marks],
            "size": 7,
            "color": "#6b6b6b",
            "line": {"color": "#6b6b6b", "width": 1},
        },
        "hovertext": [mark[3] for mark in marks],
        "hoverinfo": "text",
        "cliponaxis": False,
        "showlegend": False,
    }
