"""The chart of a patient: lanes of events, one panel per unit, and a strip of what was tested, over one time axis.

Figures are plain mappings in plotly's form. Nothing is drawn at an invented level: a miss is an open triangle at its own limit,
a miss without limit and a detection without level stand in a band of their own under the panel.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from moltrack.model import Clearance, EventType, Marker, MarkerKind, Observation, PatientView, Tissue
from moltrack.report.lanes import Packed, flag_trace, lane_traces, pack
from moltrack.report.panels import Panel, panels, scales
from moltrack.report.places import PlacedSpan, Places, by_days, by_order, shortened
from moltrack.report.traces import SeriesContext, Style, series_traces, strip_rows, strip_trace, styles
from moltrack.report.words import escaped, series_name

#: Intervals are drawn as long as they can be told apart.
MARKERS_WITH_INTERVALS = 4

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
    chart = build_chart(view, markers, scale)
    layout = chart.figure["layout"]
    # A page has a legend of its own that keyboards reach; a figure alone needs plotly's.
    below = 22 * -(-len(chart.legend) // 3)
    plot = layout["height"] - _TOP - _BOTTOM
    layout["margin"]["b"] += below
    layout["height"] += below
    layout |= {
        "showlegend": True,
        "legend": {"orientation": "h", "yanchor": "top", "y": -(_BOTTOM - 4) / plot, "x": 0, "font": {"size": 11}},
        "paper_bgcolor": "#ffffff",
    }
    return chart.figure


def chosen_clearances(view: PatientView, markers: Sequence[str]) -> list[Clearance]:
    """The series of some markers (all when empty), what is molecular first."""
    kinds = {marker.id: list(MarkerKind).index(marker.kind) for marker in view.records.markers}
    found = [c for c in view.clearances if not markers or c.series.marker in markers]
    return sorted(found, key=lambda c: kinds.get(c.series.marker, 0))


def build_chart(
    view: PatientView,
    markers: Sequence[str] = (),
    scale: str = "log",
    row_of: Callable[[Observation], int | None] | None = None,
) -> Chart:
    """The chart with its alternatives; ``row_of`` gives the row of the table that shows an observation."""
    chosen = chosen_clearances(view, markers)
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
        "lanes": {key: layout["yaxis"][key] for key in ("range", "tickvals", "ticktext")},
        "slots": [[slot.x, slot.label] for slot in places.slots],
        "days": [places.low, places.high] if math.isfinite(places.low) else None,
        "day0": view.axis.day0.isoformat() if view.axis.day0 is not None else None,
    }


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
    looks = {id(found): style for found, style in zip(clearances, styles(clearances, markers), strict=True)}
    packed = pack(places)
    flags = flag_trace(view.flags, places, 0, "y")
    rows = max(lane_rows, sum(len(item.rows) for item in packed) + (1 if flags else 0))
    strip = strip_rows(clearances)

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
    shown = len({found.series.marker for found in clearances})
    show_intervals, alone = shown <= MARKERS_WITH_INTERVALS, shown == 1
    for panel, (height, band_height) in zip(grouped, heights, strict=True):
        top -= between
        _title(layout, panel.title, top / inner)
        axis, band = f"y{number}", f"y{number + 1}"
        if not panel.quantity:
            layout[f"yaxis{number}"] = _named_rows(
                domain(height), [shortened(f.series.label, 22) for f in panel.members]
            )
        elif panel.has_levels:
            drawing.axes[f"yaxis{number}"] = scales(panel)
            chosen = drawing.axes[f"yaxis{number}"]["log" if scale == "log" and panel.log else "linear"]
            layout[f"yaxis{number}"] = {**_plain_axis(domain(height)), **chosen["axis"], "ticktext": chosen["percent"]}
            layout[f"yaxis{number}"]["showgrid"] = True
        if panel.bands:
            top -= sizes.band_gap
            layout[f"yaxis{number + 1}"] = _named_rows(domain(band_height), list(panel.bands))
        for row, found in enumerate(panel.members):
            context = SeriesContext(
                found, places, view, axis, band, panel, row, show_intervals, alone, looks[id(found)], row_of
            )
            for trace, table_rows in series_traces(context):
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
        data.append(strip_trace(strip, places, view, f"y{number}"))

    layout["shapes"] = _shapes(places)
    drawing.figure = {"data": data, "layout": layout}
    drawing.legend = tuple(
        _legend(found, looks[id(found)], tuple(legend.get(id(found), [])), markers) for found in clearances
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


def _legend(found: Clearance, style: Style, traces: tuple[int, ...], markers: dict[str, Marker]) -> Legend:
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
            lines.append(_vague_band(span) if span.vague else _vertical(span.x0, "#D55E00", "dot"))
    width = 0.004 * (places.span[1] - places.span[0])
    for at in places.breaks:
        lines += [_vertical(at - width, "#888888", "solid"), _vertical(at + width, "#888888", "solid")]
    return lines


def _vague_band(span: PlacedSpan) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": span.x0,
        "x1": span.x1,
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "line": {"width": 0},
        "fillcolor": "rgba(213,94,0,0.10)",
    }


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
