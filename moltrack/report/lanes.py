"""The lanes over the chart: treatments, infusions, responses, complications and flags, each event with its name beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from moltrack.model import EventType, Flag, PlacedSample, Tissue, Truth
from moltrack.report.places import PlacedSpan, Places, shortened
from moltrack.report.words import escaped, sample_name

#: Width of a letter as a share of the chart's width: labels of one row must not run into each other.
_LETTER = 0.0085
#: A point without a label: plotly takes away empty ones, and then the labels of others when it draws again.
NO_LABEL = " "


@dataclass(frozen=True, slots=True)
class Lane:
    """A group of events that is drawn in one colour and shape."""

    title: str
    types: tuple[EventType, ...]
    color: str
    symbol: str


LANES = (
    Lane("Treatment", (EventType.TREATMENT, EventType.GROWTH_FACTOR, EventType.TRANSFUSION), "#0072B2", "square"),
    Lane("Cells and transplant", (EventType.INFUSION, EventType.TRANSPLANT), "#D55E00", "star"),
    Lane("Response, as recorded", (EventType.RESPONSE, EventType.RELAPSE, EventType.DEATH), "#009E73", "diamond"),
    Lane("Complications and notes", (EventType.TOXICITY, EventType.NOTE, EventType.LAST_CONTACT), "#6b6b6b", "circle"),
)
_SEVERITY = {"alert": "#D55E00", "warning": "#E69F00", "info": "#56B4E9"}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a lane: events whose labels fit beside each other."""

    spans: tuple[PlacedSpan, ...]
    labels_left: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Packed:
    """A lane with its rows for one layout of time."""

    lane: Lane
    rows: tuple[Row, ...]


def event_label(span: PlacedSpan) -> str:
    """Name with grade or dose: short enough to stand beside a bar."""
    event = span.placed.event
    detail = f"grade {event.grade}" if event.grade else ""
    return shortened(" ".join(filter(None, [event.name, detail])), 34)


def event_hover(span: PlacedSpan) -> str:
    event = span.placed.event
    when = str(event.start) + (f" to {event.end}" if event.end is not None else "")
    lines = [
        f"<b>{escaped(event.name)}</b>",
        f"{str(event.type).replace('_', ' ')}: {escaped(when)}",
        escaped(", ".join(event.drugs)),
        escaped(" ".join(filter(None, [event.dose, event.unit]))),
        escaped(" ".join(filter(None, [f"grade {event.grade}" if event.grade else "", event.scale]))),
        f"recorded by {escaped(event.recorded_by)}" if event.recorded_by else "",
        escaped(event.note),
        "planned" if event.planned else "",
    ]
    return "<br>".join(line for line in lines if line)


def pack(places: Places) -> tuple[Packed, ...]:
    """Events of each lane, empty ones included, in as few rows as their labels allow, in the order of time."""
    packed: list[Packed] = []
    width = places.span[1] - places.span[0]
    for lane in LANES:
        spans = sorted((s for s in places.events if s.placed.event.type in lane.types), key=lambda s: (s.x0, s.x1))
        ends: list[float] = []
        rows: list[list[tuple[PlacedSpan, bool]]] = []
        for span in spans:
            text = (len(event_label(span)) + 2) * _LETTER * width
            goes_left = span.x1 + text > places.span[1]
            start = span.x0 - text if goes_left else span.x0 - 0.01 * width
            end = span.x1 + (0.01 * width if goes_left else text)
            index = next((i for i, taken in enumerate(ends) if taken <= start), None)
            if index is None:
                rows.append([])
                ends.append(end)
                index = len(rows) - 1
            rows[index].append((span, goes_left))
            ends[index] = end
        packed.append(
            Packed(lane, tuple(Row(tuple(s for s, _ in row), tuple(left for _, left in row)) for row in rows))
        )
    return tuple(packed)


def lane_traces(packed: Sequence[Packed], axis: str) -> list[dict[str, Any]]:
    """Two traces per lane, of what is known to the day and of what lies somewhere in a range; row 0 is the topmost."""
    traces: list[dict[str, Any]] = []
    y = 0
    for item in packed:
        traces += [_lane_trace(item, y, axis, vague=vague) for vague in (False, True)]
        y += len(item.rows)
    return traces


