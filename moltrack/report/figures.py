"""The chart of a patient: lanes of events, one panel per unit, and a strip of what was tested, over one time axis.

Figures are plain mappings in plotly's form. Nothing is drawn at an invented level: a miss is an open triangle at its own limit,
a miss without limit and a detection without level stand in a band of their own under the panel.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from moltrack.model import (
    Clearance,
    EventType,
    Marker,
    MarkerKind,
    Observation,
    PatientView,
    Point,
    Series,
    Status,
    Tissue,
)
from moltrack.quantity import QUANTITIES, quantity
from moltrack.report.lanes import Packed, flag_trace, lane_traces, pack
from moltrack.report.places import Places, by_days, by_order, shortened
from moltrack.report.words import cells, escaped, hover_text, series_name, short_quantity

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
#: Intervals are drawn as long as they can be told apart.
MARKERS_WITH_INTERVALS = 4
#: More series than this share one row per assay in the strip of what was tested.
STRIP_ROWS = 24

_TOP, _BOTTOM, _LEFT, _RIGHT = 8, 64, 168, 24


@dataclass(frozen=True, slots=True)
class Sizes:
    """Heights in pixels: of panels with several series or one, of rows, and of what stands between them."""

    panel: int
    small_panel: int
    lane: int
    band: int
    strip: int
    title: int
    gap: int
    band_gap: int


SCREEN = Sizes(panel=150, small_panel=104, lane=21, band=18, strip=15, title=20, gap=14, band_gap=9)
#: On paper the whole chart must fit on a page with its legend.
PAPER = Sizes(panel=62, small_panel=56, lane=16, band=13, strip=11, title=16, gap=6, band_gap=6)


@dataclass(frozen=True, slots=True)
class Panel:
    """The series of one unit with the levels they span; ``log`` is False for quantities without a logarithmic scale."""

    title: str
    quantity: str
    members: tuple[Clearance, ...]
    log: bool
    bands: tuple[str, ...]

    @property
    def has_levels(self) -> bool:
        return bool(self.values)

    @property
    def values(self) -> list[float]:
        found = [v for c in self.members for p in c.series.points if (v := drawn_level(p)) is not None]
        ends = [
            b for c in self.members for p in c.series.points if p.interval for b in (p.interval.low, p.interval.high)
        ]
        return found + [value for value in ends if value is not None and (value > 0 or not self.log)]


@dataclass(frozen=True, slots=True)
class Legend:
    """A series as the legend names it, with the traces that show it."""

    name: str
    marker: str
    kind: str
    technique: str
    tissue: str
    color: str
    symbol: str
    dash: str
    traces: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with what a page needs to redraw it: other layouts of time, other scales, its legend.

    ``printed`` is the geometry for paper: lower panels, same rows. ``modes`` holds per layout of time the ``x`` (and ``y``) of traces that differ and the changes of the layout; ``axes``
    both scales of every panel; ``rows`` per trace the rows of the table of observations that its points stand for.
    """

    figure: dict[str, Any]
    modes: dict[str, dict[str, Any]]
    axes: dict[str, dict[str, Any]]
    legend: tuple[Legend, ...]
    rows: dict[int, list[int | None]]
    printed: dict[str, Any]
    undrawn: tuple[str, ...] = ()
    scale: str = "log"


def figure(view: PatientView, markers: Sequence[str] = (), scale: str = "log") -> dict[str, Any]:
    """The chart as a plotly figure: a plain mapping that ``plotly.graph_objects.Figure`` takes.

    Parameters
    ----------
    markers
        Ids of the markers to show; empty = all tracked ones.
    scale
        ``log`` or ``linear``: the axis of levels whose quantity has a logarithmic scale.
    """
    return build_chart(view, markers, scale).figure


def drawn_level(point: Point) -> float | None:
    """The height of a point: its level, the limit of a miss or of a value below LOQ; None = not on the scale."""
    if point.status is Status.NOT_EVALUABLE:
        return None
    if point.status is Status.NOT_DETECTED:
        return point.bound.value if point.bound is not None and point.observation.quantity else None
    if point.level is not None:
        return point.level
    return point.bound.value if point.bound is not None and point.observation.quantity else None


