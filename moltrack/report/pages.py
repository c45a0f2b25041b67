"""Pages: one self-contained HTML file each, readable without JavaScript, with a policy that lets nothing in or out.

Words, verdicts and tables come first in the file; plotly's own script comes last, packed, and draws the chart when it is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from moltrack.model import (
    Clearance,
    EventType,
    Flag,
    Observation,
    PatientView,
    Reduction,
    Truth,
    Verdict,
)
from moltrack.model import Point as SeriesPoint
from moltrack.report.clones import clone_page
from moltrack.report.course import course_rows
from moltrack.report.figures import MARKERS_WITH_INTERVALS, Chart, Legend, build_chart, chosen_clearances
from moltrack.report.html import json_text, print_footer, render, safe
from moltrack.report.kinetics import definitions_of, figure_groups
from moltrack.report.words import (
    COLUMNS,
    category_words,
    cells,
    event_time,
    level_words,
    rate_sentences,
    readable,
    sample_name,
    series_name,
    state_of,
    trend_sentences,
)

#: Longer tables are laid out after the chart's first trace.
LONG_TABLE = 1000
_SEVERITIES = {"alert", "warning", "info"}
#: Layouts of time that a chart may have, how their days are labelled, and the switch's name.
_TIMES = (
    ("trimmed", "days", "gaps left out"),
    ("days", "days", "days"),
    ("days", "dates", "dates"),
    ("equal", "days", "equal spacing"),
)


def patient_page(view: PatientView) -> str:
    """The page of a patient: where they stand, verdicts with reasons, what is missing, curves, all results and sources."""
    return _page(view, f"Patient {view.records.patient.patient}", (), "log", full=True)


def trend_page(view: PatientView, markers: Sequence[str] | None = None, scale: str = "log") -> str:
    """The curves of some markers (ids; all when empty) with their words and tables, without verdicts.

    Parameters
    ----------
    scale
        ``log`` or ``linear``: how the levels are drawn first.
    """
    chosen = tuple(markers or ())
    return _page(view, f"Clearance curves of patient {view.records.patient.patient}", chosen, scale, full=False)


def _page(view: PatientView, title: str, markers: Sequence[str], scale: str, *, full: bool) -> str:
    chosen = chosen_clearances(view, markers)
    listed, row_of = _listed(view, markers)
    chart = build_chart(view, markers, scale, row_of)
    verdicts, earlier = _verdicts(view)
    columns, table_rows = _table(view, chosen, listed)
    kinds = {marker.id: marker.kind for marker in view.records.markers}
    values: dict[str, Any] = {
        "title": title,
        "identity": _identity(view),
        "full": full,
        "provenance": view.provenance,
        "latest": sample_name(view.axis.samples[-1]) if view.axis.samples else "",
        "recorded": _recorded_response(view),
        "alerts": [flag for flag in view.flags if flag.severity == "alert" and flag.answer is Truth.YES]
        if full
        else [],
        "states": [state_of(found, view.axis, kinds.get(found.series.marker)) for found in chosen],
        "verdicts": verdicts,
        "earlier": earlier,
        "flags": flags_by_severity(flag for flag in view.flags if flag.answer is not Truth.NO),
        "missing": view.missing,
        "legend": chart.legend,
        "scale": scale,
        "times": [(mode, labels, name) for mode, labels, name in _TIMES if mode in chart.modes],
        "trimmed": "trimmed" in chart.modes,
        "lines": chart.lines,
        "has_dates": view.axis.day0 is not None,
        "filters": _filters(chart.legend),
        "undrawn": chart.undrawn,
        "sentences": trend_sentences(chosen, view.axis),
        "course": course_rows(view, chosen),
        "figures": figure_groups(chosen),
        "definitions": definitions_of(chosen),
        "rates": rate_sentences(chosen),
        "clones": clone_page(view) if full else None,
        "has_groups": bool(view.clones.groups),
        "matrix": _matrix(view, chosen),
        "hidden": _hidden(view) if full else 0,
        "columns": columns,
        "table_rows": safe(table_rows),
        "lazy": " lazy" if len(listed) > LONG_TABLE else "",
        "is_long": len(listed) > LONG_TABLE and bool(chart.legend),
        "methods": sorted({p.interval.method for f in chosen for p in f.series.points if p.interval is not None}),
        "messages": view.records.messages,
        "data": safe(json_text(_payload(view, chart))),
        "swatch": _swatch,
        "verdict_text": _verdict_text,
        "category": category_words,
        "readable": readable,
        "severity": lambda flag: flag.severity if flag.severity in _SEVERITIES else "info",
    }
    return render(
        "patient.html.j2",
        values,
        ["table.js", "chart.js"] if chart.legend else ["table.js"],
        footer=print_footer(f"Patient {view.records.patient.patient}", view.provenance),
        chart=bool(chart.legend),
    )


def _payload(view: PatientView, chart: Chart) -> dict[str, Any]:
    return {
        "name": re.sub(r"[^\w.-]+", "_", view.records.patient.patient),
        "figure": chart.figure,
        "modes": chart.modes,
        "axes": chart.axes,
        "legend": [
            {"marker": i.marker, "kind": i.kind, "technique": i.technique, "tissue": i.tissue, "traces": i.traces}
            for i in chart.legend
        ],
        "rows": chart.rows,
        "lines": chart.lines,
        "printed": chart.printed,
        "scale": chart.scale,
        "intervals": MARKERS_WITH_INTERVALS,
    }


# --- words on top -----------------------------------------------------------------------------------------------------


def _identity(view: PatientView) -> str:
    patient = view.records.patient
    age = f"{patient.age:g} years at diagnosis" if patient.age is not None else ""
    parts = [f"Patient {patient.patient}", patient.sex, age, patient.diagnosis, patient.note]
    return ", ".join(part for part in parts if part)


def _recorded_response(view: PatientView) -> str:
    responses = [p for p in view.axis.events if p.event.type in {EventType.RESPONSE, EventType.RELAPSE}]
    if not responses:
        return ""
    last = responses[-1]
    return f"{last.event.name} ({event_time(last, view.axis.samples)})"


def _verdict_text(verdict: Verdict) -> str:
    if not verdict.applicable:
        return "not applicable"
    return category_words(verdict.category) if verdict.category is not None else "not assessable"


def _verdicts(view: PatientView) -> tuple[list[Verdict], list[Verdict]]:
    """Risk, and of response and MRD the last per rule set; the earlier ones apart."""
    order = {placed.info.sample: placed.order for placed in view.axis.samples}
    current, earlier = list(view.risk), []
    for group in (view.response, view.mrd):
        latest: dict[tuple[str, str], Verdict] = {}
        for verdict in sorted(group, key=lambda verdict: order.get(verdict.sample, 0)):
            key = (verdict.ruleset, verdict.title)
            if key in latest:
                earlier.append(latest[key])
            latest[key] = verdict
        current += latest.values()
    return current, earlier


def _filters(legend: Sequence[Legend]) -> list[tuple[str, list[str]]]:
    return [
        ("kind", sorted({item.kind for item in legend if item.kind})),
        ("technique", sorted({item.technique for item in legend})),
        ("tissue", sorted({item.tissue for item in legend})),
    ]


def _matrix(view: PatientView, clearances: Sequence[Clearance]) -> dict[str, Any]:
    """Series against samples: the longitudinal table for people."""
    samples = view.axis.samples
    rows = []
    for found in clearances:
        by_sample: dict[str, list[str]] = {}
        for point in found.series.points:
            by_sample.setdefault(point.sample, []).append(level_words(point))
        rows.append(
            {
                "name": series_name(found.series),
                "cells": ["; ".join(by_sample.get(placed.info.sample, [])) for placed in samples],
            }
        )
    return {"samples": [sample_name(placed) for placed in samples], "rows": rows}


# --- the table of observations ----------------------------------------------------------------------------------------


def _tracked(view: PatientView) -> dict[str, bool]:
    return {marker.id: marker.tracked for marker in view.records.markers}


def _hidden(view: PatientView) -> int:
    tracked = _tracked(view)
    return sum(not tracked.get(item.marker, False) for item in view.records.observations)


def _key(item: Observation) -> tuple[object, ...]:
    """What stays of an observation when its series moves it to another assay's scale."""
    return item.marker, item.sample, item.quantity, item.denominator, item.part, item.technique, item.origins


