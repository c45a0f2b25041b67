"""The patient's time axis: samples and events in one order, and in days from day 0 where they can be linked.

Calendar dates and relative days are separate scales. They meet only through the date of the event that the days count from;
a time that cannot be linked to day 0 keeps its place in the order and has no day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from moltrack.errors import UnknownError
from moltrack.model import (
    Axis,
    Event,
    PatientInput,
    PatientRecords,
    PhaseKind,
    PlacedEvent,
    PlacedSample,
    SampleInfo,
    Time,
    TimeScale,
)

#: Root of all times on the calendar; other roots are names of events whose date is not known.
_CALENDAR = "\0calendar"
#: Root of relative days whose event nobody named.
_DAY_ZERO = "day 0"


@dataclass(frozen=True, slots=True)
class _Place:
    """A closed interval of days on one scale, counted from its root."""

    root: str
    low: float
    high: float

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class _Item:
    """A sample or an event with its place; ``rank`` keeps samples before events of the same moment."""

    thing: SampleInfo | Event
    time: Time
    place: _Place | None
    rank: int
    tie: tuple[str, ...]


class _Scales:
    """Where times lie: each on the calendar, or in days from an event without a date."""

    def __init__(self, events: Sequence[Event], default: str) -> None:
        self.default = default
        self.events: dict[str, Event] = {}
        for event in events:
            if event.name not in self.events or (event.is_anchor and not self.events[event.name].is_anchor):
                self.events[event.name] = event

    def place(self, time: Time, *, seen: tuple[str, ...] = ()) -> _Place | None:
        """The place of a time; None when only its order is known."""
        if time.first is not None and time.last is not None:
            return _Place(_CALENDAR, time.first.toordinal(), time.last.toordinal())
        if time.day_first is None or time.day_last is None:
            return None
        origin = self.event_place(time.anchor or self.default, seen=seen)
        return _Place(origin.root, origin.low + time.day_first, origin.high + time.day_last)

    def event_place(self, name: str, *, seen: tuple[str, ...] = ()) -> _Place:
        """The place of a named event; an event without date or day is a scale of its own."""
        event = self.events.get(name)
        if event is None or name in seen:
            return _Place(name, 0, 0)
        counts_from = event.start.anchor or self.default
        if event.start.scale is TimeScale.RELATIVE and counts_from == name:
            return _Place(name, 0, 0)
        return self.place(event.start, seen=(*seen, name)) or _Place(name, 0, 0)


def build_axis(records: PatientRecords, since: str = "") -> Axis:
    """Place samples and events on the patient's axis.

    Day 0 is the event marked as anchor, else the event that days of samples or events count from, else the day of the
    diagnosis sample, else of the first dated sample.

    Parameters
    ----------
    since
        Name of an event that day 0 shall be instead, when its day is known exactly.

    Raises
    ------
    UnknownError
        ``since`` is not an event of the patient.
    """
    anchor = _default_anchor(records)
    scales = _Scales(records.events, anchor)
    if since and since not in scales.events:
        known = ", ".join(dict.fromkeys(event.name for event in records.events)) or "none"
        raise UnknownError(f"'{since}' is not an event of patient {records.patient.patient} ({known}).")
    origin = scales.event_place(anchor) if anchor else None
    if since and (chosen := scales.event_place(since)).low == chosen.high and _is_linked(chosen, origin):
        anchor, origin = since, chosen
    if origin is None:
        anchor, origin = _first_dated(records.samples, scales)
    items = _sequence(
        [_Item(s, s.time, scales.place(s.time), 0, (s.sample,)) for s in records.samples]
        + [
            _Item(e, e.start, _event_item_place(e, scales), 1, (e.type, e.name, str(index)))
            for index, e in enumerate(records.events)
        ]
    )
    return Axis(anchor, _date_of(origin), *_placed(items, origin, scales))


def date_ranges(records: PatientRecords | PatientInput) -> Callable[[Time], tuple[date, date] | None]:
    """A function from a time to the first and the last date that it can mean; None = it is not linked to the calendar."""
    scales = _Scales(records.events, _default_anchor(records))

    def date_range(time: Time) -> tuple[date, date] | None:
        place = scales.place(time)
        if place is None or place.root != _CALENDAR:
            return None
        return date.fromordinal(int(place.low)), date.fromordinal(int(place.high))

    return date_range


def _default_anchor(records: PatientRecords | PatientInput) -> str:
    marked = [event.name for event in records.events if event.is_anchor]
    if marked:
        return marked[0]
    times = [sample.time for sample in records.samples] + [event.start for event in records.events]
    relative = [time for time in times if time.scale is TimeScale.RELATIVE]
    named = [time.anchor for time in relative if time.anchor]
    if named:
        return max(sorted(set(named)), key=named.count)
    return _DAY_ZERO if relative else ""


def _is_linked(place: _Place, origin: _Place | None) -> bool:
    return origin is None or place.root == origin.root


def _event_item_place(event: Event, scales: _Scales) -> _Place | None:
    """The place of an event's start; the event that a scale counts from lies at its zero."""
    place = scales.place(event.start)
    if place is not None:
        return place
    is_root = scales.events[event.name] is event and any(
        anchor == event.name for anchor in (scales.default, *(e.start.anchor for e in scales.events.values()))
    )
    return scales.event_place(event.name) if is_root else None