def build_chart(
    view: PatientView,
    markers: Sequence[str] = (),
    scale: str = "log",
    row_of: Callable[[Observation], int | None] | None = None,
) -> Chart:
    """The chart with its alternatives; ``row_of`` gives the row of the table that shows an observation."""
    chosen = [c for c in view.clearances if not markers or c.series.marker in markers]
    places = [p for p in (by_days(view.axis), by_order(view.axis)) if p is not None]
    drawings = [_draw(view, chosen, place, scale, row_of) for place in places]
    # Rows of lanes differ between layouts of time; one height keeps the panels where they are.
    tallest = max(drawing.lane_rows for drawing in drawings)
    drawings = [_draw(view, chosen, place, scale, row_of, lane_rows=tallest) for place in places]
    main = drawings[0]
    modes = {place.name: _difference(main, other, place, view) for place, other in zip(places, drawings, strict=True)}
    undrawn = tuple(placed.event.name for placed in places[0].undrawn)
    low = _draw(view, chosen, places[0], scale, row_of, lane_rows=tallest, sizes=PAPER)
    printed = {
        "height": low.figure["layout"]["height"],
        "annotations": low.figure["layout"]["annotations"],
        "domains": {key: axis["domain"] for key, axis in low.figure["layout"].items() if key.startswith("yaxis")},
    }
    return Chart(main.figure, modes, main.axes, main.legend, main.rows, printed, undrawn, scale)


@dataclass(slots=True)
class _Drawing:
    """A figure in the making."""

    figure: dict[str, Any]
    lane_rows: int
    axes: dict[str, dict[str, Any]] = field(default_factory=dict)
    legend: tuple[Legend, ...] = ()
    rows: dict[int, list[int | None]] = field(default_factory=dict)


def _difference(main: _Drawing, other: _Drawing, places: Places, view: PatientView) -> dict[str, Any]:
    keys = ("x", "y", "text", "textposition", "hovertext", "error_x")
    pairs = enumerate(zip(main.figure["data"], other.figure["data"], strict=True))
    traces = {
        str(index): {key: theirs.get(key) for key in keys if theirs.get(key) != ours.get(key)}
        for index, (ours, theirs) in pairs
    }
    layout = other.figure["layout"]
    return {
        "traces": traces,
        "xaxis": layout["xaxis"],
        "shapes": layout["shapes"],
        "lanes": layout["yaxis"]["range"],
        "slots": [[slot.x, slot.label] for slot in places.slots],
        "days": [places.low, places.high] if math.isfinite(places.low) else None,
        "day0": view.axis.day0.isoformat() if view.axis.day0 is not None else None,
    }


# --- panels -----------------------------------------------------------------------------------------------------------


def panels(clearances: Sequence[Clearance], markers: dict[str, Marker]) -> list[Panel]:
    """Series grouped by unit: levels of different quantities, denominators or techniques of cells never share an axis."""
    groups: dict[tuple[str, ...], list[Clearance]] = {}
    for found in clearances:
        groups.setdefault(_unit_key(found.series, markers), []).append(found)
    order = list(QUANTITIES)
    keys = sorted(
        groups, key=lambda key: (key[0] == "", key[0] == "analyte", order.index(key[0]) if key[0] else 99, key)
    )
    return [_panel(key, groups[key]) for key in keys]


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
    title = short_quantity(name)
    title = title[0].upper() + title[1:]
    title += f" of {key[1]}" if key[1] else ""
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


# --- drawing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Style:
    color: str
    symbol: str
    dash: str


