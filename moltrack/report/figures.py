"""The chart of a patient: lanes of events, one panel per unit, and a strip of what was tested, over one time axis.

Figures are plain mappings in plotly's form. Nothing is drawn at an invented level: a miss is an open triangle at its own limit,
a miss without limit and a detection without level stand in a band of their own under the panel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from moltrack.model import Clearance, EventType, Marker, MarkerKind, Observation, PatientView, Tissue
from moltrack.report.lanes import Packed, flag_trace, lane_traces, pack, sample_trace
from moltrack.report.panels import Panel, panels, scales
from moltrack.report.places import Gap, PlacedSpan, Places, by_days, by_order, shortened
from moltrack.report.traces import (
    SeriesContext,
    Style,
    series_traces,
    strip_rows,
    strip_trace,
    styles,
    threshold_trace,
)
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
    both scales of every panel; ``rows`` per trace the rows of the table of observations that its points stand for; ``lines`` per
    threshold's trace the markers that it is for.
    """

    figure: dict[str, Any]
    modes: dict[str, dict[str, Any]]
    axes: dict[str, dict[str, Any]]
    legend: tuple[Legend, ...]
    rows: dict[int, list[int | None]]
    printed: dict[str, Any]
    lines: dict[int, tuple[str, ...]]
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
    markers_by_id = {marker.id: marker for marker in view.records.markers}
    scenes = [
        _Scene(view, chosen, places, scale, row_of, SCREEN, markers_by_id)
        for places in (by_days(view.axis, trimmed=True), by_days(view.axis), by_order(view.axis))
        if places is not None
    ]
    # Rows of lanes differ between layouts of time; one height keeps the panels where they are.
    lane_rows = max(_rows_of_lanes(scene) for scene in scenes)
    drawings = [_draw(scene, lane_rows) for scene in scenes]
    main, printed = drawings[0], _draw(replace(scenes[0], sizes=PAPER), lane_rows)
    return Chart(
        figure={"data": main.data, "layout": main.layout},
        modes={
            scene.places.name: _difference(main, drawing, scene)
            for scene, drawing in zip(scenes, drawings, strict=True)
        },
        axes=main.axes,
        legend=main.legend,
        rows=main.rows,
        printed={
            "height": printed.layout["height"],
            "annotations": printed.layout["annotations"],
            "domains": {key: axis["domain"] for key, axis in printed.layout.items() if key.startswith("yaxis")},
        },
        lines=main.lines,
        undrawn=tuple(placed.event.name for placed in scenes[0].places.undrawn),
        scale=scale,
    )


@dataclass(frozen=True, slots=True)
class _Scene:
    """What is drawn and how: one patient, one layout of time, one set of sizes."""

    view: PatientView
    clearances: Sequence[Clearance]
    places: Places
    scale: str
    row_of: Callable[[Observation], int | None] | None
    sizes: Sizes
    markers: dict[str, Marker]

    @property
    def shown(self) -> int:
        """How many markers there are to tell apart."""
        return len({found.series.marker for found in self.clearances})


@dataclass(slots=True)
class _Drawing:
    """A figure in the making: panels are stacked from the top, each takes a share of the height."""

    height: float
    top: float
    lane_rows: int
    data: list[dict[str, Any]] = field(default_factory=list)
    layout: dict[str, Any] = field(default_factory=dict)
    axes: dict[str, dict[str, Any]] = field(default_factory=dict)
    legend: tuple[Legend, ...] = ()
    rows: dict[int, list[int | None]] = field(default_factory=dict)
    lines: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def take(self, height: float) -> list[float]:
        """The next stretch of the height, as a domain of plotly."""
        self.top -= height
        return [max(0.0, self.top / self.height), min(1.0, (self.top + height) / self.height)]

    def title(self, text: str, height: float) -> None:
        """A heading over what comes next."""
        self.top -= height
        self.layout["annotations"].append(
            {
                "text": f"<b>{escaped(text)}</b>",
                "xref": "paper",
                "yref": "paper",
                "x": 0,
                "y": self.top / self.height,
                "xanchor": "left",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 12},
            }
        )


def _difference(main: _Drawing, other: _Drawing, scene: _Scene) -> dict[str, Any]:
    """What another layout of time changes of the main figure."""
    places, day0 = scene.places, scene.view.axis.day0
    keys = ("x", "y", "text", "textposition", "hovertext", "error_x")
    pairs = enumerate(zip(main.data, other.data, strict=True))
    traces = {
        str(index): {key: theirs.get(key) for key in keys if theirs.get(key) != ours.get(key)}
        for index, (ours, theirs) in pairs
    }
    layout = other.layout
    return {
        "traces": traces,
        "xaxis": layout["xaxis"],
        "shapes": layout["shapes"],
        "lanes": {key: layout["yaxis"][key] for key in ("range", "tickvals", "ticktext")},
        "slots": [[slot.x, slot.label] for slot in places.slots],
        "pieces": [[piece.first, piece.last, piece.x] for piece in places.pieces],
        "day0": day0.isoformat() if day0 is not None else None,
    }


def _rows_of_lanes(scene: _Scene) -> int:
    flagged = flag_trace(scene.view.flags, scene.places, 0, "y") is not None
    return sum(len(lane.rows) for lane in pack(scene.places)) + 1 + flagged