def _first_dated(samples: Sequence[SampleInfo], scales: _Scales) -> tuple[str, _Place | None]:
    dated = [(sample, place) for sample in samples if (place := scales.place(sample.time)) is not None]
    if not dated:
        return "", None
    sample, place = min(
        dated,
        key=lambda pair: (
            not (pair[0].phase is not None and pair[0].phase.kind is PhaseKind.DIAGNOSIS),
            pair[1].middle,
            pair[0].sample,
        ),
    )
    is_diagnosis = sample.phase is not None and sample.phase.kind is PhaseKind.DIAGNOSIS
    return "diagnosis" if is_diagnosis else f"sample {sample.sample}", place


def _date_of(origin: _Place | None) -> date | None:
    if origin is None or origin.root != _CALENDAR or origin.low != origin.high:
        return None
    return date.fromordinal(int(origin.low))


# --- order ------------------------------------------------------------------------------------------------------------


def _sequence(items: Iterable[_Item]) -> list[_Item]:
    """All samples and events in one order: explicit numbers first, then each scale fitted in by its own times.

    What shares no scale with the rest stands before it, what has no time at all at the end. Nothing is concluded from
    a phase or from the order of files.
    """
    numbered = [item for item in items if item.time.order is not None]
    others = [item for item in items if item.time.order is None]
    line = sorted(numbered, key=lambda item: (item.time.order or 0, item.rank, _middle(item), item.tie))
    placed = [item for item in others if item.place is not None]
    roots = sorted(
        {item.place.root for item in placed if item.place},
        key=lambda root: (-sum(_root(item) == root for item in placed), root),
    )
    for position, root in enumerate(roots):
        group = [item for item in placed if _root(item) == root]
        for item in sorted(group, key=lambda item: (_middle(item), item.rank, item.tie)):
            _insert(line, item, at_front=position > 0)
    return line + sorted((item for item in others if item.place is None), key=lambda item: (item.rank, item.tie))


def _insert(line: list[_Item], item: _Item, *, at_front: bool) -> None:
    """After the last of its scale that is not later, else before the first that is later, else at an end of the line."""
    same = [(index, other) for index, other in enumerate(line) if _root(other) == _root(item)]
    moment = (_middle(item), item.rank)
    not_later = [index for index, other in same if (_middle(other), other.rank) <= moment]
    if not_later:
        line.insert(not_later[-1] + 1, item)
    elif same:
        line.insert(same[0][0], item)
    else:
        line.insert(0 if at_front else len(line), item)


def _root(item: _Item) -> str:
    return item.place.root if item.place is not None else ""


def _middle(item: _Item) -> float:
    return item.place.middle if item.place is not None else 0.0


def _placed(
    items: Sequence[_Item], origin: _Place | None, scales: _Scales
) -> tuple[tuple[PlacedSample, ...], tuple[PlacedEvent, ...]]:
    samples: list[PlacedSample] = []
    events: list[PlacedEvent] = []
    waiting: list[_Item] = []

    def place_waiting() -> None:
        for index, item in enumerate(waiting, start=1):
            assert isinstance(item.thing, Event)
            end = scales.place(item.thing.end) if item.thing.end is not None else None
            _, _, end_high = _days(end, origin)
            order = len(samples) + index / (len(waiting) + 1)
            events.append(PlacedEvent(item.thing, order, *_days(item.place, origin), end_high))
        waiting.clear()

    for item in items:
        if isinstance(item.thing, SampleInfo):
            place_waiting()
            samples.append(PlacedSample(item.thing, len(samples) + 1, *_days(item.place, origin)))
        else:
            waiting.append(item)
    place_waiting()
    return tuple(samples), tuple(events)


def _days(place: _Place | None, origin: _Place | None) -> tuple[float | None, float | None, float | None]:
    """Middle and bounds in days from day 0; Nones when the place is on another scale."""
    if place is None or origin is None or place.root != origin.root:
        return None, None, None
    if place == origin:
        return 0.0, 0.0, 0.0
    low, high = place.low - origin.high, place.high - origin.low
    return (low + high) / 2, low, high