def _styles(clearances: Sequence[Clearance], markers: dict[str, Marker]) -> list[_Style]:
    """Colour by marker, shape by kind of marker, dash by assay: no two series of one marker look the same."""
    names = list(dict.fromkeys(found.series.marker for found in clearances))
    seen: dict[tuple[str, str], list[str]] = {}
    styles: list[_Style] = []
    for found in clearances:
        series = found.series
        marker = markers.get(series.marker)
        assays = seen.setdefault((series.marker, series.quantity), [])
        assays.append(series.assay)
        styles.append(
            _Style(
                color=COLORS[names.index(series.marker) % len(COLORS)],
                symbol=SHAPES[marker.kind] if marker is not None else "circle",
                dash=DASHES[(len(assays) - 1) % len(DASHES)],
            )
        )
    return styles


def _draw(
    view: PatientView,
    clearances: Sequence[Clearance],
    places: Places,
    scale: str,
    row_of: Callable[[Observation], int | None] | None,
    lane_rows: int = 0,
    sizes: Sizes = SCREEN,
) -> _Drawing:
    markers = {marker.id: marker for marker in view.records.markers}
    grouped = panels(clearances, markers)
    styles = {id(found): style for found, style in zip(clearances, _styles(clearances, markers), strict=True)}
    packed = pack(places)
    flags = flag_trace(view.flags, places, 0, "y")
    rows = max(lane_rows, sum(len(item.rows) for item in packed) + (1 if flags else 0))
    strip = _strip_rows(clearances)

    heights = [_heights(panel, sizes) for panel in grouped]
    lanes_height = sizes.lane * rows
    strip_height = sizes.strip * len(strip)
    between = sizes.gap + sizes.title
    inner = lanes_height + strip_height + between
    inner += sum(level + band + (sizes.band_gap if band else 0) + between for level, band in heights)
    top = float(inner)

    def domain(height: float) -> list[float]:
        nonlocal top
        top -= height
        return [max(0.0, top / inner), min(1.0, (top + height) / inner)]

    drawing = _Drawing({}, rows)
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {
        "height": inner + _TOP + _BOTTOM,
        "margin": {"l": _LEFT, "r": _RIGHT, "t": _TOP, "b": _BOTTOM, "pad": 0},
        "hovermode": "closest",
        "hoverlabel": {"align": "left", "namelength": -1, "font": {"size": 12}},
        "dragmode": "zoom",
        "showlegend": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif", "size": 12},
        "xaxis": _x_axis(places),
        "annotations": [],
    }

    layout["yaxis"] = {
        **_plain_axis(domain(lanes_height) if rows else [1, 1]),
        "range": [rows - 0.4, -0.6] if rows else [1, 0],
        **_lane_ticks(packed, has_flags=flags is not None),
    }
    data += lane_traces(packed, "y")
    if flags is not None:
        flags["y"] = [sum(len(item.rows) for item in packed)] * len(flags["x"])
        data.append(flags)

    legend: dict[int, list[int]] = {}
    number = 2
    show_intervals = len({found.series.marker for found in clearances}) <= MARKERS_WITH_INTERVALS
    for panel, (height, band_height) in zip(grouped, heights, strict=True):
        top -= between
        _title(layout, panel.title, top / inner)
        axis, band = f"y{number}", f"y{number + 1}"
        if not panel.quantity:
            layout[f"yaxis{number}"] = _named_rows(
                domain(height), [shortened(f.series.label, 22) for f in panel.members]
            )
        elif panel.has_levels:
            drawing.axes[f"yaxis{number}"] = _scales(panel)
            chosen = drawing.axes[f"yaxis{number}"]["log" if scale == "log" and panel.log else "linear"]
            layout[f"yaxis{number}"] = {**_plain_axis(domain(height)), **chosen["axis"], "ticktext": chosen["percent"]}
            layout[f"yaxis{number}"]["showgrid"] = True
        if panel.bands:
            top -= sizes.band_gap
            layout[f"yaxis{number + 1}"] = _named_rows(domain(band_height), list(panel.bands))
        for row, found in enumerate(panel.members):
            context = _Context(found, places, view, axis, band, panel, row, show_intervals, styles[id(found)], row_of)
            for trace, table_rows in _series_traces(context):
                legend.setdefault(id(found), []).append(len(data))
                drawing.rows[len(data)] = table_rows
                data.append(trace)
        number += 2

    top -= between
    if strip:
        _title(layout, "Tested: filled = result, hollow = insufficient, blank = not tested", top / inner)
        layout[f"yaxis{number}"] = _named_rows(domain(strip_height), [name for name, _ in strip])
        for found in clearances:
            legend.setdefault(id(found), [])
        data.append(_strip_trace(strip, places, view, f"y{number}"))

    layout["shapes"] = _shapes(places)
    drawing.figure = {"data": data, "layout": layout}
    drawing.legend = tuple(
        _legend(found, styles[id(found)], tuple(legend.get(id(found), [])), markers) for found in clearances
    )
    return drawing


