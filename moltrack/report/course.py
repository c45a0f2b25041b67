"""The course of a patient as a table: treatments, events and samples with their results, in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moltrack.model import Clearance, PatientView, PlacedEvent, PlacedSample, Point, Tissue
from moltrack.report.words import event_time, level_words, quantity_words, sample_time, sample_when

#: Results that the row of a sample names; the others stand in the table by sample.
RESULTS = 12
#: Quantities whose level says what it is.
_PLAIN = frozenset({"", "analyte", "cell_fraction", "copies_per_ug"})


@dataclass(frozen=True, slots=True)
class CourseRow:
    """One line: when, what kind, its name, and what is known of it."""

    when: str
    type: str
    name: str
    details: str


def course_rows(view: PatientView, clearances: Sequence[Clearance]) -> list[CourseRow]:
    """Events and samples in their order; a sample stands before an event of the same place."""
    placed: list[tuple[float, int, CourseRow]] = [
        (sample.order, 0, _sample_row(sample, clearances)) for sample in view.axis.samples
    ]
    placed += [(event.order, 1, _event_row(event, view)) for event in view.axis.events]
    return [row for _, _, row in sorted(placed, key=lambda item: item[:2])]


def _sample_row(placed: PlacedSample, clearances: Sequence[Clearance]) -> CourseRow:
    info = placed.info
    points = [(found, point) for found in clearances for point in found.series.points if point.sample == info.sample]
    # A result without a level stands in every series of its marker: it is said once.
    results = list(dict.fromkeys(_result(found, point) for found, point in points))
    more = len(results) - RESULTS
    if more > 0:
        results = [*results[:RESULTS], f"{more} more (results by sample)"]
    when = sample_when(placed)
    label = info.label or (str(info.phase).replace("_", " ") if info.phase else "")
    is_said = label in {"", sample_time(placed), info.sample.replace("_", " ")}
    tissue = f" ({info.tissue})" if info.tissue is not Tissue.UNKNOWN else ""
    return CourseRow(
        when if not when.startswith("#") else f"day not known ({when} in order)",
        "sample",
        f"{info.sample if is_said else f'{info.sample}, {label}'}{tissue}",
        "; ".join(results) or "no result listed",
    )


def _result(found: Clearance, point: Point) -> str:
    series = found.series
    has_scale = point.level is not None and series.quantity not in _PLAIN
    scale = quantity_words(series.quantity, series.denominator) if has_scale else ""
    return " ".join(part for part in (series.label, scale, level_words(point)) if part)


def _event_row(placed: PlacedEvent, view: PatientView) -> CourseRow:
    event = placed.event
    when = event_time(placed, view.axis.samples)
    if placed.day is not None and event.start.first is not None:
        when = f"{event.start}{f' to {event.end}' if event.end is not None else ''} ({when})"
    details = [
        ", ".join(event.drugs),
        " ".join(filter(None, [event.dose, event.unit])),
        f"grade {event.grade}" if event.grade else "",
        event.scale,
        f"recorded by {event.recorded_by}" if event.recorded_by else "",
        "planned" if event.planned else "",
        event.note,
    ]
    return CourseRow(when, str(event.type).replace("_", " "), event.name, "; ".join(part for part in details if part))
