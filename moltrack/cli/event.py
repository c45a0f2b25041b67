"""``moltrack event``: list, add and remove events."""

from __future__ import annotations

import click

from moltrack.cli.common import FORMAT_OPTION, PATIENT_ARGUMENT, counted, open_store, say_unknown_anchor, show

COLUMNS = [
    "number",
    "type",
    "name",
    "start",
    "end",
    "drugs",
    "dose",
    "unit",
    "grade",
    "scale",
    "anchor",
    "recorded_by",
    "note",
]


@click.group()
def command() -> None:
    """List, add or remove treatments, infusions, transplants, responses, toxicity ...

    \b
    moltrack event list P01
    moltrack event add P01 transplant "allo-HSCT" --date 2021-12
    """


@command.command("list")
@PATIENT_ARGUMENT
@FORMAT_OPTION
@click.pass_context
def list_(ctx: click.Context, patient: str, form: str) -> None:
    """Events of PATIENT, numbered.

    \b
    moltrack event list P01
    """
    store = open_store(ctx)
    store.patient(patient)
    rows = [
        {
            "number": number,
            "type": str(event.type),
            "name": event.name,
            "start": str(event.start),
            "end": str(event.end or ""),
            "drugs": ";".join(event.drugs),
            "dose": event.dose,
            "unit": event.unit,
            "grade": event.grade,
            "scale": event.scale,
            "anchor": "day 0" if event.is_anchor else "",
            "recorded_by": event.recorded_by,
            "note": event.note,
        }
        for number, event in enumerate(store.events(patient), start=1)
    ]
    show(rows, COLUMNS, form, empty=f"Patient {patient} has no events.")


@command.command("add")
@PATIENT_ARGUMENT
@click.argument("event_type")
@click.argument("name")
@click.option("--date", default="")
@click.option("--day", default="", metavar="N|-3..-1")
@click.option("--from", "anchor", default="", metavar="EVENT")
@click.option("--order", type=click.IntRange(min=1), default=None)
@click.option("--end-date", default="")
@click.option("--end-day", default="")
@click.option("--drug", "drugs", multiple=True, help="Repeatable.")
@click.option("--dose", default="")
@click.option("--unit", default="")
@click.option("--grade", default="")
@click.option("--scale", default="", help="Of the grade, for example ASTCT 2019 or CTCAE 5.")
@click.option("--anchor-event", is_flag=True, help="This event is day 0.")
@click.option("--planned", is_flag=True)
@click.option("--note", default="")
@click.pass_context
def add(ctx: click.Context, /, patient: str, event_type: str, name: str, **given: object) -> None:
    """Add an event. EVENT_TYPE: treatment, infusion, transplant, response, toxicity, transfusion, growth_factor, relapse,
    death, last_contact, note.

    \b
    moltrack event add P01 treatment "7+3" --date 2021-05-20 --end-date 2021-05-26 --drug cytarabine --drug daunorubicin
    """
    from moltrack.cli.common import user_name
    from moltrack.errors import InputError
    from moltrack.intake import make_target, refuse_future
    from moltrack.model import Event, EventType, Time
    from moltrack.model.identifiers import clean
    from moltrack.model.time import span_problem
    from moltrack.normalize import normalize

    if event_type not in set(EventType):
        raise InputError(f"'{event_type}' is not a type of event.", advice=f"Use one of {', '.join(EventType)}.")
    start = make_target(**{key: given[key] for key in ("date", "day", "anchor", "order")}).time  # type: ignore[arg-type]
    end = (
        Time.on(str(given["end_date"]))
        if given["end_date"]
        else Time.days(str(given["end_day"]), anchor=str(given["anchor"]))
        if given["end_day"]
        else None
    )
    if end is not None and (problem := span_problem(start, end)):
        raise InputError(f"event '{name}' {problem}")
    event = Event(
        EventType(event_type),
        name,
        start,
        end,
        patient=clean(patient, "patient"),
        drugs=tuple(given["drugs"]),  # type: ignore[arg-type]
        dose=str(given["dose"]),
        unit=str(given["unit"]),
        grade=str(given["grade"]),
        scale=str(given["scale"]),
        recorded_by=user_name(),
        is_anchor=bool(given["anchor_event"]),
        planned=bool(given["planned"]),
        note=str(given["note"]),
    )
    refuse_future([], [event])
    store = open_store(ctx)
    store.patient(event.patient)
    store.add_event(event, normalize)
    click.echo(f"Event '{name}' of patient {event.patient} is added.")
    say_unknown_anchor(store, event.patient, event.start, event.end)


@command.command("remove")
@PATIENT_ARGUMENT
@click.argument("number", type=int)
@click.pass_context
def remove(ctx: click.Context, patient: str, number: int) -> None:
    """Remove the event of that NUMBER in 'moltrack event list'.

    \b
    moltrack event remove P01 3
    """
    from moltrack.errors import UnknownError
    from moltrack.normalize import normalize

    store = open_store(ctx)
    events = store.events(patient)
    if not 1 <= number <= len(events):
        raise UnknownError(f"patient {patient} has {counted(len(events), 'event')}, no number {number}.")
    store.remove_event(events[number - 1], normalize)
    click.echo(f"Event '{events[number - 1].name}' of patient {patient} is removed.")