def _heights(panel: Panel, sizes: Sizes) -> tuple[int, int]:
    """Heights of a panel's scale and of the bands under it."""
    if not panel.quantity:
        return sizes.band * len(panel.members), 0
    level = 0
    if panel.has_levels:
        level = sizes.panel if len(panel.members) > 1 else sizes.small_panel
    return level, sizes.band * len(panel.bands)


def _legend(found: Clearance, style: _Style, traces: tuple[int, ...], markers: dict[str, Marker]) -> Legend:
    series = found.series
    marker = markers.get(series.marker)
    return Legend(
        name=series_name(series),
        marker=series.marker,
        kind=str(marker.kind).replace("_", " ") if marker is not None else "",
        technique=str(series.technique),
        tissue=str(series.tissue) if series.tissue is not Tissue.UNKNOWN else "tissue unknown",
        color=style.color,
        symbol=style.symbol,
        dash=style.dash,
        traces=traces,
    )


def _plain_axis(domain: list[float]) -> dict[str, Any]:
    return {
        "domain": domain,
        "fixedrange": True,
        "zeroline": False,
        "showgrid": False,
        "tickfont": {"size": 11},
        "anchor": "x",
    }


def _named_rows(domain: list[float], names: Sequence[str]) -> dict[str, Any]:
    return {
        **_plain_axis(domain),
        "range": [len(names) - 0.4, -0.6],
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [escaped(name) for name in names],
        "tickfont": {"size": 10},
    }


def _title(layout: dict[str, Any], text: str, y: float) -> None:
    layout["annotations"].append(
        {
            "text": f"<b>{escaped(text)}</b>",
            "xref": "paper",
            "yref": "paper",
            "x": 0,
            "y": y,
            "xanchor": "left",
            "yanchor": "bottom",
            "showarrow": False,
            "font": {"size": 12},
        }
    )


def _lane_ticks(packed: Sequence[Packed], *, has_flags: bool) -> dict[str, Any]:
    """The name of a lane beside its first row."""
    values: list[int] = []
    names: list[str] = []
    row = 0
    for item in packed:
        values.append(row)
        names.append(item.lane.title)
        row += len(item.rows)
    if has_flags:
        values.append(row)
        names.append("Flags")
    return {"tickmode": "array", "tickvals": values, "ticktext": names}


def _x_axis(places: Places) -> dict[str, Any]:
    ticks = [*((slot.x, slot.label) for slot in places.slots), *places.ticks]
    return {
        "range": list(places.span),
        "tickmode": "array",
        "tickvals": [x for x, _ in ticks],
        "ticktext": [text for _, text in ticks],
        "title": {"text": escaped(places.title), "font": {"size": 12}, "standoff": 8},
        "showgrid": True,
        "zeroline": False,
        "tickfont": {"size": 11},
        "tickangle": 0 if len(ticks) <= 14 else -45,
        "showspikes": True,
        "spikemode": "across",
        "spikesnap": "data",
        "spikethickness": 1,
        "spikedash": "dot",
        "spikecolor": "#888888",
        "anchor": "free",
        "position": 0,
        "automargin": True,
    }