def _lane_trace(item: Packed, first_row: int, axis: str, *, vague: bool) -> dict[str, Any]:
    xs: list[float | None] = []
    ys: list[float | None] = []
    texts: list[str] = []
    hovers: list[str] = []
    positions: list[str] = []
    for y, row in enumerate(item.rows, start=first_row):
        for span, left in zip(row.spans, row.labels_left, strict=True):
            if span.vague is not vague:
                continue
            ends = [span.x0, span.x1] if span.x1 > span.x0 else [span.x0]
            label = f" {escaped(event_label(span))} "
            labels = [label] if len(ends) == 1 else ([label, NO_LABEL] if left else [NO_LABEL, label])
            xs += [*ends, None]
            ys += [y] * len(ends) + [None]
            texts += [*labels, NO_LABEL]
            hovers += [event_hover(span)] * len(ends) + [""]
            positions += ["middle left" if left else "middle right"] * (len(ends) + 1)
    line: dict[str, Any] = {"color": item.lane.color, "width": 8}
    if vague:
        line |= {"width": 2, "dash": "dot"}
    return {
        "type": "scatter",
        "mode": "lines+markers+text",
        "name": item.lane.title,
        "x": xs,
        "y": ys,
        "yaxis": axis,
        "text": texts,
        "textposition": positions or "middle right",
        "textfont": {"size": 11},
        "hovertext": hovers,
        "hoverinfo": "text",
        "line": line,
        "marker": {
            "color": item.lane.color,
            "symbol": f"{item.lane.symbol}-open" if vague else item.lane.symbol,
            "size": 7 if vague else 9,
        },
        "connectgaps": False,
        "showlegend": False,
    }


#: Share of the chart's width that the name of a tissue takes beside its sample.
_TISSUE_ROOM = 0.04
_TISSUES = {Tissue.BM: "circle", Tissue.PB: "circle-open"}


def sample_trace(samples: Sequence[PlacedSample], places: Places, y: float, axis: str) -> dict[str, Any]:
    """Every sample by its tissue: full = bone marrow, open = blood, a diamond = another or unknown tissue."""
    shown = [placed for placed in samples if placed.info.sample in places.samples]
    xs = [places.samples[placed.info.sample] for placed in shown]
    room = _TISSUE_ROOM * (places.span[1] - places.span[0])
    fits = [all(x >= here + room or x <= here for x in xs) and xs.count(here) == 1 for here in xs]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": "Samples",
        "x": xs,
        "y": [y] * len(shown),
        "yaxis": axis,
        "text": [
            f" {placed.info.tissue}" if is_free and placed.info.tissue in _TISSUES else NO_LABEL
            for placed, is_free in zip(shown, fits, strict=True)
        ],
        "textposition": "middle right",
        "textfont": {"size": 10},
        "hovertext": [escaped(sample_name(placed)) for placed in shown],
        "hoverinfo": "text",
        "marker": {
            "color": "#6b6b6b",
            "symbol": [_TISSUES.get(placed.info.tissue, "diamond-open") for placed in shown],
            "size": 8,
            "line": {"color": "#6b6b6b", "width": 1.5},
        },
        "cliponaxis": False,
        "showlegend": False,
    }


def flag_trace(flags: Sequence[Flag], places: Places, y: float, axis: str) -> dict[str, Any] | None:
    """Flags as marks at their samples; what could not be decided is grey, never green."""
    shown = [flag for flag in flags if flag.sample in places.samples and flag.answer is not Truth.NO]
    if not shown:
        return None
    at: dict[float, list[Flag]] = {}
    for flag in shown:
        at.setdefault(places.samples[flag.sample], []).append(flag)
    rank = ["info", "warning", "alert"]
    worst = [
        max(group, key=lambda flag: (flag.answer is Truth.YES, rank.index(flag.severity))) for group in at.values()
    ]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": "Flags",
        "x": list(at),
        "y": [y] * len(at),
        "yaxis": axis,
        "text": [str(len(group)) if len(group) > 1 else NO_LABEL for group in at.values()],
        "textposition": "middle right",
        "textfont": {"size": 10},
        "hovertext": ["<br>".join(wrapped(_flag_text(flag)) for flag in group) for group in at.values()],
        "hoverinfo": "text",
        "marker": {
            "color": [_SEVERITY.get(f.severity, "#6b6b6b") if f.answer is Truth.YES else "#8c8c8c" for f in worst],
            "symbol": "triangle-right",
            "size": 10,
        },
        "cliponaxis": False,
        "showlegend": False,
    }


def _flag_text(flag: Flag) -> str:
    """The flag with the rule that raised it, and what it lacks."""
    parts = [
        f"{flag.text}{' (not decided)' if flag.answer is Truth.UNKNOWN else ''}",
        f"[{flag.id}{f'; {flag.citation}' if flag.citation else ''}]",
        f"missing: {', '.join(flag.missing)}" if flag.missing else "",
    ]
    return " ".join(part for part in parts if part)


def wrapped(text: str, width: int = 70) -> str:
    """Escaped text broken into lines for a hover label."""
    import textwrap

    return "<br>".join(escaped(line) for line in textwrap.wrap(text, width) or [""])
