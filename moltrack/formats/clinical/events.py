"""Events: treatments, infusions, transplants, responses, toxicities ... on the patient's time axis."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from moltrack.formats.clinical import cells, described, own
from moltrack.formats.clinical.own import PATIENT_NAMES, Column, OwnTable
from moltrack.formats.registry import ReadOptions
from moltrack.formats.tables import Row
from moltrack.model import Event, EventType, Record, Time
from moltrack.model.time import span_problem

TABLE = OwnTable(
    name="events",
    title="Events: what happened to the patient",
    columns=(
        Column(
            "patient",
            "patient id; empty = given with --patient",
            PATIENT_NAMES,
        ),
        Column("type", f"one of: {', '.join(EventType)}", ("event_type", "typ", "ereignistyp")),
        Column(
            "name",
            "what it was: 7+3, CAR-T infusion, allo-HSCT, CR, CRS ...",
            ("event", "event_name", "ereignis", "bezeichnung"),
        ),
        Column("date", "first day: 2021-05-12, 2021-05 or 2021", ("start", "start_date", "datum", "beginn", "von")),
        Column("end_date", "last day, when it lasted", ("end", "stop", "stop_date", "ende", "bis")),
        Column("day", "or days from an event: 0, -6..-3", ("start_day", "tag")),
        Column("end_day", "last day, when it lasted: -3, 17", ("stop_day",)),
        Column("from", "the event that days count from; empty = the patient's anchor event", ("anchor", "day_from")),
        Column(
            "order", "or its place in the sequence of the patient's samples and events", ("sequence", "reihenfolge")
        ),
        Column("drugs", "separated by ; or +", ("drug", "agents", "substanzen", "medikamente")),
        Column("dose", "dose as written", ("dosis",)),
        Column("unit", "unit of the dose", ("einheit", "dose_unit")),
        Column("grade", "grade of a toxicity", ("grad", "severity")),
        Column(
            "scale",
            "scale of the grade or response: CTCAE, ASTCT 2019, ELN 2022 ...",
            ("criteria", "skala", "kriterien"),
        ),
        Column("recorded_by", "who stated it", ("source", "quelle", "reported_by")),
        Column("anchor_event", "yes = day 0 of the patient's axis", ("is_anchor", "day0", "day_0")),
        Column("planned", "yes = may lie in the future", ("geplant",)),
        own.NOTE,
    ),
    needs=(
        frozenset({"type", "name", "date"}),
        frozenset({"type", "name", "day"}),
        frozenset({"type", "name", "order"}),
    ),
    rules=("A response is kept as recorded, beside what is computed.",),
    example={
        "patient": "P01",
        "type": "treatment",
        "name": "7+3",
        "date": "2021-05-14",
        "end_date": "2021-05-20",
        "drugs": "cytarabine + daunorubicin",
    },
    describes_samples=False,
)


def read_events(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one :class:`~moltrack.model.Event` per row.

    Raises
    ------
    FormatError
        The type is unknown, a time cannot be read, ends before it begins, or lies in the future though not planned.
    """
    rows = own.read_own(path, options, TABLE)
    yield rows.info()
    for row in rows.rows:
        planned = bool(cells.yes_no(row, "planned"))
        start = described.time_of(
            row,
            date_text=row.text("date"),
            day=row.text("day"),
            anchor=row.text("from"),
            order=row.text("order"),
            planned=planned,
        )
        yield Event(
            type=_type(row),
            name=row.need("name"),
            start=start,
            end=_end(row, start, planned),
            patient=row.text("patient"),
            drugs=tuple(drug for part in re.split(r"[;+|]", row.text("drugs")) if (drug := part.strip())),
            dose=row.text("dose"),
            unit=row.text("unit") or row.unit_of("dose"),
            grade=row.text("grade"),
            scale=row.text("scale"),
            recorded_by=row.text("recorded_by"),
            is_anchor=bool(cells.yes_no(row, "anchor_event")),
            planned=planned,
            note=row.text("note"),
            line=row.line,
        )


#: What German and French tables call the types.
_TYPES = {
    EventType.TREATMENT: ("therapie", "behandlung", "chemotherapie", "chemotherapy", "traitement"),
    EventType.TRANSPLANT: ("transplantation", "hct", "hsct", "hszt", "szt", "greffe"),
    EventType.RESPONSE: ("ansprechen", "remission", "réponse"),
    EventType.TOXICITY: ("toxizität", "nebenwirkung", "toxicité", "adverse_event"),
    EventType.TRANSFUSION: ("bluttransfusion",),
    EventType.RELAPSE: ("rezidiv", "rechute"),
    EventType.DEATH: ("tod", "verstorben", "décès", "deceased"),
    EventType.LAST_CONTACT: ("letzter_kontakt", "last_follow_up", "last_seen"),
    EventType.NOTE: ("notiz", "bemerkung"),
}


def _type(row: Row) -> EventType:
    word = row.need("type").lower().replace(" ", "_").replace("-", "_")
    word = next((kind for kind, words in _TYPES.items() if word in words), word)
    if word not in set(EventType):
        raise row.error(f"column 'type' holds '{row.raw('type')}'.", advice=f"Use one of {', '.join(EventType)}.")
    return EventType(word)


def _end(row: Row, start: Time, planned: bool) -> Time | None:
    date_text, day = row.text("end_date"), row.text("end_day")
    if not date_text and not day:
        return None
    # The end of something ongoing may lie ahead: only its start must not.
    end = described.time_of(
        row, date_text=date_text, day=day, anchor=row.text("from") if day else "", order="", planned=True
    )
    if problem := span_problem(start, end):
        raise row.error(problem)
    return end


EVENTS = own.format_of(TABLE, read_events)