def _shapes(places: Places) -> list[dict[str, Any]]:
    """Infusions, transplants and relapses as lines through all panels; the break of the axis as a double bar."""
    lines = []
    for span in places.events:
        if span.placed.event.type in {EventType.INFUSION, EventType.TRANSPLANT, EventType.RELAPSE}:
            lines.append(_vertical(span.x0, "#D55E00", "dot"))
    width = 0.004 * (places.span[1] - places.span[0])
    for at in places.breaks:
        lines += [_vertical(at - width, "#888888", "solid"), _vertical(at + width, "#888888", "solid")]
    return lines


def _vertical(x: float, color: str, dash: str) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": x,
        "x1": x,
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "line": {"color": color, "width": 1, "dash": dash},
    }


# --- scales -----------------------------------------------------------------------------------------------------------


def _scales(panel: Panel) -> dict[str, Any]:
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


# --- series -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Context:
    """What drawing one series needs."""

    found: Clearance
    places: Places
    view: PatientView
    axis: str
    band: str
    panel: Panel
    row: int
    intervals: bool
    style: _Style
    row_of: Callable[[Observation], int | None] | None


def _series_traces(c: _Context) -> list[tuple[dict[str, Any], list[int | None]]]:
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


def _symbol(c: _Context, point: Point) -> str:
    if point.status is Status.NOT_DETECTED:
        return "triangle-down-open"
    if point.bound is not None:
        # Half a marker: there, but below what can be quantified.
        return f"{c.style.symbol}-open-dot"
    return c.style.symbol


def _point_trace(c: _Context, points: Sequence[Point]) -> tuple[dict[str, Any], list[int | None]]:
    x: list[float | None] = []
    y: list[float | None] = []
    symbols: list[str] = []
    hover: list[str] = []
    rows: list[int | None] = []
    low: list[float] = []
    high: list[float] = []
    before: list[float] = []
    after: list[float] = []
    for index, point in enumerate(points):
        if index and not _is_solid(points[index - 1], point):
            for values in (x, y, rows):
                values.append(None)
            symbols.append(c.style.symbol)
            hover.append("")
            for numbers in (low, high, before, after):
                numbers.append(0.0)
        level = drawn_level(point)
        assert level is not None
        x.append(c.places.samples[point.sample])
        y.append(_rounded(level, 6))
        symbols.append(_symbol(c, point))
        rows.append(c.row_of(point.observation) if c.row_of is not None else None)
        hover.append(_hover(c, point) if c.row_of is None else "")
        interval = point.interval if point.status is Status.DETECTED else None
        low.append(_rounded(level - interval.low, 3) if interval is not None and interval.low is not None else 0.0)
        high.append(_rounded(interval.high - level, 3) if interval is not None and interval.high is not None else 0.0)
        known = (
            c.places.name == "days"
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


def _hover(c: _Context, point: Point) -> str:
    placed = next((p for p in c.view.axis.samples if p.info.sample == point.sample), None)
    reduction = next((r for r in c.found.reductions if r.sample == point.sample), None)
    return hover_text(cells(point.observation, c.found.series.label, placed, point, reduction))


def _is_solid(one: Point, other: Point) -> bool:
    """True between two measured levels on one scale of time; everything else is joined by a dashed line."""
    same_scale = (one.day is None) == (other.day is None)
    return same_scale and Status.NOT_DETECTED not in {one.status, other.status}


def _connector(c: _Context, points: Sequence[Point]) -> dict[str, Any] | None:
    x: list[float | None] = []
    y: list[float | None] = []
    for one, other in itertools.pairwise(points):
        if not _is_solid(one, other):
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


def _band_trace(
    c: _Context, points: Sequence[Point], axis: str, rows: dict[bool, int]
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


def _band_symbol(c: _Context, point: Point) -> str:
    if point.status is Status.NOT_DETECTED:
        return "triangle-down-open"
    # A conclusion in words is not a detection without level.
    return c.style.symbol if point.observation.text else "cross"


# --- tested -----------------------------------------------------------------------------------------------------------


def _strip_rows(clearances: Sequence[Clearance]) -> list[tuple[str, dict[str, bool]]]:
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
    return [(shortened(name, 28), row) for name, row in rows.items()]


def _strip_trace(
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