def _bare(item: Observation) -> tuple[object, ...]:
    """The key of a result without scale, which its series put on one."""
    return _key(replace(item, quantity="", denominator=""))


def _listed(view: PatientView, markers: Sequence[str]) -> tuple[list[Observation], Callable[[Observation], int | None]]:
    """The observations that the table lists, in its order, and the row of each."""
    tracked = _tracked(view)
    order = {placed.info.sample: placed.order for placed in view.axis.samples}
    labels = {marker.id: marker.label for marker in view.records.markers}
    listed = [
        item
        for item in view.records.observations
        if tracked.get(item.marker, False) and (not markers or item.marker in markers)
    ]
    listed.sort(key=lambda o: (order.get(o.sample, 0), labels[o.marker], o.quantity, o.assay, o.part, str(o.origins)))
    rows = {_key(item): index for index, item in enumerate(listed)}
    return listed, lambda item: rows.get(_key(item), rows.get(_bare(item)))


def _table(view: PatientView, clearances: Sequence[Clearance], listed: Sequence[Observation]) -> tuple[list[str], str]:
    """Names of the columns in use, and the body of the table.

    Columns without any content, and end tags that HTML does not need, are left out: thousands of rows stay small.
    """
    from markupsafe import escape

    places = {placed.info.sample: placed for placed in view.axis.samples}
    labels = {marker.id: marker.label for marker in view.records.markers}
    points: dict[tuple[object, ...], tuple[SeriesPoint, Reduction | None]] = {}
    for found in clearances:
        reductions = {item.sample: item for item in found.reductions}
        for point in found.series.points:
            for key in (_key(point.observation), _bare(point.observation)):
                points.setdefault(key, (point, reductions.get(point.sample)))
    rows: list[tuple[str, ...]] = []
    for item in listed:
        drawn = points.get(_key(item))
        rows.append(cells(item, labels[item.marker], places.get(item.sample), *(drawn or (None, None))))
    used = [column for column, _ in enumerate(COLUMNS) if any(row[column] for row in rows)]
    marker = COLUMNS.index("Marker")
    lines: list[str] = []
    for row in rows:
        line = "".join(
            f"<th scope=row>{escape(row[column])}" if column == marker else f"<td>{escape(row[column])}"
            for column in used
        )
        lines.append(f"<tr>{line}\n")
    return [COLUMNS[column] for column in used], "".join(lines)


