"""The page of a cohort: patients as rows, their leading curves, what markers did, best reductions, courses.

Everything is a table or a small drawing of ours: a thousand patients open at once, without plotly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from moltrack.model import (
    Axis,
    Clearance,
    EventType,
    Marker,
    MarkerKind,
    PatientView,
    Provenance,
    Series,
    Status,
    Truth,
    Verdict,
)
from moltrack.quantity import quantity
from moltrack.report.html import json_text, print_footer, render, safe
from moltrack.report.panels import drawn_level
from moltrack.report.places import shortened
from moltrack.report.words import category_words, event_time, level_words, sample_name, series_name

#: Days without a new sample after which a living patient counts as overdue.
OVERDUE_DAYS = 90
#: Curves shown beside a patient, and rows of the table of markers.
CURVES, MARKER_ROWS = 3, 40
#: Larger cohorts lay out tables and pictures below the first only when they come near.
LONG_COHORT = 100
#: Rows that stand in the page at first; a larger cohort shows the others on demand, and searches all.
PORTION = 500


@dataclass(frozen=True, slots=True)
class Curve:
    """A series as a small picture: (place from 0 to 1, level or None, detected), with its last result in words."""

    name: str
    now: str
    points: tuple[tuple[float, float | None, bool], ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """An event on a patient's line: ``kind`` is treatment, infusion, transplant, relapse or death."""

    kind: str
    day: float
    end: float
    name: str