def _draw(scene: _Scene, lane_rows: int) -> _Drawing:
    sizes = scene.sizes
    grouped = panels(scene.clearances, scene.markers, scene.view.thresholds)
    strip = strip_rows(scene.clearances)
    heading = sizes.gap + sizes.title
    height = sizes.lane * lane_rows + sizes.strip * len(strip) + heading
    for panel in grouped:
        level, bands = _heights(panel, sizes)
        height += heading + level + bands + (sizes.band_gap if bands else 0)
    drawing = _Drawing(height, height, lane_rows, layout=_base_layout(scene.places, height))

    _add_lanes(drawing, scene)
    looks = {
        id(found): style for found, style in zip(scene.clearances, styles(scene.clearances, scene.markers), strict=True)
    }
    traces: dict[int, list[int]] = {id(found): [] for found in scene.clearances}
    for index, panel in enumerate(grouped):
        _add_panel(drawing, scene, panel, 2 + 2 * index, looks, traces)
    if strip:
        drawing.title("Tested: filled = result, hollow = insufficient, blank = not tested", heading)
        number = 2 + 2 * len(grouped)
        drawing.layout[f"yaxis{number}"] = _named_rows(
            drawing.take(sizes.strip * len(strip)), [name for name, _ in strip]
        )
        drawing.data.append(strip_trace(strip, scene.places, scene.view, f"y{number}"))
    drawing.legend = tuple(
        _legend(found, looks[id(found)], tuple(traces[id(found)]), scene.markers) for found in scene.clearances
    )
    return drawing


def _base_layout(places: Places, height: float) -> dict[str, Any]:
    return {
        "height": height + _TOP + _BOTTOM,
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
        "shapes": _shapes(places),
    }


def _add_lanes(drawing: _Drawing, scene: _Scene) -> None:
    rows = drawing.lane_rows
    packed = pack(scene.places)
    used = sum(len(lane.rows) for lane in packed)
    flags = flag_trace(scene.view.flags, scene.places, used + 1, "y")
    drawing.layout["yaxis"] = {
        **_plain_axis(drawing.take(scene.sizes.lane * rows) if rows else [1, 1]),
        "range": [rows - 0.4, -0.6] if rows else [1, 0],
        **_lane_ticks(packed, has_flags=flags is not None),
    }
    drawing.data += lane_traces(packed, "y")
    drawing.data.append(sample_trace(scene.view.axis.samples, scene.places, used, "y"))
    if flags is not None:
        drawing.data.append(flags)


def _add_panel(
    drawing: _Drawing,
    scene: _Scene,
    panel: Panel,
    number: int,
    looks: dict[int, Style],
    traces: dict[int, list[int]],
) -> None:
    """A panel on y axis ``number`` and its bands on the next; ``traces`` learns which traces show which series."""
    sizes = scene.sizes
    height, band_height = _heights(panel, sizes)
    drawing.title(panel.title, sizes.gap + sizes.title)
    if not panel.quantity:
        names = [shortened(found.series.label, 22) for found in panel.members]
        drawing.layout[f"yaxis{number}"] = _named_rows(drawing.take(height), names)
    elif panel.has_levels:
        both = scales(panel)
        chosen = both["log" if scene.scale == "log" and panel.log else "linear"]
        axis = {**_plain_axis(drawing.take(height)), **chosen["axis"], "ticktext": chosen["percent"], "showgrid": True}
        drawing.layout[f"yaxis{number}"] = axis
        drawing.axes[f"yaxis{number}"] = both
    if panel.bands:
        drawing.top -= sizes.band_gap
        drawing.layout[f"yaxis{number + 1}"] = _named_rows(drawing.take(band_height), list(panel.bands))
    for row, found in enumerate(panel.members):
        context = SeriesContext(
            found=found,
            places=scene.places,
            view=scene.view,
            axis=f"y{number}",
            band=f"y{number + 1}",
            panel=panel,
            row=row,
            intervals=scene.shown <= MARKERS_WITH_INTERVALS,
            alone=scene.shown == 1,
            style=looks[id(found)],
            row_of=scene.row_of,
        )
        for trace, table_rows in series_traces(context):
            traces[id(found)].append(len(drawing.data))
            drawing.rows[len(drawing.data)] = table_rows
            drawing.data.append(trace)
    for line in panel.lines:
        drawing.lines[len(drawing.data)] = line.markers
        drawing.data.append(threshold_trace(line, panel, scene.places, f"y{number}"))


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


def _lane_ticks(packed: Sequence[Packed], *, has_flags: bool) -> dict[str, Any]:
    """The name of a lane beside its first row."""
    values: list[int] = []
    names: list[str] = []
    row = 0
    for item in packed:
        if item.rows:
            values.append(row)
            names.append(item.lane.title)
        row += len(item.rows)
    values.append(row)
    names.append("Samples")
    if has_flags:
        values.append(row + 1)
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
    for gap in places.gaps:
        lines.append(_gap_band(gap))
    return lines


def _gap_band(gap: Gap) -> dict[str, Any]:
    """Days left out: a grey band over all panels that says how many."""
    label = {"text": f"{gap.days:g} days left out", "textangle": -90, "font": {"size": 10, "color": "#6b6b6b"}}
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": gap.x0,
        "x1": gap.x1,
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "line": {"width": 1, "color": "#888888", "dash": "dot"},
        "fillcolor": "rgba(128,128,128,0.12)",
        "label": label,
    }


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