# --- swatches ---------------------------------------------------------------------------------------------------------

_SWATCHES = {
    "circle": '<circle cx="18" cy="7" r="4.5"/>',
    "square": '<path d="M14 3h8v8h-8z"/>',
    "diamond": '<path d="M18 1.5 23.5 7 18 12.5 12.5 7z"/>',
    "star": '<path d="m18 1.5 1.6 3.7 4 .3-3 2.6 1 3.9L18 9.9 14.4 12l1-3.9-3-2.6 4-.3z"/>',
    "pentagon": '<path d="m18 2 5 3.7-1.9 5.8h-6.2L13 5.7z"/>',
    "hexagon": '<path d="M15.5 2.5h5L23 7l-2.5 4.5h-5L13 7z"/>',
    "hexagon2": '<path d="m18 1.5 4.7 2.7v5.6L18 12.5l-4.7-2.7V4.2z"/>',
    "hourglass": '<path d="M14 2.5h8L14 11.5h8z"/>',
    "bowtie": '<path d="M13.5 3v8l9-8v8z"/>',
    "star-square": '<path d="m13 2 5 2 5-2-2 5 2 5-5-2-5 2 2-5z"/>',
    "star-diamond": '<path d="m18 1 1.8 4.2L24 7l-4.2 1.8L18 13l-1.8-4.2L12 7l4.2-1.8z"/>',
    "triangle-up": '<path d="m18 2.5 5 9H13z"/>',
}
_DASH = {"solid": "", "dot": "2 2", "dashdot": "6 2 2 2", "longdash": "8 3"}


def _swatch(item: Legend) -> Any:
    """The series' line and symbol as a small picture beside its name."""
    dash = f' stroke-dasharray="{_DASH[item.dash]}"' if _DASH[item.dash] else ""
    shape = _SWATCHES.get(item.symbol, _SWATCHES["circle"])
    return safe(
        f'<svg width="36" height="14" aria-hidden="true" fill="{item.color}" stroke="{item.color}">'
        f'<path d="M0 7h36" fill="none" stroke-width="2"{dash}/>{shape}</svg>'
    )


def flags_by_severity(flags: Iterable[Flag]) -> list[Flag]:
    """Alerts first, then warnings, then the rest."""
    rank = {"alert": 0, "warning": 1}
    return sorted(flags, key=lambda flag: (flag.answer is not Truth.YES, rank.get(flag.severity, 2)))