@dataclass(frozen=True, slots=True)
class CohortRow:
    """One patient of a cohort: all that the page says of them, small enough to keep thousands.

    ``link`` is the patient's own page beside this one; ``overdue`` None = cannot be said; ``markers`` maps a marker to its
    last status; ``best`` is (log10, comparator, series).
    """

    patient: str
    link: str
    about: str
    samples: int
    last_sample: str
    last_date: str
    overdue: bool | None
    response: str
    verdicts: tuple[tuple[str, str], ...]
    alerts: tuple[str, ...]
    curves: tuple[Curve, ...]
    markers: Mapping[str, Status]
    best: tuple[float, str, str] | None
    days: tuple[float, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Survival:
    """A Kaplan-Meier curve: its group and steps of (day, survival, low, high, at risk)."""

    group: str
    steps: tuple[tuple[float, float, float, float, int], ...]


def cohort_row(
    view: PatientView, *, link: str = "", as_of: date | None = None, overdue_after: int = OVERDUE_DAYS
) -> CohortRow:
    """What the cohort's page says of one patient.

    Parameters
    ----------
    link
        Address of the patient's page, relative to the cohort's.
    as_of
        The day that "overdue" is judged on; None = it is not judged.
    """
    axis, patient = view.axis, view.records.patient
    clonal = {marker.id for marker in view.records.markers if marker.is_clonal}
    last = axis.samples[-1] if axis.samples else None
    taken = last.info.time.last if last is not None else None
    died = any(placed.event.type is EventType.DEATH for placed in axis.events)
    responses = [p for p in axis.events if p.event.type in {EventType.RESPONSE, EventType.RELAPSE}]
    age = f"{patient.age:g} y" if patient.age is not None else ""
    molecular = [found for found in view.clearances if found.series.marker in clonal]
    return CohortRow(
        patient=patient.patient,
        link=link,
        about=", ".join(filter(None, [patient.sex, age, patient.diagnosis])),
        samples=len(axis.samples),
        last_sample=sample_name(last) if last is not None else "",
        last_date=taken.isoformat() if taken is not None else "",
        overdue=None if as_of is None or taken is None else (as_of - taken).days > overdue_after and not died,
        response=f"{responses[-1].event.name} ({event_time(responses[-1], axis.samples)})" if responses else "",
        verdicts=tuple(
            (v.title, _verdict(v)) for v in (*view.risk, *view.response[-1:], *view.mrd[-1:]) if v.applicable
        ),
        alerts=tuple(f.text for f in view.flags if f.severity == "alert" and f.answer is Truth.YES),
        curves=tuple(_curve(found.series, axis) for found in _leading(molecular)),
        markers=_last_statuses(view, axis),
        best=_best(molecular),
        days=tuple(placed.day for placed in axis.samples if placed.day is not None),
        marks=_marks(axis),
    )


def cohort_page(
    rows: Sequence[CohortRow],
    provenance: Provenance,
    *,
    title: str = "Cohort",
    survival: Sequence[Survival] = (),
    note: str = "",
) -> str:
    """The page of a cohort as one self-contained HTML file.

    Parameters
    ----------
    survival
        Kaplan-Meier curves by group, when outcomes are recorded; ``note`` states their definition.
    """
    values: dict[str, Any] = {
        "title": title,
        "rows": rows,
        "provenance": provenance,
        "verdict_titles": list(dict.fromkeys(name for row in rows for name, _ in row.verdicts)),
        "curve": _curve_picture,
        "markers": _marker_table(rows),
        "strip": _marker_strip,
        "waterfall": _waterfall(rows),
        "swimmer": _swimmer(rows),
        "survival": survival,
        "survival_picture": _survival_picture(survival),
        "note": note,
        "overdue": sum(row.overdue is True for row in rows),
        "judged": any(row.overdue is not None for row in rows),
        "portion": PORTION,
        "lazy": " lazy" if len(rows) > LONG_COHORT else "",
        "data": safe(json_text({"name": "cohort"})),
    }
    return render("cohort.html.j2", values, ["table.js"], footer=print_footer(title, provenance))


# --- of a patient -----------------------------------------------------------------------------------------------------


def _verdict(verdict: Verdict) -> str:
    if verdict.category is not None:
        return category_words(verdict.category)
    if verdict.as_observed:
        return f"not assessable; on what was tested {category_words(verdict.as_observed)}"
    return "not assessable"


def _leading(clearances: Sequence[Clearance]) -> list[Clearance]:
    """The series that tell most: detected at all, on a logarithmic scale, one per marker, most often detected first."""
    seen = {
        id(found): sum(p.status is Status.DETECTED and bool(drawn_level(p)) for p in found.series.points)
        for found in clearances
        if found.series.quantity and quantity(found.series.quantity).log_scale
    }
    measured = [found for found in clearances if seen.get(id(found))]
    measured.sort(key=lambda found: -seen[id(found)])
    chosen: dict[str, Clearance] = {}
    for found in measured:
        chosen.setdefault(found.series.marker, found)
    return list(chosen.values())[:CURVES]


def _curve(series: Series, axis: Axis) -> Curve:
    """Points by day where all have one, else by order."""
    by_day = all(point.day is not None for point in series.points)
    places = [float(point.day if by_day and point.day is not None else point.order) for point in series.points]
    low, high = min(places), max(places)
    points = tuple(
        ((place - low) / (high - low) if high > low else 0.5, drawn_level(point), point.status is Status.DETECTED)
        for place, point in zip(places, series.points, strict=True)
        if point.status is not Status.NOT_EVALUABLE
    )
    return Curve(series_name(series, with_assay=False), level_words(series.points[-1]), points)


def _last_statuses(view: PatientView, axis: Axis) -> dict[str, Status]:
    """The last status of every tracked molecular marker, small variants by gene; a detection of the same sample wins."""
    order = {placed.info.sample: placed.order for placed in axis.samples}
    markers = {marker.id: marker for marker in view.records.markers if marker.tracked and marker.is_clonal}
    last: dict[str, tuple[int, bool, Status]] = {}
    for item in view.records.observations:
        marker = markers.get(item.marker)
        if marker is None or item.sample not in order:
            continue
        found = (order[item.sample], item.status is Status.DETECTED, item.status)
        name = _group(marker)
        if name not in last or found[:2] > last[name][:2]:
            last[name] = found
    return {name: status for name, (_, _, status) in last.items()}


def _group(marker: Marker) -> str:
    if marker.kind is MarkerKind.SMALL_VARIANT and marker.genes:
        return marker.genes[0]
    return marker.label


def _best(clearances: Sequence[Clearance]) -> tuple[float, str, str] | None:
    found = [
        (item.log10, item.comparator, series_name(one.series, with_assay=False))
        for one in clearances
        for item in one.reductions
        if item.log10 is not None
    ]
    return max(found, default=None)


_KINDS = {
    EventType.TREATMENT: "treatment",
    EventType.INFUSION: "infusion",
    EventType.TRANSPLANT: "transplant",
    EventType.RELAPSE: "relapse",
    EventType.DEATH: "death",
}


def _marks(axis: Axis) -> tuple[Mark, ...]:
    return tuple(
        Mark(_KINDS[p.event.type], p.day, p.end_day if p.end_day is not None else p.day, p.event.name)
        for p in axis.events
        if p.event.type in _KINDS and p.day is not None and not p.event.planned
    )


# --- pictures ---------------------------------------------------------------------------------------------------------


def _curve_picture(curve: Curve) -> Any:
    """A line of 84 x 22 pixels on a log scale; filled = detected, open = not detected at its limit."""
    levels = [level for _, level, _ in curve.points if level]
    if not levels:
        return ""
    low, high = math.log10(min(levels)), math.log10(max(levels))
    span = max(high - low, 1.0)
    middle = (low + high) / 2
    at = [
        (4 + 76 * x, 11 - 16 * (math.log10(level) - middle) / span, detected)
        for x, level, detected in curve.points
        if level
    ]
    line = "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y, _ in at)
    seen = "".join(f"M{x:.0f} {y:.0f}h0" for x, y, detected in at if detected)
    missed = "".join(f"M{x - 2:.0f} {y - 2:.0f}h4l-2 4z" for x, y, detected in at if not detected)
    return safe(
        f'<svg class=curve viewBox="0 0 84 22" aria-hidden=true><path d="{line}"/>'
        + (f'<path class=seen d="{seen}"/>' if seen else "")
        + (f'<path class=missed d="{missed}"/>' if missed else "")
        + "</svg>"
    )


@dataclass(frozen=True, slots=True)
class _MarkerRow:
    """A marker over all patients: how many show it last, and the status of each in the order of rows."""

    name: str
    detected: int
    cleared: int
    insufficient: int
    untested: int
    statuses: tuple[Status | None, ...]


def _marker_table(rows: Sequence[CohortRow]) -> list[_MarkerRow]:
    names: dict[str, int] = {}
    for row in rows:
        for name in row.markers:
            names[name] = names.get(name, 0) + 1
    chosen = sorted(names, key=lambda name: (-names[name], name))[:MARKER_ROWS]
    table = []
    for name in chosen:
        statuses = tuple(row.markers.get(name) for row in rows)
        table.append(
            _MarkerRow(
                name,
                statuses.count(Status.DETECTED),
                statuses.count(Status.NOT_DETECTED),
                statuses.count(Status.NOT_EVALUABLE),
                statuses.count(None),
                statuses,
            )
        )
    return table


def _marker_strip(row: _MarkerRow) -> Any:
    """One column per patient: full = detected, a dot = not detected, a line = insufficient, nothing = not tested."""
    size = 5
    shapes = {
        Status.DETECTED: ("seen", "0h4v14h-4z"),
        Status.NOT_DETECTED: ("gone", "5h4v4h-4z"),
        Status.NOT_EVALUABLE: ("poor", "12h4v2h-4z"),
    }
    paths = []
    for status, (name, shape) in shapes.items():
        path = "".join(f"M{index * size} {shape}" for index, found in enumerate(row.statuses) if found is status)
        if path:
            paths.append(f'<path class={name} d="{path}"/>')
    width = size * len(row.statuses)
    return safe(f"<svg class=strip width={width} height=14 aria-hidden=true>{''.join(paths)}</svg>")


def _waterfall(rows: Sequence[CohortRow]) -> Any:
    """Best log10 reduction of every patient, the largest first; open bars are bounds."""
    from markupsafe import escape

    found = sorted(((row.best, row) for row in rows if row.best is not None), key=lambda pair: -pair[0][0])
    if not found:
        return ""
    step, scale, top = 9, 26, max(best[0] for best, _ in found)
    bottom = min(0.0, *(best[0] for best, _ in found)) if found else 0.0
    height = int(scale * (max(top, 1) - bottom)) + 24
    zero = 12 + scale * max(top, 1)
    bars = []
    for index, ((value, comparator, series), row) in enumerate(found):
        x, y = 34 + index * step, zero - scale * max(value, 0)
        kind = " class=bound" if comparator else ""
        words = escape(f"{row.patient}: {comparator} {value:.2f} log10, {series}")
        bars.append(
            f"<rect{kind} x={x} y={y:.1f} width={step - 2} height={max(abs(value) * scale, 1):.1f}><title>{words}</title></rect>"
        )
    lines = "".join(
        f'<path class=grid d="M30 {zero - scale * tick:.0f}h{len(found) * step + 6}"/><text x=26 y={zero - scale * tick + 4:.0f}>{tick}</text>'
        for tick in range(math.floor(bottom), math.ceil(max(top, 1)) + 1)
        if 0 <= zero - scale * tick <= height
    )
    width = 44 + len(found) * step
    return safe(
        f'<svg class=waterfall width={width} height={height} role=img aria-label="Best log10 reduction per patient">{lines}{"".join(bars)}</svg>'
    )


def _swimmer(rows: Sequence[CohortRow]) -> Any:
    """A line per patient from the first to the last day known, with treatments, cells, transplants, relapses and death."""
    from markupsafe import escape

    known = [row for row in rows if row.days or row.marks]
    if not known:
        return ""
    ends = {row.patient: _extent(row) for row in known}
    known.sort(key=lambda row: -(ends[row.patient][1]))
    low = min(start for start, _ in ends.values())
    high = max(end for _, end in ends.values())
    width, left, height = 900, 130, 14
    scale = (width - left - 20) / max(high - low, 1)

    def at(day: float) -> str:
        return f"{left + (day - low) * scale:.0f}"

    parts = []
    for index, row in enumerate(known):
        y = 8 + index * height
        start, end = ends[row.patient]
        lane = f'<path class=life d="M{at(start)} {y}H{at(end)}"/>'
        ticks = "".join(f"M{at(day)} {y - 3}v6" for day in row.days)
        lane += f'<path class=sample d="{ticks}"/>' if ticks else ""
        lane += "".join(_mark_picture(mark, at, y) for mark in row.marks)
        name = escape(shortened(row.patient, 18))
        words = escape(
            f"{row.patient}: {'; '.join(f'{mark.name} day {mark.day:g}' for mark in row.marks) or 'no events'}"
        )
        parts.append(f"<g><title>{words}</title><text x={left - 8} y={y + 4}>{name}</text>{lane}</g>")
    bottom = 12 + len(known) * height
    axis = "".join(
        f'<path class=grid d="M{at(tick)} 0V{bottom}"/><text class=tick x={at(tick)} y={bottom + 12}>{tick:g}</text>'
        for tick in _ticks(low, high)
    )
    return safe(
        f'<svg class=swimmer width={width} height={bottom + 18} role=img aria-label="Courses of the patients">{axis}{"".join(parts)}</svg>'
    )


def _extent(row: CohortRow) -> tuple[float, float]:
    days = [*row.days, *(mark.day for mark in row.marks), *(mark.end for mark in row.marks)]
    return min(days), max(days)


def _mark_picture(mark: Mark, at: Any, y: int) -> str:
    x = at(mark.day)
    if mark.kind == "treatment":
        return f'<path class=treatment d="M{x} {y}H{at(max(mark.end, mark.day))}h2"/>'
    shapes = {
        "infusion": f"M{x} {y - 6}l5 9h-10z",
        "transplant": f"M{x} {y - 6}l5 6l-5 6l-5-6z",
        "relapse": f"M{x} {y}m-5-5h10l-5 10z",
        "death": f"M{x} {y}m-5-5l10 10m0-10l-10 10",
    }
    return f'<path class={mark.kind} d="{shapes[mark.kind]}"/>'


def _ticks(low: float, high: float) -> list[float]:
    from moltrack.report.panels import nice_step

    step = nice_step(max(high - low, 1) / 8)
    first = math.ceil(low / step) * step
    return [first + step * index for index in range(int((high - first) / step) + 1)]


_SURVIVAL_DASHES = ("", "7 3", "2 3", "9 3 2 3")
_SURVIVAL_COLORS = ("#0072B2", "#D55E00", "#009E73", "#7a7a7a")


def _survival_picture(curves: Sequence[Survival]) -> Any:
    """Steps of the curves over their 95 % intervals; told apart by colour and dash, named at their ends."""
    from markupsafe import escape

    if not curves:
        return ""
    last = max((step[0] for curve in curves for step in curve.steps), default=1.0) or 1.0
    width, height, left = 640, 260, 44

    def x(day: float) -> float:
        return left + (width - left - 130) * day / last

    def y(share: float) -> float:
        return 12 + (height - 50) * (1 - share)

    parts = [
        f'<path class=grid d="M{left} {y(share):.0f}H{x(last):.0f}"/><text x={left - 6} y={y(share) + 4:.0f}>{share:.0%}</text>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    ]
    parts += [f"<text class=tick x={x(tick):.0f} y={y(0) + 18:.0f}>{tick:g}</text>" for tick in _ticks(0, last)]
    for index, curve in enumerate(curves):
        color, dash = _SURVIVAL_COLORS[index % 4], _SURVIVAL_DASHES[index % 4]
        line, upper, lower = (_steps(curve, column, x, y) for column in (1, 3, 2))
        band = f"{upper} {' '.join(reversed(lower.split(' ')))}"
        parts.append(f'<polygon points="{band}" fill="{color}" opacity=0.12 />')
        parts.append(f'<polyline points="{line}" fill=none stroke="{color}" stroke-width=2 stroke-dasharray="{dash}"/>')
        end = curve.steps[-1]
        parts.append(
            f"<text class=name x={x(end[0]) + 6:.0f} y={y(end[1]) + 4:.0f}>{escape(shortened(curve.group, 20))}</text>"
        )
    return safe(
        f'<svg class=survival width={width} height={height} role=img aria-label="Kaplan-Meier curves; in figures below">{"".join(parts)}</svg>'
    )


def _steps(curve: Survival, column: int, x: Any, y: Any) -> str:
    points: list[str] = []
    previous: float | None = None
    for step in curve.steps:
        if previous is not None:
            points.append(f"{x(step[0]):.1f},{y(previous):.1f}")
        points.append(f"{x(step[0]):.1f},{y(step[column]):.1f}")
        previous = step[column]
    return " ".join(points)
